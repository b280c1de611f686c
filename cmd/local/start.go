package main

import (
	"embed"
	"errors"
	"net/http"

	"ciclo/shared/office"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
)

//go:embed html/*.html
var startFiles embed.FS

// startPath is where the front office has the start page, to which / leads.
const startPath = "/start"

// startWing is the start page of the sandbox: what runs, as whom one can sign in, credentials
// and the clock.
func (s *sandbox) startWing() office.Wing {
	return office.Wing{
		Files: startFiles,
		Pages: []office.Page{
			{Method: http.MethodGet, Path: startPath, Serve: func(*office.Visit) (*office.View, error) {
				view, _ := s.startView(clockForm())
				return view, nil
			}},
			{Method: http.MethodPost, Path: startPath + "/credential", Serve: s.giveCredential},
			{Method: http.MethodPost, Path: startPath + "/clock", Serve: s.setClock},
		},
	}
}

// startData is what the start page shows.
type startData struct {
	Storage  string
	URL      string
	Now      string
	Products []string
	Persons  []office.Person
	Requests []request

	// The credential that was asked for, and whose it is.
	Credential string
	Header     string
	Of         office.Text

	Clock *office.Form
}

// startView is the start page, with the form of the clock as it was sent.
func (s *sandbox) startView(clock *office.Form) (*office.View, *startData) {
	data := &startData{Storage: s.store.name, URL: s.url, Now: table.Stamp(s.clock.now()), Requests: s.recent.latest(), Clock: clock}
	for _, p := range s.products {
		data.Products = append(data.Products, p.Name)
	}
	for _, p := range s.persons() {
		data.Persons = append(data.Persons, p.Person)
	}
	return &office.View{Template: "start.html", Title: office.T("La sandbox di Ciclo", "The Ciclo sandbox"), Data: data}, data
}

// clockForm is the form that moves the clock.
func clockForm() *office.Form {
	return &office.Form{
		Action: startPath + "/clock", Submit: office.T("Sposta l’orologio", "Move the clock"),
		Fields: []*office.Field{
			{
				Name: "advance", Label: office.T("Avanza di", "Advance by"),
				Help: office.T("Una durata, per esempio 90m o 2232h (93 giorni).", "A duration such as 90m or 2232h (93 days)."),
			},
			{
				Name: "now", Label: office.T("oppure porta a", "or set to"),
				Help: office.T("Un istante, per esempio 2026-11-21T10:00:00.000Z.", "An instant such as 2026-11-21T10:00:00.000Z."),
			},
		},
	}
}

// giveCredential shows a token or a key of a person.
func (s *sandbox) giveCredential(v *office.Visit) (*office.View, error) {
	view, data := s.startView(clockForm())
	for _, p := range s.persons() {
		if p.ID != v.Value("person") {
			continue
		}
		session, err := s.session(v.Context(), p)
		if err != nil {
			return nil, err
		}
		data.Of, data.Credential, data.Header = p.Name, "Bearer "+session.Token, "Authorization"
		if session.Key != "" {
			data.Credential, data.Header = session.Key, api.KeyHeader
		}
	}
	return view, nil
}

// setClock moves the clock of the sandbox.
func (s *sandbox) setClock(v *office.Visit) (*office.View, error) {
	form := clockForm()
	form.Read(v)
	mistake := s.moveTo(v.Context(), setting{Now: v.Value("now"), Advance: v.Value("advance")})
	if mistake == nil {
		return v.Redirect(startPath, office.T("L’orologio è stato spostato.", "The clock was moved.")), nil
	}
	form.Refuse(clockRefusal(v, mistake))
	view, _ := s.startView(form)
	view.Status, view.Refusal = http.StatusBadRequest, form.Refusal
	return view, nil
}

// clockRefusal says at the field that was filled in why the clock was not moved.
func clockRefusal(v *office.Visit, err error) *office.Refusal {
	refusal := &office.Refusal{
		Status: http.StatusBadRequest, CorrelationID: v.Correlation,
		Detail: v.Tr(office.T("L’orologio non è stato spostato.", "The clock was not moved.")),
	}
	switch {
	case errors.Is(err, errExpiring): // it was moved
		refusal.Detail = err.Error()
	case errors.Is(err, errWhichClock):
		refusal.Detail += " " + v.Tr(office.T("Compila uno dei due campi.", "Fill in one of the two fields."))
	case v.Value("now") != "":
		refusal.Fields = []office.FieldError{{Name: "now", Detail: err.Error()}}
	default:
		refusal.Fields = []office.FieldError{{Name: "advance", Detail: err.Error()}}
	}
	return refusal
}
