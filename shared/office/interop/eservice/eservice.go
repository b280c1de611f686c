// Package eservice has the pages on e-services: the catalogue, the organization's own, their
// descriptors with thresholds and load, and the attributes that they require.
package eservice

import (
	"embed"
	"net/http"
	"net/url"
	"slices"

	"ciclo/shared/office"
	"ciclo/shared/office/interop/m2m"
)

//go:embed html/*.html
var files embed.FS

// Wing returns the pages with their entry of the menu.
func Wing() office.Wing {
	return office.Wing{
		Product: m2m.Product, Files: files, Pages: pages(),
		Menu: []office.Entry{{Text: office.T("E-service", "E-services"), Path: "/eservices", Area: office.Interop}},
	}
}

// makePage makes a page for members of organizations.
type makePage func(method, path string, serve func(*office.Visit) (*office.View, error)) office.Page

// pages are the pages on the catalogue, and on e-services and their descriptors.
func pages() []office.Page {
	const one, version = "/eservices/{eserviceId}", "/eservices/{eserviceId}/descriptors/{descriptorId}"
	page := func(method, path string, serve func(*office.Visit) (*office.View, error)) office.Page {
		return office.Page{Method: method, Path: path, Area: office.Interop, Serve: serve}
	}
	return slices.Concat([]office.Page{
		page(http.MethodGet, "/eservices", showCatalogue),
		page(http.MethodGet, "/eservices/mine", showOwn),
		page(http.MethodGet, "/eservices/new", showNew),
		page(http.MethodPost, "/eservices/new", create),
		page(http.MethodGet, one, show),
		page(http.MethodGet, one+"/edit", showEdit),
		page(http.MethodPost, one+"/edit/{part}", change),
		page(http.MethodPost, one+"/delete", deleteOne),
		page(http.MethodGet, one+"/descriptors/new", newDescriptor),
		page(http.MethodPost, one+"/descriptors/new", createDescriptor),
		page(http.MethodGet, version, showDescriptor),
		page(http.MethodPost, version+"/{action}", actOnDescriptor),
		page(http.MethodGet, version+"/edit", editDescriptor),
		page(http.MethodPost, version+"/edit", changeDescriptor),
		page(http.MethodGet, version+"/quotas", editQuotas),
		page(http.MethodPost, version+"/quotas", changeQuotas),
	}, requirementPages(page, version))
}

// eservice is what the pages show of an e-service (PDND, EService).
type eservice struct {
	ID                    string `json:"id"`
	ProducerID            string `json:"producerId"`
	Name                  string `json:"name"`
	Description           string `json:"description"`
	Technology            string `json:"technology"`
	Mode                  string `json:"mode"`
	SignalHub             bool   `json:"isSignalHubEnabled"`
	ConsumerDelegable     bool   `json:"isConsumerDelegable"`
	ClientAccessDelegable bool   `json:"isClientAccessDelegable"`
	PersonalData          *bool  `json:"personalData"`
	AsyncExchange         *bool  `json:"asyncExchange"`
	Latest                *struct {
		ID      string `json:"id"`
		Version string `json:"version"`
		State   string `json:"state"`
	} `json:"latestDescriptor"`
}

// State returns the state of the newest descriptor, without drafts where others exist.
func (e *eservice) State() string {
	if e.Latest == nil {
		return "DRAFT"
	}
	return e.Latest.State
}

// Chip returns the state as lists show it.
func (e *eservice) Chip() office.Chip { return descriptorStates[e.State()] }

// ModeText returns who delivers the data.
func (e *eservice) ModeText() office.Text { return modes[e.Mode] }

// PersonalDataText says whether the e-service deals with personal data.
func (e *eservice) PersonalDataText() office.Text { return optionalFlagText(e.PersonalData) }

// AsyncText says whether the e-service answers later.
func (e *eservice) AsyncText() office.Text { return optionalFlagText(e.AsyncExchange) }

var modes = map[string]office.Text{
	"DELIVER": office.T("L’erogatore fornisce i dati", "The producer delivers data"),
	"RECEIVE": office.T("L’erogatore riceve i dati", "The producer receives data"),
}

func flagText(flag bool) office.Text {
	if flag {
		return office.T("Sì", "Yes")
	}
	return office.T("No", "No")
}

func optionalFlagText(flag *bool) office.Text {
	if flag == nil {
		return office.T("Non indicato", "Not stated")
	}
	return flagText(*flag)
}

// descriptor is what the pages show of a descriptor (PDND, EServiceDescriptor).
type descriptor struct {
	ID                    string   `json:"id"`
	Version               string   `json:"version"`
	Description           string   `json:"description"`
	Audience              []string `json:"audience"`
	VoucherLifespan       int64    `json:"voucherLifespan"`
	DailyCallsPerConsumer int64    `json:"dailyCallsPerConsumer"`
	DailyCallsTotal       int64    `json:"dailyCallsTotal"`
	State                 string   `json:"state"`
	ApprovalPolicy        string   `json:"agreementApprovalPolicy"`
	PublishedAt           string   `json:"publishedAt"`
	SuspendedAt           string   `json:"suspendedAt"`
	DeprecatedAt          string   `json:"deprecatedAt"`
	ArchivedAt            string   `json:"archivedAt"`
}

// Chip returns the state as pages show it.
func (d *descriptor) Chip() office.Chip { return descriptorStates[d.State] }

// Policy returns how requests to use it are decided.
func (d *descriptor) Policy() office.Text { return approvalPolicies[d.ApprovalPolicy] }

var descriptorStates = map[string]office.Chip{
	"DRAFT":      {Text: office.T("In bozza", "Draft")},
	"PUBLISHED":  {Text: office.T("Attivo", "Active"), Tone: "success"},
	"SUSPENDED":  {Text: office.T("Sospeso", "Suspended"), Tone: "danger"},
	"DEPRECATED": {Text: office.T("Deprecato", "Deprecated"), Tone: "warning"},
	"ARCHIVED":   {Text: office.T("Archiviato", "Archived"), Tone: "info"},
}

var approvalPolicies = map[string]office.Text{
	"AUTOMATIC": office.T("Automatica", "Automatic"),
	"MANUAL":    office.T("Manuale: l’erogatore decide su ogni richiesta", "Manual: the producer decides on each request"),
}

// actionsOn returns the actions that the API allows on the thing at a path.
func actionsOn(v *office.Visit, path string) (map[string]bool, error) {
	var answer struct {
		AllowedActions []string `json:"allowedActions"`
	}
	if err := v.API(m2m.Product).Get(path+"/allowedActions", nil, &answer); err != nil {
		return nil, err
	}
	allowed := map[string]bool{}
	for _, action := range answer.AllowedActions {
		allowed[action] = true
	}
	return allowed, nil
}

func pathOf(v *office.Visit) string {
	return "/eservices/" + url.PathEscape(v.Path("eserviceId"))
}

func descriptorPath(v *office.Visit) string {
	return pathOf(v) + "/descriptors/" + url.PathEscape(v.Path("descriptorId"))
}

// crumbs are the pages above those of an e-service.
func crumbs(e *eservice, more ...office.Crumb) []office.Crumb {
	crumbs := []office.Crumb{{Text: office.T("E-service", "E-services"), Path: "/eservices"}}
	if e != nil {
		crumbs = append(crumbs, office.Crumb{Text: office.Same(e.Name), Path: "/eservices/" + e.ID})
	}
	return append(crumbs, more...)
}

// versionText returns how pages call a descriptor.
func versionText(d *descriptor) office.Text {
	return office.T("Versione "+d.Version, "Version "+d.Version)
}
