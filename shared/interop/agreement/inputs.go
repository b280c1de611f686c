package agreement

import (
	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
)

// AgreementPath is embedded by inputs whose path names an agreement.
type AgreementPath struct {
	AgreementID string `path:"agreementId" format:"uuid" doc:"Id of the agreement"`
	api.Correlated
}

// AgreementInput is the input of operations that take an agreement and nothing else.
type AgreementInput struct{ AgreementPath }

// PageInput selects a page of the history of an agreement.
type PageInput struct {
	AgreementPath
	interop.Paged
}

// ListInput selects a page of the agreements that match. A filter that is left out matches all.
type ListInput struct {
	States        []string `query:"states" enum:"DRAFT,ACTIVE,ARCHIVED,PENDING,SUSPENDED,MISSING_CERTIFIED_ATTRIBUTES,REJECTED" maxItems:"50" doc:"In these states"`
	ProducerIDs   []string `query:"producerIds" format:"uuid" maxItems:"50" doc:"With these producers"`
	ConsumerIDs   []string `query:"consumerIds" format:"uuid" maxItems:"50" doc:"Of these consumers"`
	DescriptorIDs []string `query:"descriptorIds" format:"uuid" maxItems:"50" doc:"On these descriptors"`
	EServiceIDs   []string `query:"eserviceIds" format:"uuid" maxItems:"50" doc:"On these e-services"`
	interop.Paged
	api.Correlated
}

// CreateInput names the descriptor of a new agreement.
type CreateInput struct {
	api.Correlated
	Body struct {
		_            struct{} `json:"-" additionalProperties:"false"`
		EServiceID   string   `json:"eserviceId" format:"uuid" doc:"The e-service"`
		DescriptorID string   `json:"descriptorId" format:"uuid" doc:"Its latest descriptor, which must be published"`
		DelegationID string   `json:"delegationId,omitempty" format:"uuid" doc:"Refused: delegations are not offered"`
	}
}

// SubmitInput sends a draft to the producer.
type SubmitInput struct {
	AgreementPath
	Body struct {
		_     struct{} `json:"-" additionalProperties:"false"`
		Notes string   `json:"consumerNotes,omitempty" maxLength:"1000" doc:"For the producer; without it a note from before is removed"`
	}
}

// RejectInput refuses an agreement.
type RejectInput struct {
	AgreementPath
	Body struct {
		_      struct{} `json:"-" additionalProperties:"false"`
		Reason string   `json:"reason" minLength:"20" maxLength:"1000" doc:"For the consumer"`
	}
}

// ActionInput is the input of actions for which PDND takes a delegation.
type ActionInput struct {
	AgreementPath
	Body *interop.DelegationRef
}
