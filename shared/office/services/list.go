package services

import (
	"ciclo/shared/office"
)

// service is what the pages show of a service (App IO, ServiceLifecycle).
type service struct {
	ID     string `json:"id"`
	Status struct {
		Value  string `json:"value"`
		Reason string `json:"reason"`
		Code   string `json:"code"`
	} `json:"status"`
	LastUpdate string `json:"last_update"`
	Name       string `json:"name"`
}

// Chip returns the state as the list shows it.
func (s service) Chip() office.Chip { return states[s.Status.Value] }

var states = map[string]office.Chip{
	"draft":     {Text: office.T("In bozza", "Draft")},
	"submitted": {Text: office.T("In revisione", "In review"), Tone: "info"},
	"rejected":  {Text: office.T("Modifiche richieste", "Changes requested"), Tone: "warning"},
	"approved":  {Text: office.T("Attivo", "Active"), Tone: "success"},
	"deleted":   {Text: office.T("Cancellato", "Deleted"), Tone: "danger"},
}

// pageSize is how many services a page of the list has.
const pageSize = 50

// list shows the services of the owner.
func list(v *office.Visit) (*office.View, error) {
	l := v.List(pageSize)
	var answer struct {
		Value      []service `json:"value"`
		Pagination struct {
			Count int64 `json:"count"`
			Total int64 `json:"total"`
		} `json:"pagination"`
	}
	if err := v.API(product).Get(base+"/services", l.Range(), &answer); err != nil {
		return nil, err
	}
	l.Total = answer.Pagination.Total
	office.SortBy(l, answer.Value, map[string]func(service) string{
		"name":  func(s service) string { return s.Name },
		"state": func(s service) string { return v.Tr(s.Chip().Text) },
		"last":  func(s service) string { return s.LastUpdate },
	})
	return &office.View{
		Template: "service-list.html", Title: office.T("Servizi", "Services"),
		Data: map[string]any{"Services": answer.Value, "List": l},
	}, nil
}
