package purpose

import (
	"ciclo/shared/interop"
	"ciclo/shared/platform/lifecycle"
)

// View is a purpose as clients read it (PDND, Purpose).
type View struct {
	ID                  string       `json:"id" format:"uuid" doc:"Id of the purpose"`
	EServiceID          string       `json:"eserviceId" format:"uuid" doc:"The e-service"`
	ConsumerID          string       `json:"consumerId" format:"uuid" doc:"The organization that uses it"`
	SuspendedByConsumer *bool        `json:"suspendedByConsumer,omitempty" nullable:"false" doc:"Whether the consumer suspends it"`
	SuspendedByProducer *bool        `json:"suspendedByProducer,omitempty" nullable:"false" doc:"Whether the producer suspends it"`
	Title               string       `json:"title" doc:"Unique for the consumer on the e-service, ignoring case"`
	Description         string       `json:"description" doc:"What the e-service is used for"`
	FreeOfCharge        bool         `json:"isFreeOfCharge" doc:"Whether the use is free of charge"`
	FreeOfChargeReason  string       `json:"freeOfChargeReason,omitempty" doc:"Why it is free of charge"`
	RiskAnalysisValid   *bool        `json:"isRiskAnalysisValid,omitempty" edition:"v2" nullable:"false" doc:"In v2 alone: whether its risk analysis is valid, which is always so"`
	CreatedAt           string       `json:"createdAt" format:"date-time" doc:"When it was created"`
	UpdatedAt           string       `json:"updatedAt,omitempty" format:"date-time" doc:"When it was last changed"`
	Current             *VersionView `json:"currentVersion,omitempty" nullable:"false" doc:"Newest version neither waiting nor rejected"`
	Waiting             *VersionView `json:"waitingForApprovalVersion,omitempty" nullable:"false" doc:"Waits for the producer"`
	Rejected            *VersionView `json:"rejectedVersion,omitempty" nullable:"false" doc:"The newest version, if it was rejected"`
}

// VersionView is a version as clients read it (PDND, PurposeVersion).
type VersionView struct {
	ID string `json:"id" format:"uuid" doc:"Id of the version"`

	State string `json:"state" enum:"ACTIVE,DRAFT,SUSPENDED,WAITING_FOR_APPROVAL,ARCHIVED,REJECTED" doc:"State of the version"`

	CreatedAt         string          `json:"createdAt" format:"date-time" doc:"When it was created"`
	DailyCalls        int64           `json:"dailyCalls" doc:"Calls a day that are planned"`
	SuspendedAt       string          `json:"suspendedAt,omitempty" format:"date-time" doc:"When it was suspended"`
	UpdatedAt         string          `json:"updatedAt,omitempty" format:"date-time" doc:"When it was last changed"`
	FirstActivationAt string          `json:"firstActivationAt,omitempty" format:"date-time" doc:"When it was first activated"`
	RejectionReason   string          `json:"rejectionReason,omitempty" doc:"Why the producer rejected it"`
	ExpectedOn        string          `json:"expectedActivationDate,omitempty" edition:"ciclo" format:"date" doc:"Expected by the producer"`
	Check             *ThresholdCheck `json:"thresholdCheck,omitempty" edition:"ciclo" nullable:"false" doc:"Why it had to wait for the producer"`
	FitsNow           *bool           `json:"fitsNow,omitempty" edition:"ciclo" nullable:"false" doc:"Whether it would fit now; in lists, for the producer"`
}

func (p *purpose) view() View {
	isValid := true
	v := View{
		ID: p.ID, EServiceID: p.EServiceID, ConsumerID: p.ConsumerID,
		SuspendedByConsumer: p.SuspendedByConsumer, SuspendedByProducer: p.SuspendedByProducer,
		Title: p.Title, Description: p.Description, FreeOfCharge: p.FreeOfCharge, FreeOfChargeReason: p.FreeOfChargeReason,
		RiskAnalysisValid: &isValid, CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt,
		Current: p.current().view(), Waiting: p.newestIn(Waiting).view(),
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

// RemainingOutput is what a consumer may still plan without approval.
type RemainingOutput struct {
	Body struct {
		PerConsumer int64 `json:"remainingDailyCallsPerConsumer" doc:"Calls a day below the consumer's threshold"`
		Total       int64 `json:"remainingDailyCallsTotal" doc:"Calls a day below the threshold for all consumers"`
	}
}

// Actor is the organization that changed a purpose.
type Actor struct {
	Side           string `json:"side" enum:"CONSUMER,PRODUCER,PLATFORM" doc:"The side for which it acted"`
	OrganizationID string `json:"organizationId,omitempty" format:"uuid" doc:"The organization; absent for the platform"`
}

// EventView is a change of a version as clients read it.
type EventView struct {
	Action     string `json:"action" enum:"create,clone,update,delete,activate,createVersion,approve,reject,setExpectedActivationDate,suspend,unsuspend,deleteVersion,archive,replace,withdraw" doc:"The action"`
	Actor      Actor  `json:"actor" doc:"Who took the action"`
	VersionID  string `json:"versionId" format:"uuid" doc:"The version that changed"`
	DailyCalls int64  `json:"dailyCalls" doc:"Calls a day that the version plans"`
	From       string `json:"from,omitempty" doc:"The state before; absent for a new version"`
	To         string `json:"to,omitempty" doc:"The state after; absent for a version that was removed"`
	At         string `json:"timestamp" format:"date-time" doc:"When it happened"`
	Reason     string `json:"reason,omitempty" doc:"The reason that was given"`
}

var sides = map[lifecycle.Role]string{Consumer: "CONSUMER", Producer: "PRODUCER", Platform: "PLATFORM"}

func (e *event) view() EventView {
	v := EventView{
		Action: string(e.Action), Actor: Actor{Side: sides[e.Side], OrganizationID: e.OrganizationID},
		VersionID: e.VersionID, DailyCalls: e.DailyCalls,
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

// LoadView is the load of a consumer on an e-service, with its thresholds.
type LoadView struct {
	ConsumerID   string `json:"consumerId" format:"uuid" doc:"The consumer"`
	Load         int64  `json:"load" doc:"Calls a day of its active purposes"`
	Purposes     int    `json:"activePurposes" doc:"Number of its active purposes"`
	DescriptorID string `json:"descriptorId,omitempty" format:"uuid" doc:"The descriptor of its agreement; absent without an agreement in use"`
	PerConsumer  int64  `json:"dailyCallsPerConsumer,omitempty" doc:"Threshold for the consumer on the descriptor"`
	InTotal      int64  `json:"dailyCallsTotal,omitempty" doc:"Threshold for all consumers on the descriptor"`
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

// AgreementLoadOutput is the load of a consumer and of all consumers on an e-service, with
// the thresholds of an agreement.
type AgreementLoadOutput struct {
	Body struct {
		DescriptorID string `json:"descriptorId" format:"uuid" doc:"The descriptor of the agreement, which has the thresholds"`
		Consumer     int64  `json:"consumerLoad" doc:"Calls a day of the consumer's active purposes on the e-service"`
		Total        int64  `json:"totalLoad" doc:"Calls a day of all active purposes on the e-service"`
		PerConsumer  int64  `json:"dailyCallsPerConsumer" doc:"Threshold for the consumer"`
		InTotal      int64  `json:"dailyCallsTotal" doc:"Threshold for all consumers"`
	}
}
