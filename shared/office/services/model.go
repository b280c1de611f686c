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
	Visibility string `json:"visibility"` // in lists
	LastUpdate string `json:"last_update"`
	Name       string `json:"name"`
}

// Chip returns the state as the list shows it.
func (s service) Chip() office.Chip { return states[s.Status.Value] }

// Seen returns the visibility as the list shows it.
func (s service) Seen() office.Chip { return visibilities[s.Visibility] }

// states has the published names of the states.
var states = map[string]office.Chip{
	"draft":     {Text: office.T("In bozza", "Draft")},
	"submitted": {Text: office.T("In revisione", "In review"), Tone: "info"},
	"rejected":  {Text: office.T("Modifiche richieste", "Changes requested"), Tone: "warning"},
	"approved":  {Text: office.T("Attivo", "Active"), Tone: "success"},
	"deleted":   {Text: office.T("Cancellato", "Deleted"), Tone: "danger"},
}

// visibilities has the names of the states of a publication.
var visibilities = map[string]office.Chip{
	"published":   {Text: office.T("Pubblicato", "Published"), Tone: "success"},
	"unpublished": {Text: office.T("Nascosto", "Hidden"), Tone: "warning"},
	"":            {Text: office.T("Mai pubblicato", "Never published")},
}

// allowed is what a service allows the visitor.
type allowed struct {
	State          string   `json:"state"`
	Visibility     string   `json:"visibility"`
	Waiting        bool     `json:"waiting"`
	AllowedActions []string `json:"allowedActions"`
}

// check is the outcome that a request for publication would have.
type check struct {
	Valid    bool      `json:"valid"`
	Findings []finding `json:"findings"`
	Outcome  string    `json:"outcome"`
}

// finding is one field that keeps a service from being approved.
type finding struct {
	Field  string `json:"field"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// keys are the keys of a service.
type keys struct {
	Primary   string `json:"primary_key"`
	Secondary string `json:"secondary_key"`
}

// servicePath returns the path of a service in the API, and below it.
func servicePath(id, below string) string { return base + "/services/" + segment(id) + below }

// pagePath returns the path of a service's page, and below it.
func pagePath(id, below string) string { return "/services/" + segment(id) + below }
