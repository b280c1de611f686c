package purpose

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"ciclo/shared/office"
	"ciclo/shared/office/interop/m2m"
)

const (
	// pageSize is how many purposes a page of the list has.
	pageSize = 25
	// most is the most entries that a list of the API answers with.
	most = 50
)

// The sides of a purpose, in the filter of the list.
const (
	asConsumer = "consumer"
	asProducer = "producer"
)

// pagination is what the API says about the page of a list.
type pagination struct {
	Total int64 `json:"totalCount"`
}

// answer is a page of a list of the API.
type answer[T any] struct {
	Results    []T        `json:"results"`
	Pagination pagination `json:"pagination"`
}

// listing is the page with the list of purposes.
type listing struct {
	*names

	Filters   *office.Form
	Filtered  bool
	Pending   []m2m.Purpose // that wait for the caller as their producer; with a filter they are in the list alone
	Waiting   int64         // how many those are
	Truncated bool          // whether the producer has more e-services than a filter takes
	Purposes  []m2m.Purpose
	List      *office.List
	Own       string // the caller's organization
}

// Shown returns how many of the purposes that wait are shown.
func (l *listing) Shown() int64 { return int64(len(l.Pending)) }

// list shows the purposes of the caller as consumer and as producer.
func list(v *office.Visit) (*office.View, error) {
	var offered answer[eservice] // by the caller
	own := url.Values{"producerIds": {v.Session.Organization}, "offset": {"0"}, "limit": {fmt.Sprint(most)}}
	if err := v.API(m2m.Product).Get("/eservices", own, &offered); err != nil {
		return nil, err
	}
	page := &listing{
		names: newNames(v, offered.Results...), Own: v.Session.Organization, List: v.List(pageSize),
		Truncated: offered.Pagination.Total > most && v.Query("side") != asConsumer && v.Query("eserviceId") == "",
	}
	if err := page.read(v, offered.Results); err != nil {
		return nil, err
	}
	var eservices, tenants []string
	for _, p := range slices.Concat(page.Pending, page.Purposes) {
		eservices, tenants = append(eservices, p.EServiceID), append(tenants, p.ConsumerID)
	}
	if err := page.look(v, append(eservices, v.Query("eserviceId")), tenants); err != nil {
		return nil, err
	}
	page.Filters = page.filters(v, offered.Results)
	page.sort(v)
	return &office.View{Template: "purpose-list.html", Title: office.T("Finalità", "Purposes"), Data: page}, nil
}

// read reads the purposes of the page, and those that wait for the caller.
func (l *listing) read(v *office.Visit, offered []eservice) error {
	query := l.List.Range()
	for from, to := range map[string]string{"state": "states", "eserviceId": "eserviceIds", "title": "title"} {
		if value := v.Query(from); value != "" {
			query.Set(to, value)
			l.Filtered = true
		}
	}
	ids := make([]string, len(offered))
	for i, e := range offered {
		ids[i] = e.ID
	}
	side := v.Query("side")
	l.Filtered = l.Filtered || side != ""
	switch {
	case side == asConsumer:
		query.Set("consumerIds", l.Own)
	case side == asProducer && query.Get("eserviceIds") == "":
		query.Set("eserviceIds", strings.Join(ids, ","))
	case side == asProducer && !slices.Contains(ids, query.Get("eserviceIds")):
		ids = nil // the e-service is another producer's
	}
	if side != asProducer || len(ids) > 0 {
		var answer answer[m2m.Purpose]
		if err := v.API(m2m.Product).Get("/purposes", query, &answer); err != nil {
			return err
		}
		l.Purposes, l.List.Total = answer.Results, answer.Pagination.Total
	}
	if len(ids) == 0 || side == asConsumer || v.Query("state") != "" || v.Query("title") != "" || l.List.Offset > 0 {
		return nil
	}
	waiting := url.Values{
		"states": {m2m.PurposeWaiting}, "eserviceIds": {strings.Join(ids, ",")}, "offset": {"0"}, "limit": {fmt.Sprint(most)},
	}
	if one := v.Query("eserviceId"); one != "" {
		if !slices.Contains(ids, one) {
			return nil
		}
		waiting.Set("eserviceIds", one)
	}
	var answer answer[m2m.Purpose]
	if err := v.API(m2m.Product).Get("/purposes", waiting, &answer); err != nil {
		return err
	}
	l.Pending, l.Waiting = answer.Results, answer.Pagination.Total
	slices.SortFunc(l.Pending, func(a, b m2m.Purpose) int { return strings.Compare(a.Waiting.CreatedAt, b.Waiting.CreatedAt) })
	return nil
}

// sort sorts the list by the column that was asked for.
func (l *listing) sort(v *office.Visit) {
	office.SortBy(l.List, l.Purposes, map[string]func(m2m.Purpose) string{
		"title":    func(p m2m.Purpose) string { return p.Title },
		"eservice": func(p m2m.Purpose) string { return l.EService(p.EServiceID) },
		"consumer": func(p m2m.Purpose) string { return l.Tenant(p.ConsumerID) },
		"calls":    func(p m2m.Purpose) string { return fmt.Sprintf("%012d", p.Calls()) },
		"state": func(p m2m.Purpose) string {
			var words []string
			for _, c := range p.Chips() {
				words = append(words, v.Tr(c.Text))
			}
			return strings.Join(words, ", ")
		},
	})
}

// filters returns the filters of the list with their values. The e-services to choose from
// are the caller's own and those of the page.
func (l *listing) filters(v *office.Visit, offered []eservice) *office.Form {
	states := []office.Option{{Text: office.T("Tutti", "All")}}
	for _, s := range m2m.PurposeStates {
		states = append(states, office.Option{Value: s, Text: m2m.PurposeChips[s].Text})
	}
	ids := []string{v.Query("eserviceId")}
	for _, e := range offered {
		ids = append(ids, e.ID)
	}
	for i := range l.Purposes {
		ids = append(ids, l.Purposes[i].EServiceID)
	}
	slices.SortFunc(ids, func(a, b string) int {
		return strings.Compare(strings.ToLower(l.EService(a))+a, strings.ToLower(l.EService(b))+b)
	})
	eservices := []office.Option{{Text: office.T("Tutti", "All")}}
	for _, id := range slices.Compact(ids) {
		if id != "" {
			eservices = append(eservices, office.Option{Value: id, Text: office.Same(l.EService(id))})
		}
	}
	return &office.Form{Action: "/purposes", Submit: office.T("Filtra", "Filter"), Fields: []*office.Field{
		{Name: "title", Kind: "search", Label: office.T("Titolo", "Title"), Value: v.Query("title")},
		{Name: "state", Kind: "select", Label: office.T("Stato", "State"), Options: states, Value: v.Query("state")},
		{Name: "side", Kind: "select", Label: office.T("Il tuo ruolo", "Your role"), Value: v.Query("side"), Options: []office.Option{
			{Text: office.T("Fruitore o erogatore", "Consumer or producer")},
			{Value: asConsumer, Text: office.T("Fruitore", "Consumer")},
			{Value: asProducer, Text: office.T("Erogatore", "Producer")},
		}},
		{Name: "eserviceId", Kind: "select", Label: office.Same("E-service"), Options: eservices, Value: v.Query("eserviceId")},
	}}
}
