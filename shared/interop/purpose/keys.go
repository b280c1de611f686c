package purpose

import (
	"fmt"

	"ciclo/shared/interop"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/names"
	"ciclo/shared/platform/table"
)

// purpose        PURPOSE#<id>                          PURPOSE
// version        PURPOSE#<id>                          VERSION#<version>            that is not shown with the purpose any more
// risk analysis  PURPOSE#<id>                          FORM
// history        PURPOSE#<id>                          HISTORY#<change>#<n>
// title in use   PURPOSES#OF#<consumer>#<eservice>     TITLE#<hash>                 until the purpose is archived
// of an agreement PURPOSES#OF#<consumer>#<eservice>    ENTRY#<id>
// list entry     PURPOSES#CONSUMER#<consumer>          <state>#<eservice>#<id>
// list entry     PURPOSES#PRODUCER#<producer>          <state>#<eservice>#<id>      unless a draft
// list entry     PURPOSES#BETWEEN#<producer>#<consumer> <state>#<eservice>#<id>     unless a draft
// load in all    LOAD#<eservice>                       LOAD
// of a consumer  LOAD#<eservice>#<consumer>            LOAD
const (
	purposeSK     = "PURPOSE" // sorts between the history and the versions
	versionPrefix = "VERSION#"
	formSK        = "FORM"
	historyPrefix = "HISTORY#"
	titlePrefix   = "TITLE#"
	entryPrefix   = "ENTRY#"
	loadSK        = "LOAD"

	last = "\uffff" // sorts after every key
)

func purposePK(id string) string { return "PURPOSE#" + id }

// Key returns the key of a purpose.
func Key(id string) table.Key { return interop.Key(purposePK(id), purposeSK) }

func versionKey(id, versionID string) table.Key {
	return interop.Key(purposePK(id), versionPrefix+versionID)
}

func formKey(id string) table.Key { return interop.Key(purposePK(id), formSK) }

func historyKey(id string, change int64, n int) table.Key {
	return interop.Key(purposePK(id), fmt.Sprintf("%s%010d#%d", historyPrefix, change, n))
}

func relationPK(consumerID, eserviceID string) string {
	return "PURPOSES#OF#" + consumerID + "#" + eserviceID
}

// titleKeys returns the keys that a purpose claims so that its title is unique for the
// consumer on the e-service: those of [names.Claims]. A purpose whose title was written by
// an earlier release has claimed it in lower case only.
func titleKeys(p *purpose) []table.Key {
	texts := []string{names.Earlier(p.Title)}
	if p.Folded {
		texts = names.Claims(p.Title)
	}
	var all []table.Key
	for _, text := range texts {
		all = append(all, interop.Key(relationPK(p.ConsumerID, p.EServiceID), titlePrefix+interop.Hash(text)))
	}
	return all
}

func relatedKey(p *purpose) table.Key {
	return interop.Key(relationPK(p.ConsumerID, p.EServiceID), entryPrefix+p.ID)
}

func consumerPK(id string) string { return "PURPOSES#CONSUMER#" + id }
func producerPK(id string) string { return "PURPOSES#PRODUCER#" + id }
func betweenPK(producerID, consumerID string) string {
	return "PURPOSES#BETWEEN#" + producerID + "#" + consumerID
}
func totalKey(eserviceID string) table.Key { return interop.Key("LOAD#"+eserviceID, loadSK) }
func loadKey(eserviceID, consumerID string) table.Key {
	return interop.Key("LOAD#"+eserviceID+"#"+consumerID, loadSK)
}

func listedPrefix(state lifecycle.State, eserviceID string) string {
	return string(state) + "#" + eserviceID + "#"
}

// derived returns the items that follow from a purpose: its entries in lists and the claims
// of its title; none for no purpose.
func (p *purpose) derived() map[table.Key]entry {
	all := map[table.Key]entry{}
	if p == nil {
		return all
	}
	e := entry{ID: p.ID, Title: p.Title, EServiceID: p.EServiceID, ConsumerID: p.ConsumerID}
	if p.isDraft() {
		e.State = Draft // so that only the consumer sees it
	}
	all[relatedKey(p)] = e
	if !p.isArchived() {
		for _, key := range titleKeys(p) {
			all[key] = entry{ID: p.ID}
		}
	}
	for _, state := range p.listedStates() {
		partitions := []string{consumerPK(p.ConsumerID)}
		if !p.isDraft() {
			partitions = append(partitions, producerPK(p.ProducerID), betweenPK(p.ProducerID, p.ConsumerID))
		}
		e.State = state
		e.Load = 0
		if state == Active {
			e.Load = p.load()
		}
		for _, pk := range partitions {
			all[interop.Key(pk, listedPrefix(state, p.EServiceID)+p.ID)] = e
		}
	}
	return all
}
