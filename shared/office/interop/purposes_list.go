package interop

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"ciclo/shared/office"
)

const (
	// purposePageSize is how many purposes a page of the list has.
	purposePageSize = 25
	// purposeMost is the most entries that a list of the API answers with.
	purposeMost = 50
)

// The sides of a purpose, in the filter of the list.
const (
	purposeAsConsumer = "consumer"
	purposeAsProducer = "producer"
)

// purposePagination is what the API says about the page of a list.
type purposePagination struct {
	Total int64 `json:"totalCount"`
}

// purposeAnswer is a page of a list of the API.
type purposeAnswer[T any] struct {
	Results    []T               `json:"results"`
	Pagination purposePagination `json:"pagination"`
}

// purposeList is the page with the list of purposes.
type purposeList struct {
	*purposeNames

	Filters   *office.Form
	Filtered  bool
	Pending   []purpose // that wait for the caller as their producer; with a filter they are in the list alone
	Waiting   int64     // how many those are
	Truncated bool      // whether the producer has more e-services than a filter takes
	Purposes  []purpose
	List      *office.List
	Own       string // the caller's organization
}

// Shown returns how many of the purposes that wait are shown.
func (l *purposeList) Shown() int64 { return int64(len(l.Pending)) }

// listPurposes shows the purposes of the caller as consumer and as producer.
func listPurposes(v *office.Visit) (*office.View, error) {
	var offered purposeAnswer[purposeEService] // by the caller
	own := url.Values{"producerIds": {v.Session.Organization}, "offset": {"0"}, "limit": {fmt.Sprint(purposeMost)}}
	if err := v.API(product).Get("/eservices", own, &offered); err != nil {
		return nil, err
	}
	page := &purposeList{
		purposeNames: newPurposeNames(v, offered.Results...), Own: v.Session.Organization, List: v.List(purposePageSize),
		Truncated: offered.Pagination.Total > purposeMost && v.Query("side") != purposeAsConsumer && v.Query("eserviceId") == "",
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
func (l *purposeList) read(v *office.Visit, offered []purposeEService) error {
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
	case side == purposeAsConsumer:
		query.Set("consumerIds", l.Own)
	case side == purposeAsProducer && query.Get("eserviceIds") == "":
		query.Set("eserviceIds", strings.Join(ids, ","))
	case side == purposeAsProducer && !slices.Contains(ids, query.Get("eserviceIds")):
		ids = nil // the e-service is another producer's
	}
	if side != purposeAsProducer || len(ids) > 0 {
		var answer purposeAnswer[purpose]
		if err := v.API(product).Get("/purposes", query, &answer); err != nil {
			return err
		}
		l.Purposes, l.List.Total = answer.Results, answer.Pagination.Total
	}
	if len(ids) == 0 || side == purposeAsConsumer || v.Query("state") != "" || v.Query("title") != "" || l.List.Offset > 0 {
		return nil
	}
	waiting := url.Values{
		"states": {purposeWaiting}, "eserviceIds": {strings.Join(ids, ",")}, "offset": {"0"}, "limit": {fmt.Sprint(purposeMost)},
	}
	if one := v.Query("eserviceId"); one != "" {
		if !slices.Contains(ids, one) {
			return nil
		}
		waiting.Set("eserviceIds", one)
	}
	var answer purposeAnswer[purpose]
	if err := v.API(product).Get("/purposes", waiting, &answer); err != nil {
		return err
	}
	l.Pending, l.Waiting = answer.Results, answer.Pagination.Total
	slices.SortFunc(l.Pending, func(a, b purpose) int { return strings.Compare(a.Waiting.CreatedAt, b.Waiting.CreatedAt) })
	return nil
}

// sort sorts the list by the column that was asked for.
func (l *purposeList) sort(v *office.Visit) {
	office.SortBy(l.List, l.Purposes, map[string]func(purpose) string{
		"title":    func(p purpose) string { return p.Title },
		"eservice": func(p purpose) string { return l.EService(p.EServiceID) },
		"consumer": func(p purpose) string { return l.Tenant(p.ConsumerID) },
		"calls":    func(p purpose) string { return fmt.Sprintf("%012d", p.Calls()) },
		"state": func(p purpose) string {
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
func (l *purposeList) filters(v *office.Visit, offered []purposeEService) *office.Form {
	states := []office.Option{{Text: office.T("Tutti", "All")}}
	for _, s := range purposeStates {
		states = append(states, office.Option{Value: s, Text: purposeChips[s].Text})
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
			{Value: purposeAsConsumer, Text: office.T("Fruitore", "Consumer")},
			{Value: purposeAsProducer, Text: office.T("Erogatore", "Producer")},
		}},
		{Name: "eserviceId", Kind: "select", Label: office.Same("E-service"), Options: eservices, Value: v.Query("eserviceId")},
	}}
}
