package m2m

import (
	"time"

	"ciclo/shared/office"
)

// The states of a purpose and of its versions (PDND, PurposeVersionState).
const (
	PurposeDraft     = "DRAFT"
	PurposeWaiting   = "WAITING_FOR_APPROVAL"
	PurposeActive    = "ACTIVE"
	PurposeSuspended = "SUSPENDED"
	PurposeRejected  = "REJECTED"
	PurposeArchived  = "ARCHIVED"
)

// PurposeStates are the states in the order of the filter, and PurposeChips how they are shown.
var (
	PurposeStates = []string{PurposeDraft, PurposeActive, PurposeSuspended, PurposeWaiting, PurposeRejected, PurposeArchived}
	PurposeChips  = map[string]office.Chip{
		PurposeDraft:     {Text: office.T("In bozza", "Draft")},
		PurposeActive:    {Text: office.T("Attiva", "Active"), Tone: "success"},
		PurposeSuspended: {Text: office.T("Sospesa", "Suspended"), Tone: "warning"},
		PurposeWaiting:   {Text: office.T("In attesa di approvazione", "Waiting for approval"), Tone: "info"},
		PurposeRejected:  {Text: office.T("Rifiutata", "Rejected"), Tone: "danger"},
		PurposeArchived:  {Text: office.T("Archiviata", "Archived")},
	}
)

// Purpose is what the pages show of a purpose (PDND, Purpose).
type Purpose struct {
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
	Current             *PurposeVersion `json:"currentVersion"`
	Waiting             *PurposeVersion `json:"waitingForApprovalVersion"`
	Rejected            *PurposeVersion `json:"rejectedVersion"`
}

// PurposeVersion is a number of calls a day that a purpose plans (PDND, PurposeVersion).
type PurposeVersion struct {
	ID                string        `json:"id"`
	State             string        `json:"state"`
	CreatedAt         string        `json:"createdAt"`
	DailyCalls        int64         `json:"dailyCalls"`
	SuspendedAt       string        `json:"suspendedAt"`
	FirstActivationAt string        `json:"firstActivationAt"`
	RejectionReason   string        `json:"rejectionReason"`
	ExpectedOn        string        `json:"expectedActivationDate"`
	Check             *PurposeCheck `json:"thresholdCheck"`
	FitsNow           *bool         `json:"fitsNow"`
}

// PurposeCheck is how a version related to the thresholds when it was asked for (ThresholdCheck).
type PurposeCheck struct {
	Exceeded []string `json:"exceeded"` // names of the thresholds
}

// Chip returns the state of a version as it is shown.
func (v *PurposeVersion) Chip() office.Chip { return PurposeChips[v.State] }

// Expected returns the day by which the producer expects to activate the version.
func (v *PurposeVersion) Expected() office.Text { return PurposeDay(v.ExpectedOn) }

// PurposeDay writes a date (RFC 3339, full-date) in both languages; what is none, as it is.
func PurposeDay(date string) office.Text {
	day, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return office.Same(date)
	}
	return office.T(day.Format("02/01/2006"), day.Format("2 Jan 2006"))
}

// Chips returns the state of the purpose, then that of a version that waits or was rejected
// beside the one in use.
func (p *Purpose) Chips() []office.Chip {
	var all []office.Chip
	for _, v := range []*PurposeVersion{p.Current, p.Waiting, p.Rejected} {
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
func (p *Purpose) Calls() int64 {
	for _, v := range []*PurposeVersion{p.Current, p.Waiting, p.Rejected} {
		if v != nil {
			return v.DailyCalls
		}
	}
	return 0
}

// Counted returns the calls a day of the purpose that count against the thresholds.
func (p *Purpose) Counted() int64 {
	if p.Current != nil && p.Current.State == PurposeActive {
		return p.Current.DailyCalls
	}
	return 0
}

// FitsNow reports whether the version that waits would fit the thresholds now, as lists say
// to the producer.
func (p *Purpose) FitsNow() bool {
	return p.Waiting != nil && p.Waiting.FitsNow != nil && *p.Waiting.FitsNow
}

// IsInUse reports whether the purpose is active or suspended.
func (p *Purpose) IsInUse() bool {
	return p.Current != nil && (p.Current.State == PurposeActive || p.Current.State == PurposeSuspended)
}

// Suspended says who has suspended the purpose and has to take that back, nothing when it is
// not suspended.
func (p *Purpose) Suspended() office.Text {
	switch {
	case p.SuspendedByConsumer && p.SuspendedByProducer:
		return office.T("Sospesa dal fruitore e dall’erogatore: devono riattivarla entrambi.",
			"Suspended by the consumer and the producer: both have to reactivate it.")
	case p.SuspendedByConsumer:
		return office.T("Sospesa dal fruitore, che deve riattivarla.", "Suspended by the consumer, who has to reactivate it.")
	case p.SuspendedByProducer:
		return office.T("Sospesa dall’erogatore, che deve riattivarla.", "Suspended by the producer, who has to reactivate it.")
	}
	return office.Text{}
}
