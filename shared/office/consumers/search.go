package consumers

import (
	"net/http"
	"strings"

	"ciclo/shared/office"
)

// search leads to the consumer or card with the id that was typed.
func search(v *office.Visit) (*office.View, error) {
	d := at(v)
	form := searchForm(d)
	for _, f := range form.Fields {
		if typed := strings.TrimSpace(v.Query(f.Name)); typed != "" {
			f.Value = typed
		}
	}
	shown := &office.View{
		Template: "consumer-search.html", Title: office.T("Consumatori", "Consumers"),
		Data: map[string]any{"Desk": d, "Form": form},
	}
	id := form.Field("id")
	if id.Value == "" {
		return shown, nil
	}
	to, err := find(d, form.Field("by").Value, id.Value)
	if err == nil {
		return v.Redirect(to, office.Text{}), nil
	}
	refusal, refused := office.Refused(err)
	if !refused || refusal.Status != http.StatusNotFound && refusal.Status != http.StatusBadRequest {
		return nil, err
	}
	shown.Status = refusal.Status
	id.Error = v.Tr(office.T("Non c’è niente con questo codice per l’emittente.", "The issuer has nothing with this id."))
	if refusal.Status == http.StatusBadRequest {
		id.Error = v.Tr(office.T("Un codice ha solo lettere, cifre, trattini e sottolineature, al massimo 64 (48 per una carta).",
			"An id has letters, digits, hyphens and underscores only, 64 at most (48 for a card)."))
	}
	return shown, nil
}

func searchForm(d desk) *office.Form {
	form := &office.Form{Fields: []*office.Field{
		{
			Name: "by", Kind: "select", Label: office.T("Cerca per", "Search by"), Value: "consumer",
			Options: []office.Option{
				{Value: "consumer", Text: office.T("Codice del consumatore", "Id of the consumer")},
				{Value: "card", Text: office.T("Codice della carta", "Id of the card")},
			},
		},
		{Name: "id", Label: office.T("Codice", "Id"), Required: true, Mono: true, Complete: "off"},
	}}
	if all := d.Issuers(); all != nil {
		field := &office.Field{Name: queryIssuer, Kind: "select", Label: office.T("Emittente", "Issuer"), Value: d.Issuer}
		for _, issuer := range all {
			field.Options = append(field.Options, office.Option{Value: issuer, Text: office.Same(issuer)})
		}
		form.Fields = append([]*office.Field{field}, form.Fields...)
	}
	return form
}

// find returns the path of the page of a card or a consumer.
func find(d desk, by, id string) (path string, err error) {
	if by == "card" {
		return d.path("cards", id), d.get(nil, "cards", id)
	}
	_, _, err = read(d, id)
	return d.path("consumers", id), err
}
