// Package agreement has the pages on agreements, for consumers and for producers.
package agreement

import (
	"embed"
	"net/http"
	"net/url"

	"ciclo/shared/office"
	"ciclo/shared/office/interop/m2m"
)

//go:embed html/*.html
var files embed.FS

// Wing returns the pages with their entry of the menu.
func Wing() office.Wing {
	return office.Wing{
		Product: m2m.Product, Files: files, Pages: pages(),
		Menu: []office.Entry{{Text: office.T("Richieste di fruizione", "Agreements"), Path: listPath, Area: office.Interop}},
	}
}

// pages are the pages on agreements, for both of their sides.
func pages() []office.Page {
	return []office.Page{
		{Method: http.MethodGet, Path: listPath, Area: office.Interop, Serve: list},
		{Method: http.MethodGet, Path: listPath + "/new", Area: office.Interop, Serve: startDraft},
		{Method: http.MethodPost, Path: listPath + "/new", Area: office.Interop, Serve: create},
		{Method: http.MethodGet, Path: onePath, Area: office.Interop, Serve: show},
		{Method: http.MethodPost, Path: onePath + "/declare", Area: office.Interop, Serve: declareAttribute},
		{Method: http.MethodPost, Path: onePath + "/verify", Area: office.Interop, Serve: verifyAttribute},
		{Method: http.MethodPost, Path: onePath + "/{action}", Area: office.Interop, Serve: act},
	}
}

// The paths of the pages; those of the API are the same.
const (
	listPath = "/agreements"
	onePath  = listPath + "/{agreementId}"
)

// crumbs are the pages above that of an agreement.
var crumbs = []office.Crumb{{Text: office.T("Richieste di fruizione", "Agreements"), Path: listPath}}

// agreement is what the pages show of an agreement (PDND, Agreement).
type agreement struct {
	ID              string `json:"id"`
	EServiceID      string `json:"eserviceId"`
	DescriptorID    string `json:"descriptorId"`
	ProducerID      string `json:"producerId"`
	ConsumerID      string `json:"consumerId"`
	State           string `json:"state"`
	ByConsumer      bool   `json:"suspendedByConsumer"`
	ByProducer      bool   `json:"suspendedByProducer"`
	ByPlatform      bool   `json:"suspendedByPlatform"`
	Notes           string `json:"consumerNotes,omitempty"`
	RejectionReason string `json:"rejectionReason,omitempty"`
	CreatedAt       string `json:"createdAt"`
	UpdatedAt       string `json:"updatedAt,omitempty"`
	SuspendedAt     string `json:"suspendedAt,omitempty"`
}

// Link returns the path of its page.
func (a agreement) Link() string { return listPath + "/" + url.PathEscape(a.ID) }

// LastChange returns when it was changed last.
func (a agreement) LastChange() string {
	if a.UpdatedAt != "" {
		return a.UpdatedAt
	}
	return a.CreatedAt
}

// IsInUse reports whether it is in use, or is only interrupted.
func (a agreement) IsInUse() bool {
	return a.State == m2m.AgreementActive || a.State == m2m.AgreementSuspended
}

// IsRequest reports whether it is not yet in use.
func (a agreement) IsRequest() bool {
	return a.State == m2m.AgreementDraft || a.State == m2m.AgreementPending || a.State == m2m.AgreementMissing
}

// stateChips has the states as pages show them, in the order of a filter.
var stateChips = []struct {
	State string
	Chip  office.Chip
}{
	{m2m.AgreementPending, office.Chip{Text: office.T("In attesa di approvazione", "Waiting for approval"), Tone: "info"}},
	{m2m.AgreementActive, office.Chip{Text: office.T("Attivo", "Active"), Tone: "success"}},
	{m2m.AgreementSuspended, office.Chip{Text: office.T("Sospeso", "Suspended"), Tone: "warning"}},
	{m2m.AgreementDraft, office.Chip{Text: office.T("In bozza", "Draft")}},
	{m2m.AgreementMissing, office.Chip{Text: office.T("Attributi certificati mancanti", "Certified attributes missing"), Tone: "danger"}},
	{m2m.AgreementRejected, office.Chip{Text: office.T("Rifiutato", "Rejected"), Tone: "danger"}},
	{m2m.AgreementArchived, office.Chip{Text: office.T("Archiviato", "Archived")}},
}

// stateChip returns a state as pages show it. One that has no words is shown as it is.
func stateChip(state string) office.Chip {
	for _, s := range stateChips {
		if s.State == state {
			return s.Chip
		}
	}
	return office.Chip{Text: office.Same(state)}
}

// Chips returns the state, and who suspends the agreement.
func (a agreement) Chips() []office.Chip {
	all := []office.Chip{stateChip(a.State)}
	if !a.IsInUse() {
		return all
	}
	for _, s := range []struct {
		suspended bool
		text      office.Text
	}{
		{a.ByConsumer, office.T("dal fruitore", "by the consumer")},
		{a.ByProducer, office.T("dall’erogatore", "by the producer")},
		{a.ByPlatform, office.T("per attributi mancanti", "for missing attributes")},
	} {
		if s.suspended {
			all = append(all, office.Chip{Text: s.text, Tone: "warning"})
		}
	}
	return all
}

// answer is a page of agreements.
type answer struct {
	Results    []agreement `json:"results"`
	Pagination pagination  `json:"pagination"`
}

// pagination is which part of a list the API has answered.
type pagination struct {
	TotalCount int64 `json:"totalCount"`
}
