package agreement

import (
	"ciclo/shared/interop"
	"ciclo/shared/platform/lifecycle"
)

// View is an agreement as clients read it (PDND, Agreement).
type View struct {
	ID              string `json:"id" format:"uuid" doc:"Id of the agreement"`
	EServiceID      string `json:"eserviceId" format:"uuid" doc:"The e-service"`
	DescriptorID    string `json:"descriptorId" format:"uuid" doc:"Its version that the agreement is for"`
	ProducerID      string `json:"producerId" format:"uuid" doc:"The organization that offers it"`
	ConsumerID      string `json:"consumerId" format:"uuid" doc:"The organization that uses it"`
	State           string `json:"state" enum:"DRAFT,ACTIVE,ARCHIVED,PENDING,SUSPENDED,MISSING_CERTIFIED_ATTRIBUTES,REJECTED" doc:"Its state"`
	ByConsumer      *bool  `json:"suspendedByConsumer,omitempty" nullable:"false" doc:"Whether the consumer suspends it"`
	ByProducer      *bool  `json:"suspendedByProducer,omitempty" nullable:"false" doc:"Whether the producer suspends it"`
	ByPlatform      *bool  `json:"suspendedByPlatform,omitempty" nullable:"false" doc:"Whether attributes of the consumer are missing"`
	Notes           string `json:"consumerNotes,omitempty" doc:"Notes of the consumer for the producer"`
	RejectionReason string `json:"rejectionReason,omitempty" doc:"Why it was rejected, or what it is a clone of"`
	CreatedAt       string `json:"createdAt" format:"date-time" doc:"When it was created"`
	UpdatedAt       string `json:"updatedAt,omitempty" format:"date-time" doc:"When it was changed last"`
	SuspendedAt     string `json:"suspendedAt,omitempty" format:"date-time" doc:"Since when it is suspended"`
}

func (a *agreement) view() View {
	return View{
		ID: a.ID, EServiceID: a.EServiceID, DescriptorID: a.DescriptorID, ProducerID: a.ProducerID, ConsumerID: a.ConsumerID,
		State: string(a.State), ByConsumer: a.ByConsumer, ByProducer: a.ByProducer, ByPlatform: a.ByPlatform,
		Notes: a.Notes, RejectionReason: a.RejectionReason, CreatedAt: a.CreatedAt, UpdatedAt: a.UpdatedAt, SuspendedAt: a.SuspendedAt,
	}
}

// AgreementOutput is an agreement.
type AgreementOutput struct{ Body View }

// ListOutput is a page of agreements.
type ListOutput struct {
	Body struct {
		Results    []View             `json:"results" nullable:"false" doc:"Agreements by the name of the e-service"`
		Pagination interop.Pagination `json:"pagination"`
	}
}

// Actor is the side and the organization that changed an agreement.
type Actor struct {
	Side           string `json:"side" enum:"CONSUMER,PRODUCER,PLATFORM" doc:"For which side"`
	OrganizationID string `json:"organizationId,omitempty" format:"uuid" doc:"Which organization; none for the platform"`
}

// EventView is a change of an agreement.
type EventView struct {
	Action string `json:"action" enum:"create,submit,approve,reject,suspend,unsuspend,archive,upgrade,clone,delete,replace,recompute" doc:"What was done"`
	Actor  Actor  `json:"actor" doc:"The side and organization that did it"`
	From   string `json:"from,omitempty" doc:"The state before; none of a new agreement"`
	To     string `json:"to,omitempty" doc:"The state after; none of a deleted one"`
	At     string `json:"timestamp" format:"date-time" doc:"When"`
	Reason string `json:"reason,omitempty" doc:"Why, where a reason was given"`
}

var sides = map[lifecycle.Role]string{Consumer: "CONSUMER", Producer: "PRODUCER", Platform: "PLATFORM"}

func (e *event) view() EventView {
	v := EventView{
		Action: string(e.Action), Actor: Actor{Side: sides[e.Side], OrganizationID: e.OrganizationID},
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

// HistoryOutput is a page of an agreement's history.
type HistoryOutput struct {
	Body struct {
		Results    []EventView        `json:"results" nullable:"false" doc:"Changes, oldest first"`
		Pagination interop.Pagination `json:"pagination"`
	}
}
