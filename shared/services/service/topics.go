package service

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Topic is a subject that a service may be about.
type Topic struct {
	ID   int    `json:"id" doc:"Identifier of the topic"`
	Name string `json:"name" doc:"Name of the topic"`
}

// topics lists the topics by id (App IO). A topic is never removed, so that services can
// still be read when their topic is retired; see RetiredTopicsSetting.
var topics = []Topic{
	{0, "Altro"},
	{1, "Ambiente e animali"},
	{2, "Attività produttive e commercio"},
	{3, "Benessere sociale"},
	{4, "Casa e utenze"},
	{5, "Cultura, tempo libero e sport"},
	{6, "Educazione e formazione"},
	{7, "Giustizia e legge"},
	{8, "Lavori edilizi, catasto e urbanistica"},
	{9, "Mobilità e trasporti"},
	{10, "Redditi, patrimoni e fisco"},
	{11, "Servizi anagrafici e civici"},
	{12, "Servizi elettorali"},
	{13, "Sicurezza e Protezione Civile"},
	{14, "Suolo, spazi e beni pubblici"},
	{15, "Viaggi e turismo"},
	{16, "Vita lavorativa"},
	{17, "Salute"},
}

// topic returns the topic with that id, nil for none.
func topic(id *int) *Topic {
	if id == nil || *id < 0 || *id >= len(topics) {
		return nil
	}
	return &topics[*id]
}

// parseTopics parses the value of a setting, ids separated by commas.
func parseTopics(setting, text string) ([]int, error) {
	var ids []int
	for word := range strings.SplitSeq(text, ",") {
		if word = strings.TrimSpace(word); word == "" {
			continue
		}
		id, err := strconv.Atoi(word)
		if err != nil || topic(&id) == nil {
			return nil, fmt.Errorf("%s must be ids of topics separated by commas", setting)
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// topics lists the topics that services may choose.
func (s *Store) topics() []Topic {
	return slices.DeleteFunc(slices.Clone(topics), func(t Topic) bool { return slices.Contains(s.retiredTopics, t.ID) })
}

// mayChooseTopic reports whether services may choose the topic with that id.
func (s *Store) mayChooseTopic(id float64) bool {
	whole := int(id)
	return float64(whole) == id && topic(&whole) != nil && !slices.Contains(s.retiredTopics, whole)
}
