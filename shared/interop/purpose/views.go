package purpose

import (
	"ciclo/shared/interop"
	"ciclo/shared/platform/lifecycle"
)

// View is a purpose as clients read it (PDND, Purpose).
type View struct {
	ID                 string       `json:"id" format:"uuid" doc:"Id of the purpose"`
	EServiceID         string       `json:"eserviceId" format:"uuid" doc:"The e-service"`
	ConsumerID         string       `json:"consumerId" format:"uuid" doc:"Who uses it"`
	ByConsumer         *bool        `json:"suspendedByConsumer,omitempty" nullable:"false" doc:"Whether the consumer holds it"`
	ByProducer         *bool        `json:"suspendedByProducer,omitempty" nullable:"false" doc:"Whether the producer holds it"`
	Title              string       `json:"title" doc:"Unique among the consumer's on the e-service, whatever its case"`
	Description        string       `json:"description" doc:"What it is for"`
	FreeOfCharge       bool         `json:"isFreeOfCharge" doc:"Whether what it is for is free of charge"`
	FreeOfChargeReason string       `json:"freeOfChargeReason,omitempty" doc:"Why it is"`
	CreatedAt          string       `json:"createdAt" format:"date-time" doc:"When it was created"`
	UpdatedAt          string       `json:"updatedAt,omitempty" format:"date-time" doc:"When it was changed last"`
	Current            *VersionView `json:"currentVersion,omitempty" nullable:"false" doc:"The newest version that neither waits nor was rejected"`
	Waiting            *VersionView `json:"waitingForApprovalVersion,omitempty" nullable:"false" doc:"The version that waits for the producer"`
	Rejected           *VersionView `json:"rejectedVersion,omitempty" nullable:"false" doc:"The newest version, if it was rejected"`
}

// VersionView is a load estimate as clients read it (PDND, PurposeVersion).
type VersionView struct {
	ID                string          `json:"id" format:"uuid" doc:"Id of the version"`
	State             string          `json:"state" enum:"ACTIVE,DRAFT,SUSPENDED,WAITING_FOR_APPROVAL,ARCHIVED,REJECTED" doc:"Where it is in its lifecycle"`
	CreatedAt         string          `json:"createdAt" format:"date-time" doc:"When it was created"`
	DailyCalls        int64           `json:"dailyCalls" doc:"Calls a day that are planned"`
	SuspendedAt       string          `json:"suspendedAt,omitempty" format:"date-time" doc:"Since when it is suspended"`
	UpdatedAt         string          `json:"updatedAt,omitempty" format:"date-time" doc:"When it was changed last"`
	FirstActivationAt string          `json:"firstActivationAt,omitempty" format:"date-time" doc:"When it was activated first"`
	RejectionReason   string          `json:"rejectionReason,omitempty" doc:"Why the producer rejected it"`
	ExpectedOn        string          `json:"expectedActivationDate,omitempty" format:"date" doc:"By when the producer means to activate it"`
	Check             *ThresholdCheck `json:"thresholdCheck,omitempty" nullable:"false" doc:"Why it had to wait for the producer"`
	FitsNow           *bool           `json:"fitsNow,omitempty" nullable:"false" doc:"Whether the thresholds would let it through now; in lists, for the producer"`
}

func (p *purpose) view() View {
	v := View{
		ID: p.ID, EServiceID: p.EServiceID, ConsumerID: p.ConsumerID, ByConsumer: p.ByConsumer, ByProducer: p.ByProducer,
		Title: p.Title, Description: p.Description, FreeOfCharge: p.FreeOfCharge, FreeOfChargeReason: p.FreeOfChargeReason,
		CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt,
		Current: p.current().view(), Waiting: p.newest(Waiting).view(),
	}
	if n := len(p.Versions); n > 0 && p.Versions[n-1].State == Rejected {
		v.Rejected = p.Versions[n-1].view()
	}
	return v
}

func (v *version) view() *VersionView {
	if v == nil {
		return nil
	}
	return &VersionView{
		ID: v.ID, State: string(v.State), CreatedAt: v.CreatedAt, DailyCalls: v.DailyCalls, SuspendedAt: v.SuspendedAt,
		UpdatedAt: v.UpdatedAt, FirstActivationAt: v.FirstActivationAt, RejectionReason: v.RejectionReason,
		ExpectedOn: v.ExpectedOn, Check: v.Check,
	}
}

// PurposeOutput is a purpose.
type PurposeOutput struct{ Body View }

// PurposesOutput is a page of purposes.
type PurposesOutput struct {
	Body struct {
		Results    []View             `json:"results" nullable:"false" doc:"Purposes by title"`
		Pagination interop.Pagination `json:"pagination"`
	}
}

// VersionOutput is a version of a purpose.
type VersionOutput struct{ Body VersionView }

// VersionsOutput is a page of a purpose's versions.
type VersionsOutput struct {
	Body struct {
		Results    []VersionView      `json:"results" nullable:"false" doc:"Versions, oldest first"`
		Pagination interop.Pagination `json:"pagination"`
	}
}

// RemainingOutput is how much a consumer may still plan without approval.
type RemainingOutput struct {
	Body struct {
		PerConsumer int64 `json:"remainingDailyCallsPerConsumer" doc:"Calls a day below the consumer's threshold"`
		Total       int64 `json:"remainingDailyCallsTotal" doc:"Calls a day below the threshold for all consumers"`
	}
}

// Actor is who changed a purpose.
type Actor struct {
	Side           string `json:"side" enum:"CONSUMER,PRODUCER,PLATFORM" doc:"For which side"`
	OrganizationID string `json:"organizationId,omitempty" format:"uuid" doc:"Which organization; none for the platform"`
}

// EventView is what became of a version of a purpose.
type EventView struct {
	Action     string `json:"action" enum:"create,clone,update,delete,activate,createVersion,approve,reject,setExpectedActivationDate,suspend,unsuspend,deleteVersion,archive,replace,withdraw" doc:"What was done"`
	Actor      Actor  `json:"actor" doc:"Who did it"`
	VersionID  string `json:"versionId" format:"uuid" doc:"To which version"`
	DailyCalls int64  `json:"dailyCalls" doc:"Calls a day that it plans"`
	From       string `json:"from,omitempty" doc:"The state before; none of a new version"`
	To         string `json:"to,omitempty" doc:"The state after; none of one that was removed"`
	At         string `json:"timestamp" format:"date-time" doc:"When"`
	Reason     string `json:"reason,omitempty" doc:"Why, where a reason was given"`
}

var sides = map[lifecycle.Role]string{Consumer: "CONSUMER", Producer: "PRODUCER", Platform: "PLATFORM"}

func (e *event) view() EventView {
	v := EventView{
		Action: string(e.Action), Actor: Actor{sides[e.Side], e.OrganizationID}, VersionID: e.VersionID, DailyCalls: e.DailyCalls,
		From: string(e.From), To: string(e.To), At: e.At, Reason: e.Reason,
	}
	if e.From == lifecycle.None {
		v.From = ""
	}
	if e.To == lifecycle.None {
		v.To = ""
	}
	return v
}

// HistoryOutput is a page of a purpose's history.
type HistoryOutput struct {
	Body struct {
		Results    []EventView        `json:"results" nullable:"false" doc:"Changes, oldest first"`
		Pagination interop.Pagination `json:"pagination"`
	}
}

// LoadView is what a consumer plans on an e-service and what it may.
type LoadView struct {
	ConsumerID   string `json:"consumerId" format:"uuid" doc:"The consumer"`
	Load         int64  `json:"load" doc:"Calls a day of its active purposes"`
	Purposes     int    `json:"activePurposes" doc:"How many these are"`
	DescriptorID string `json:"descriptorId,omitempty" format:"uuid" doc:"The descriptor that its agreement is on; none without an agreement in use"`
	PerConsumer  int64  `json:"dailyCallsPerConsumer,omitempty" doc:"Threshold for the consumer there"`
	InTotal      int64  `json:"dailyCallsTotal,omitempty" doc:"Threshold for all consumers there"`
}

// LoadOutput is the load of an e-service.
type LoadOutput struct {
	Body struct {
		Total      int64              `json:"totalLoad" doc:"Calls a day of all active purposes"`
		InTotal    int64              `json:"dailyCallsTotal,omitempty" doc:"Threshold for all consumers on the latest descriptor"`
		Results    []LoadView         `json:"results" nullable:"false" doc:"Consumers with active purposes, the greatest load first"`
		Pagination interop.Pagination `json:"pagination"`
	}
}
