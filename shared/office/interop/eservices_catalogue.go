package interop

import (
	"net/url"

	"ciclo/shared/office"
)

// catalogueFilters are the parameters of the catalogue's URL that the API takes as they are.
var catalogueFilters = []string{"name", "technology", "mode", "isSignalHubEnabled", "isConsumerDelegable"}

// catalogue shows the e-services of all producers, by name.
func catalogue(v *office.Visit) (*office.View, error) {
	return listEServices(v, office.T("Catalogo degli e-service", "Catalogue of e-services"), false)
}

// ownEServices shows the e-services of the organization, with its drafts.
func ownEServices(v *office.Visit) (*office.View, error) {
	return listEServices(v, office.T("I miei e-service", "My e-services"), true)
}

// listEServices shows a page of a list of e-services.
func listEServices(v *office.Visit, title office.Text, own bool) (*office.View, error) {
	l := v.List(catalogueLimit)
	query := l.Range()
	for _, name := range catalogueFilters {
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
	data["Filters"] = catalogueFields(v, own)
	if data["Unknown"] == true {
		return shown, nil
	}
	var answer cataloguePage[*catalogueEService]
	if err := v.API(product).Get("/eservices", query, &answer); err != nil {
		return nil, err
	}
	l.Total = answer.Pagination.Total
	office.SortBy(l, answer.Results, map[string]func(*catalogueEService) string{
		"name":       func(e *catalogueEService) string { return e.Name },
		"technology": func(e *catalogueEService) string { return e.Technology },
		"state":      func(e *catalogueEService) string { return v.Tr(e.Chip().Text) },
	})
	data["EServices"] = answer.Results
	producers := []string{v.Query("producerId")}
	for _, e := range answer.Results {
		producers = append(producers, e.ProducerID)
	}
	names, err := namesOf(v, "/tenants", producers...)
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
	var found cataloguePage[struct {
		ID string `json:"id"`
	}]
	if err := v.API(product).Get("/tenants", url.Values{"taxCode": {code}, "limit": {"1"}, "offset": {"0"}}, &found); err != nil {
		return "", false, err
	}
	if len(found.Results) == 0 {
		return "", false, nil
	}
	return found.Results[0].ID, true, nil
}

// catalogueFields are the filters of a list of e-services.
func catalogueFields(v *office.Visit, own bool) []*office.Field {
	anything := office.T("Qualsiasi", "Any")
	fields := []*office.Field{
		{Name: "name", Kind: "search", Label: office.T("Nome", "Name")},
		{Name: "producer", Label: office.T("Erogatore (codice fiscale o IPA)", "Producer (tax code or IPA code)")},
		{Name: "technology", Kind: "select", Label: office.T("Tecnologia", "Technology"), Options: optionsAfter(anything, technologyOptions)},
		{Name: "mode", Kind: "select", Label: office.T("Modalità", "Mode"), Options: optionsAfter(anything, modeOptions)},
		{Name: "isSignalHubEnabled", Kind: "select", Label: office.T("Signal hub", "Signal hub"), Options: optionsAfter(anything, flagOptions)},
		{Name: "isConsumerDelegable", Kind: "select", Label: office.T("Delega alla fruizione", "Consumer delegation"),
			Options: optionsAfter(anything, flagOptions)},
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
	modeOptions       = []office.Option{{Value: "DELIVER", Text: eserviceModes["DELIVER"]}, {Value: "RECEIVE", Text: eserviceModes["RECEIVE"]}}
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
