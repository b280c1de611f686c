package interop

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"ciclo/shared/office"
)

// purposePages are the pages on purposes.
func purposePages() []office.Page {
	get := func(path string, serve func(*office.Visit) (*office.View, error)) office.Page {
		return office.Page{Method: http.MethodGet, Path: path, Area: office.Interop, Serve: serve}
	}
	post := func(path string, serve func(*office.Visit) (*office.View, error)) office.Page {
		return office.Page{Method: http.MethodPost, Path: path, Area: office.Interop, Serve: serve}
	}
	return []office.Page{
		get("/purposes", listPurposes),
		get("/purposes/new", newPurpose),
		post("/purposes/new", createPurpose),
		get("/purposes/{purposeId}", showPurpose),
		post("/purposes/{purposeId}/actions/{action}", actOnPurpose),
		get("/purposes/{purposeId}/edit", editPurpose),
		post("/purposes/{purposeId}/edit", updatePurpose),
		get("/purposes/{purposeId}/estimate", estimatePurpose),
		post("/purposes/{purposeId}/estimate", sendPurposeEstimate),
		get("/purposes/{purposeId}/clone", askPurposeClone),
		post("/purposes/{purposeId}/clone", clonePurpose),
		get("/purposes/{purposeId}/clients", listPurposeClients),
	}
}

// The states of a purpose and of its versions (PDND, PurposeVersionState).
const (
	purposeDraft     = "DRAFT"
	purposeWaiting   = "WAITING_FOR_APPROVAL"
	purposeActive    = "ACTIVE"
	purposeSuspended = "SUSPENDED"
	purposeRejected  = "REJECTED"
	purposeArchived  = "ARCHIVED"
)

// purposeStates are the states in the order of the filter, and purposeChips how they are shown.
var (
	purposeStates = []string{purposeDraft, purposeActive, purposeSuspended, purposeWaiting, purposeRejected, purposeArchived}
	purposeChips  = map[string]office.Chip{
		purposeDraft:     {Text: office.T("In bozza", "Draft")},
		purposeActive:    {Text: office.T("Attiva", "Active"), Tone: "success"},
		purposeSuspended: {Text: office.T("Sospesa", "Suspended"), Tone: "warning"},
		purposeWaiting:   {Text: office.T("In attesa di approvazione", "Waiting for approval"), Tone: "info"},
		purposeRejected:  {Text: office.T("Rifiutata", "Rejected"), Tone: "danger"},
		purposeArchived:  {Text: office.T("Archiviata", "Archived")},
	}
)

// purpose is what the pages show of a purpose (PDND, Purpose).
type purpose struct {
	ID                  string          `json:"id"`
	EServiceID          string          `json:"eserviceId"`
	ConsumerID          string          `json:"consumerId"`
	SuspendedByConsumer bool            `json:"suspendedByConsumer"`
	SuspendedByProducer bool            `json:"suspendedByProducer"`
	Title               string          `json:"title"`
	Description         string          `json:"description"`
	FreeOfCharge        bool            `json:"isFreeOfCharge"`
	FreeOfChargeReason  string          `json:"freeOfChargeReason"`
	CreatedAt           string          `json:"createdAt"`
	UpdatedAt           string          `json:"updatedAt"`
	Current             *purposeVersion `json:"currentVersion"`
	Waiting             *purposeVersion `json:"waitingForApprovalVersion"`
	Rejected            *purposeVersion `json:"rejectedVersion"`
}

// purposeVersion is a number of calls a day that a purpose plans (PDND, PurposeVersion).
type purposeVersion struct {
	ID                string        `json:"id"`
	State             string        `json:"state"`
	CreatedAt         string        `json:"createdAt"`
	DailyCalls        int64         `json:"dailyCalls"`
	SuspendedAt       string        `json:"suspendedAt"`
	UpdatedAt         string        `json:"updatedAt"`
	FirstActivationAt string        `json:"firstActivationAt"`
	RejectionReason   string        `json:"rejectionReason"`
	ExpectedOn        string        `json:"expectedActivationDate"`
	Check             *purposeCheck `json:"thresholdCheck"`
	FitsNow           *bool         `json:"fitsNow"`
}

// purposeCheck is how a version relates to the thresholds, at one moment.
type purposeCheck struct {
	Requested   int64    `json:"requested"`
	Consumer    int64    `json:"consumerLoad"`
	Total       int64    `json:"totalLoad"`
	PerConsumer int64    `json:"dailyCallsPerConsumer"`
	InTotal     int64    `json:"dailyCallsTotal"`
	Exceeded    []string `json:"exceeded"`
}

// Chip returns the state of a version as it is shown.
func (v *purposeVersion) Chip() office.Chip { return purposeChips[v.State] }

// Expected returns the day by which the producer expects to activate the version.
func (v *purposeVersion) Expected() office.Text { return purposeDay(v.ExpectedOn) }

// purposeDay writes a date (RFC 3339, full-date) in both languages; what is none, as it is.
func purposeDay(date string) office.Text {
	day, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return office.Same(date)
	}
	return office.T(day.Format("02/01/2006"), day.Format("2 Jan 2006"))
}

// Chips returns the state of the purpose, then that of a version that waits or was rejected
// beside the one in use.
func (p *purpose) Chips() []office.Chip {
	var all []office.Chip
	for _, v := range []*purposeVersion{p.Current, p.Waiting, p.Rejected} {
		if v == nil {
			continue
		}
		chip := v.Chip()
		if len(all) > 0 && v == p.Waiting {
			chip.Text = office.T("Aggiornamento in attesa di approvazione", "Update waiting for approval")
		} else if len(all) > 0 && v == p.Rejected {
			chip.Text = office.T("Aggiornamento rifiutato", "Update rejected")
		}
		all = append(all, chip)
	}
	return all
}

// Calls returns the calls a day of the version that stands for the purpose.
func (p *purpose) Calls() int64 {
	for _, v := range []*purposeVersion{p.Current, p.Waiting, p.Rejected} {
		if v != nil {
			return v.DailyCalls
		}
	}
	return 0
}

// counted returns the calls a day of the purpose that count against the thresholds.
func (p *purpose) counted() int64 {
	if p.Current != nil && p.Current.State == purposeActive {
		return p.Current.DailyCalls
	}
	return 0
}

// FitsNow reports whether the version that waits would fit the thresholds now, as lists say
// to the producer.
func (p *purpose) FitsNow() bool {
	return p.Waiting != nil && p.Waiting.FitsNow != nil && *p.Waiting.FitsNow
}

// isInUse reports whether the purpose is active or suspended.
func (p *purpose) isInUse() bool {
	return p.Current != nil && (p.Current.State == purposeActive || p.Current.State == purposeSuspended)
}

// purposePath returns the path of a purpose in the API, with what is below it.
func purposePath(id string, below ...string) string {
	return "/purposes/" + strings.Join(append([]string{url.PathEscape(id)}, below...), "/")
}

// purposeCrumbs are the pages above a page of a purpose.
func purposeCrumbs(of ...*purpose) []office.Crumb {
	all := []office.Crumb{{Text: office.T("Finalità", "Purposes"), Path: "/purposes"}}
	for _, p := range of {
		all = append(all, office.Crumb{Text: office.Same(p.Title), Path: "/purposes/" + p.ID})
	}
	return all
}
