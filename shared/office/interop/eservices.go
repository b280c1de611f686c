package interop

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"ciclo/shared/office"
)

// cataloguePath makes a page for members of organizations.
type cataloguePath func(method, path string, serve func(*office.Visit) (*office.View, error)) office.Page

// eservicePages are the pages on the catalogue, on e-services and their descriptors, and on
// attributes.
func eservicePages() []office.Page {
	const one, version = "/eservices/{eserviceId}", "/eservices/{eserviceId}/descriptors/{descriptorId}"
	page := func(method, path string, serve func(*office.Visit) (*office.View, error)) office.Page {
		return office.Page{Method: method, Path: path, Area: office.Interop, Serve: serve}
	}
	return slices.Concat([]office.Page{
		page(http.MethodGet, "/eservices", catalogue),
		page(http.MethodGet, "/eservices/mine", ownEServices),
		page(http.MethodGet, "/eservices/new", newEService),
		page(http.MethodPost, "/eservices/new", createEService),
		page(http.MethodGet, one, showEService),
		page(http.MethodGet, one+"/edit", editEService),
		page(http.MethodPost, one+"/edit/{part}", changeEService),
		page(http.MethodPost, one+"/delete", deleteEService),
		page(http.MethodGet, one+"/descriptors/new", newDescriptor),
		page(http.MethodPost, one+"/descriptors/new", createDescriptor),
		page(http.MethodGet, version, showDescriptor),
		page(http.MethodPost, version+"/{action}", actOnDescriptor),
		page(http.MethodGet, version+"/edit", editDescriptor),
		page(http.MethodPost, version+"/edit", changeDescriptor),
		page(http.MethodGet, version+"/quotas", editQuotas),
		page(http.MethodPost, version+"/quotas", changeQuotas),
	}, requirementPages(page, version), attributePages(page))
}

// catalogueEService is what the pages show of an e-service (PDND, EService).
type catalogueEService struct {
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
func (e *catalogueEService) State() string {
	if e.Latest == nil {
		return "DRAFT"
	}
	return e.Latest.State
}

// Chip returns the state as lists show it.
func (e *catalogueEService) Chip() office.Chip { return descriptorStates[e.State()] }

// ModeText returns who delivers the data.
func (e *catalogueEService) ModeText() office.Text { return eserviceModes[e.Mode] }

// PersonalDataText says whether the e-service deals with personal data.
func (e *catalogueEService) PersonalDataText() office.Text { return optionalFlagText(e.PersonalData) }

// AsyncText says whether the e-service answers later.
func (e *catalogueEService) AsyncText() office.Text { return optionalFlagText(e.AsyncExchange) }

var eserviceModes = map[string]office.Text{
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

// catalogueDescriptor is what the pages show of a descriptor (PDND, EServiceDescriptor).
type catalogueDescriptor struct {
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
func (d *catalogueDescriptor) Chip() office.Chip { return descriptorStates[d.State] }

// Policy returns how requests to use it are decided.
func (d *catalogueDescriptor) Policy() office.Text { return approvalPolicies[d.ApprovalPolicy] }

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

// cataloguePage is a page of a list as the API answers it.
type cataloguePage[T any] struct {
	Results    []T `json:"results"`
	Pagination struct {
		Total int64 `json:"totalCount"`
	} `json:"pagination"`
}

// catalogueLimit is how many entries a page of a list has, the most of the API.
const catalogueLimit = 50

// catalogueAll returns all entries of a list that is short, as the API bounds it.
func catalogueAll[T any](v *office.Visit, path string) ([]T, error) {
	var all []T
	for {
		var next cataloguePage[T]
		query := url.Values{"offset": {strconv.Itoa(len(all))}, "limit": {strconv.Itoa(catalogueLimit)}}
		if err := v.API(product).Get(path, query, &next); err != nil {
			return nil, err
		}
		all = append(all, next.Results...)
		if len(next.Results) == 0 || int64(len(all)) >= next.Pagination.Total {
			return all, nil
		}
	}
}

// catalogueActions returns the actions that the API allows on the thing at a path.
func catalogueActions(v *office.Visit, path string) (map[string]bool, error) {
	var answer struct {
		AllowedActions []string `json:"allowedActions"`
	}
	if err := v.API(product).Get(path+"/allowedActions", nil, &answer); err != nil {
		return nil, err
	}
	allowed := map[string]bool{}
	for _, action := range answer.AllowedActions {
		allowed[action] = true
	}
	return allowed, nil
}

func eservicePath(v *office.Visit) string {
	return "/eservices/" + url.PathEscape(v.Path("eserviceId"))
}

func descriptorPath(v *office.Visit) string {
	return eservicePath(v) + "/descriptors/" + url.PathEscape(v.Path("descriptorId"))
}

// eserviceCrumbs are the pages above those of an e-service.
func eserviceCrumbs(e *catalogueEService, more ...office.Crumb) []office.Crumb {
	crumbs := []office.Crumb{{Text: office.T("E-service", "E-services"), Path: "/eservices"}}
	if e != nil {
		crumbs = append(crumbs, office.Crumb{Text: office.Same(e.Name), Path: "/eservices/" + e.ID})
	}
	return append(crumbs, more...)
}

// versionText returns how pages call a descriptor.
func versionText(d *catalogueDescriptor) office.Text {
	return office.T("Versione "+d.Version, "Version "+d.Version)
}
