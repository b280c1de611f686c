package eservice

import (
	"net/url"

	"ciclo/shared/office"
	"ciclo/shared/office/interop/m2m"
)

// filterNames are the parameters of the catalogue's URL that the API takes as they are.
var filterNames = []string{"name", "technology", "mode", "isSignalHubEnabled", "isConsumerDelegable"}

// showCatalogue shows the e-services of all producers, by name.
func showCatalogue(v *office.Visit) (*office.View, error) {
	return listView(v, office.T("Catalogo degli e-service", "Catalogue of e-services"), false)
}

// showOwn shows the e-services of the organization, with its drafts.
func showOwn(v *office.Visit) (*office.View, error) {
	return listView(v, office.T("I miei e-service", "My e-services"), true)
}

// listView shows a page of a list of e-services.
func listView(v *office.Visit, title office.Text, own bool) (*office.View, error) {
	l := v.List(m2m.MaxPage)
	query := l.Range()
	for _, name := range filterNames {
		if value := v.Query(name); value != "" {
			query.Set(name, value)
		}
	}
	data := map[string]any{"Own": own, "List": l, "EServices": nil, "Names": map[string]string{}, "Producer": "", "Unknown": false}
	if own {
		query.Set("producerIds", v.Session.Organization)
	} else {
		producer, known, err := producerAsked(v)
		if err != nil {
			return nil, err
		}
		data["Producer"], data["Unknown"] = producer, !known
		if producer != "" {
			query.Set("producerIds", producer)
		}
	}
	shown := &office.View{Template: "eservice-list.html", Title: title, Data: data}
	data["Filters"] = filterFields(v, own)
	if data["Unknown"] == true {
		return shown, nil
	}
	var answer m2m.Page[*eservice]
	if err := v.API(m2m.Product).Get("/eservices", query, &answer); err != nil {
		return nil, err
	}
	l.Total = answer.Pagination.Total
	office.SortBy(l, answer.Results, map[string]func(*eservice) string{
		"name":       func(e *eservice) string { return e.Name },
		"technology": func(e *eservice) string { return e.Technology },
		"state":      func(e *eservice) string { return v.Tr(e.Chip().Text) },
	})
	data["EServices"] = answer.Results
	producers := []string{v.Query("producerId")}
	for _, e := range answer.Results {
		producers = append(producers, e.ProducerID)
	}
	names, err := m2m.Names(v, "/tenants", producers...)
	data["Names"] = names
	return shown, err
}

// producerAsked returns the id of the producer that the query names, by its id or by its code
// in a registry. known is false when there is no such producer.
func producerAsked(v *office.Visit) (id string, known bool, err error) {
	code := v.Query("producer")
	if code == "" {
		return v.Query("producerId"), true, nil
	}
	var found m2m.Page[struct {
		ID string `json:"id"`
	}]
	if err := v.API(m2m.Product).Get("/tenants", url.Values{"taxCode": {code}, "limit": {"1"}, "offset": {"0"}}, &found); err != nil {
		return "", false, err
	}
	if len(found.Results) == 0 {
		return "", false, nil
	}
	return found.Results[0].ID, true, nil
}

// filterFields are the filters of a list of e-services.
func filterFields(v *office.Visit, own bool) []*office.Field {
	anything := office.T("Qualsiasi", "Any")
	fields := []*office.Field{
		{Name: "name", Kind: "search", Label: office.T("Nome", "Name")},
		{Name: "producer", Label: office.T("Erogatore (codice fiscale o IPA)", "Producer (tax code or IPA code)")},
		{Name: "technology", Kind: "select", Label: office.T("Tecnologia", "Technology"), Options: optionsAfter(anything, technologyOptions)},
		{Name: "mode", Kind: "select", Label: office.T("Modalità", "Mode"), Options: optionsAfter(anything, modeOptions)},
		{Name: "isSignalHubEnabled", Kind: "select", Label: office.T("Signal hub", "Signal hub"), Options: optionsAfter(anything, flagOptions)},
		{
			Name: "isConsumerDelegable", Kind: "select", Label: office.T("Delega alla fruizione", "Consumer delegation"),
			Options: optionsAfter(anything, flagOptions),
		},
	}
	if own {
		fields = append(fields[:1], fields[2:]...)
	}
	for _, f := range fields {
		f.Value = v.Query(f.Name)
	}
	return fields
}

var (
	technologyOptions = []office.Option{{Value: "REST", Text: office.Same("REST")}, {Value: "SOAP", Text: office.Same("SOAP")}}
	modeOptions       = []office.Option{{Value: "DELIVER", Text: modes["DELIVER"]}, {Value: "RECEIVE", Text: modes["RECEIVE"]}}
	flagOptions       = []office.Option{{Value: "true", Text: flagText(true)}, {Value: "false", Text: flagText(false)}}
	policyOptions     = []office.Option{
		{Value: "AUTOMATIC", Text: office.T("Automatica: chi ha gli attributi richiesti ottiene subito l’uso",
			"Automatic: who has the required attributes may use it at once")},
		{Value: "MANUAL", Text: office.T("Manuale: decidi tu su ogni richiesta di fruizione", "Manual: you decide on each request")},
	}
)

// optionsAfter returns choices after one for none of them.
func optionsAfter(none office.Text, all []office.Option) []office.Option {
	return append([]office.Option{{Text: none}}, all...)
}
