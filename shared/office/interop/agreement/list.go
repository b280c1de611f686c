package agreement

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"ciclo/shared/office"
	"ciclo/shared/office/interop/m2m"
)

const (
	perPage       = 25 // unless the query has a limit
	maxPerPage    = 50 // that the API answers
	firstToDecide = 10 // requests to decide that are above the list
)

// The filters of the list, which are those of the API.
var filterNames = []string{"states", "consumerIds", "producerIds", "eserviceIds", "descriptorIds"}

// row is an agreement with the names of what it is about.
type row struct {
	agreement
	EService, Consumer, Producer string
}

// listing is what the list shows.
type listing struct {
	Rows     []row
	ToDecide []row // the requests that wait longest for this producer
	Waiting  int64 // how many wait for it
	List     *office.List
	Views    []tab
	Filters  []*office.Field
	Filtered bool
}

// tab is a link to a part of the list.
type tab struct {
	Text    office.Text
	Query   string // of the list
	Href    string
	Current bool
}

// list shows the agreements that match the filters of the query, which are called as
// those of the API.
func list(v *office.Visit) (*office.View, error) {
	limit := int64(perPage)
	if n, err := strconv.ParseInt(v.Query("limit"), 10, 64); err == nil && n > 0 {
		limit = min(n, maxPerPage)
	}
	data := &listing{List: v.List(limit)}
	view := &office.View{Template: "agreement-list.html", Title: office.T("Richieste di fruizione", "Agreements"), Data: data}
	selected := selectedFilters(v)
	data.Filtered = len(selected) > 0
	query := data.List.Range()
	for name, values := range selected {
		query[name] = []string{strings.Join(values, ",")}
	}
	var found, waiting answer
	err := v.API(m2m.Product).Get(listPath, query, &found)
	if refusal, refused := office.Refused(err); refused && refusal.Status == http.StatusBadRequest {
		view.Refusal, view.Status = refusal, refusal.Status
	} else if err != nil {
		return nil, err
	}
	known, err := readAround(v, !data.Filtered && data.List.Offset == 0, &waiting)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(waiting.Results, func(a, b agreement) int { return strings.Compare(a.LastChange(), b.LastChange()) })
	data.Waiting = waiting.Pagination.TotalCount
	waiting.Results = waiting.Results[:min(firstToDecide, len(waiting.Results))]
	if err := known.add(v, selected, found.Results, waiting.Results); err != nil {
		return nil, err
	}
	data.Rows, data.ToDecide = known.rows(found.Results), known.rows(waiting.Results)
	data.List.Total = found.Pagination.TotalCount
	office.SortBy(data.List, data.Rows, map[string]func(row) string{
		"eservice": func(r row) string { return r.EService },
		"consumer": func(r row) string { return r.Consumer },
		"producer": func(r row) string { return r.Producer },
		"state":    func(r row) string { return v.Tr(stateChip(r.State).Text) },
		"last":     func(r row) string { return r.LastChange() },
	})
	data.Views, data.Filters = tabs(v, selected), known.fields(v, selected)
	return view, nil
}

// selectedFilters returns the values of the filters in the query, without blank ones. Several
// values are separated by commas, or repeated.
func selectedFilters(v *office.Visit) map[string][]string {
	selected := map[string][]string{}
	for _, name := range filterNames {
		for _, value := range v.Request.URL.Query()[name] {
			for one := range strings.SplitSeq(value, ",") {
				if one = strings.TrimSpace(one); one != "" {
					selected[name] = append(selected[name], one)
				}
			}
		}
	}
	return selected
}

// tabs returns the parts of the list that are asked for most.
func tabs(v *office.Visit, selected map[string][]string) []tab {
	own := v.Session.Organization
	tabs := []tab{
		{Text: office.T("Tutte", "All")},
		{Text: office.T("Che hai chiesto", "That you asked for"), Query: url.Values{"consumerIds": {own}}.Encode()},
		{Text: office.T("Per i tuoi e-service", "For your e-services"), Query: url.Values{"producerIds": {own}}.Encode()},
		{Text: office.T("Da decidere", "To decide"), Query: url.Values{"producerIds": {own}, "states": {m2m.AgreementPending}}.Encode()},
	}
	here := url.Values{}
	for name, values := range selected {
		here.Set(name, strings.Join(values, ","))
	}
	for i := range tabs {
		tabs[i].Current = tabs[i].Query == here.Encode()
		tabs[i].Href = v.Link(listPath)
		if tabs[i].Query != "" {
			tabs[i].Href += "?" + tabs[i].Query
		}
	}
	return tabs
}

// around are the names that a list of agreements shows, and offers as filters.
type around struct {
	organizations, eservices map[string]string
}

// readAround reads the names of organizations and of the caller's e-services, as many as one
// call has, and the requests that wait for the caller, where the list shows them.
func readAround(v *office.Visit, decide bool, waiting *answer) (*around, error) {
	known := &around{}
	own := v.Session.Organization
	group := errgroup.Group{}
	group.Go(func() (err error) {
		known.organizations, err = m2m.NamesIn(v, "/tenants", url.Values{})
		return err
	})
	group.Go(func() (err error) {
		known.eservices, err = m2m.NamesIn(v, "/eservices", url.Values{"producerIds": {own}})
		return err
	})
	if decide {
		group.Go(func() error {
			query := url.Values{"states": {m2m.AgreementPending}, "producerIds": {own}, "offset": {"0"}, "limit": {strconv.Itoa(maxPerPage)}}
			return v.API(m2m.Product).Get(listPath, query, waiting)
		})
	}
	return known, group.Wait()
}

// add reads the names that are missing for the filters and the agreements.
func (n *around) add(v *office.Visit, selected map[string][]string, lists ...[]agreement) error {
	organizations := slices.Concat(selected["consumerIds"], selected["producerIds"], []string{v.Session.Organization})
	eservices := slices.Clone(selected["eserviceIds"])
	for _, list := range lists {
		for _, a := range list {
			organizations = append(organizations, a.ConsumerID, a.ProducerID)
			eservices = append(eservices, a.EServiceID)
		}
	}
	group := errgroup.Group{}
	group.Go(func() error { return m2m.AddNames(v, "/tenants", n.organizations, organizations) })
	group.Go(func() error { return m2m.AddNames(v, "/eservices", n.eservices, eservices) })
	return group.Wait()
}

func (n *around) rows(all []agreement) []row {
	rows := make([]row, len(all))
	for i, a := range all {
		rows[i] = row{
			agreement: a, EService: m2m.NameOr(n.eservices, a.EServiceID),
			Consumer: m2m.NameOr(n.organizations, a.ConsumerID), Producer: m2m.NameOr(n.organizations, a.ProducerID),
		}
	}
	return rows
}

// fields returns the controls of the filters.
func (n *around) fields(v *office.Visit, selected map[string][]string) []*office.Field {
	states := make([]office.Option, len(stateChips))
	for i, s := range stateChips {
		states[i] = office.Option{Value: s.State, Text: s.Chip.Text}
	}
	organizations := options(n.organizations, v.Session.Organization)
	all := []*office.Field{
		{Name: "states", Label: office.T("Stato", "State"), Options: states},
		{Name: "consumerIds", Label: office.T("Fruitore", "Consumer"), Options: organizations},
		{Name: "producerIds", Label: office.T("Erogatore", "Producer"), Options: organizations},
		{Name: "eserviceIds", Label: office.T("E-service", "E-service"), Options: options(n.eservices, "")},
	}
	for _, f := range all {
		f.Kind, f.Value = "select", strings.Join(selected[f.Name], ",")
		f.Options = append([]office.Option{{Text: office.T("Tutti", "All")}}, f.Options...)
		if slices.ContainsFunc(f.Options, func(o office.Option) bool { return o.Value == f.Value }) {
			continue
		}
		var texts []office.Text
		for _, value := range selected[f.Name] {
			texts = append(texts, optionText(f.Options, value))
		}
		f.Options = append(f.Options, office.Option{Value: f.Value, Text: joined(texts)})
	}
	for _, name := range []string{"descriptorIds", "limit", "sort"} {
		if value := v.Query(name); value != "" {
			all = append(all, &office.Field{Name: name, Kind: "hidden", Value: value})
		}
	}
	return all
}

// options returns the names as choices, the caller's own first.
func options(names map[string]string, own string) []office.Option {
	var all []office.Option
	for id, name := range names {
		if id != own {
			all = append(all, office.Option{Value: id, Text: office.Same(name)})
		}
	}
	slices.SortFunc(all, func(a, b office.Option) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Text.IT), strings.ToLower(b.Text.IT)), strings.Compare(a.Value, b.Value))
	})
	if name := names[own]; name != "" {
		first := office.Option{Value: own, Text: office.T(name+" (la tua organizzazione)", name+" (your organization)")}
		all = slices.Insert(all, 0, first)
	}
	return all
}

// optionText returns the text of a choice; a value that is none is shown as it is.
func optionText(all []office.Option, value string) office.Text {
	for _, o := range all {
		if o.Value == value {
			return o.Text
		}
	}
	return office.Same(value)
}

func joined(all []office.Text) (text office.Text) {
	for i, t := range all {
		if i > 0 {
			text.IT, text.EN = text.IT+", ", text.EN+", "
		}
		text.IT, text.EN = text.IT+t.IT, text.EN+t.EN
	}
	return text
}
