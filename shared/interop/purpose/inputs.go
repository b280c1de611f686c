package purpose

import (
	"encoding/json"

	"github.com/danielgtaylor/huma/v2"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
)

// PurposePath is embedded by inputs with a purpose in their path.
type PurposePath struct {
	PurposeID string `path:"purposeId" format:"uuid" doc:"Id of the purpose"`
	api.Correlated
}

// PurposeInput is a purpose in the path.
type PurposeInput struct{ PurposePath }

// PageInput is a page of something that a purpose has.
type PageInput struct {
	PurposePath
	interop.Paged
}

// VersionInput is a version of a purpose in the path.
type VersionInput struct {
	PurposePath
	VersionID string `path:"versionId" format:"uuid" doc:"Id of the version"`
}

// VersionsInput is a page of the versions of a purpose.
type VersionsInput struct {
	PurposePath
	State string `query:"state" enum:"ACTIVE,DRAFT,SUSPENDED,WAITING_FOR_APPROVAL,ARCHIVED,REJECTED" doc:"In this state"`
	interop.Paged
}

// ListInput is a page of the purposes that match; a filter that is left out matches all.
type ListInput struct {
	EServiceIDs []string `query:"eserviceIds" format:"uuid" maxItems:"50" doc:"On these e-services"`
	Title       string   `query:"title" doc:"With this text in the title, ignoring case"`
	ConsumerIDs []string `query:"consumerIds" format:"uuid" maxItems:"50" doc:"Of these consumers"`
	States      []string `query:"states" enum:"ACTIVE,DRAFT,SUSPENDED,WAITING_FOR_APPROVAL,ARCHIVED,REJECTED" maxItems:"50" doc:"With a version in such a state; ARCHIVED if all are"`
	interop.Paged
	api.Correlated
}

// AgreementPageInput is a page of the purposes of an agreement.
type AgreementPageInput struct {
	AgreementID string `path:"agreementId" format:"uuid" doc:"Id of the agreement"`
	interop.Paged
	api.Correlated
}

// AgreementInput is an agreement in the path.
type AgreementInput struct {
	AgreementID string `path:"agreementId" format:"uuid" doc:"Id of the agreement"`
	api.Correlated
}

// CreateInput is a new purpose.
type CreateInput struct {
	api.Correlated
	Body struct {
		_                  struct{} `json:"-" additionalProperties:"false"`
		EServiceID         string   `json:"eserviceId" format:"uuid" doc:"The e-service, for which the caller has an active agreement"`
		Title              string   `json:"title" minLength:"5" maxLength:"60" doc:"Unique for the consumer on the e-service, ignoring case"`
		Description        string   `json:"description" minLength:"10" maxLength:"250" doc:"What it is used for"`
		FreeOfCharge       bool     `json:"isFreeOfCharge" doc:"Whether the use is free of charge"`
		FreeOfChargeReason *string  `json:"freeOfChargeReason,omitempty" nullable:"false" maxLength:"2000" doc:"Reason; only if it is"`
		DailyCalls         int64    `json:"dailyCalls" minimum:"1" maximum:"1000000000" doc:"Planned calls a day"`
		DelegationID       string   `json:"delegationId,omitempty" format:"uuid" doc:"Refused: delegations are not offered"`
		RiskAnalysis       *Form    `json:"riskAnalysisForm,omitempty" nullable:"false" doc:"Stored as it is sent; required for activation"`
	}
}

// Nullable is a text in a merge patch: absent, null or a text.
type Nullable struct {
	Sent  bool
	Value string // "" for null
}

// UnmarshalJSON implements [json.Unmarshaler].
func (n *Nullable) UnmarshalJSON(b []byte) error {
	n.Sent = true
	return json.Unmarshal(b, &n.Value)
}

// Schema implements [huma.SchemaProvider].
func (Nullable) Schema(huma.Registry) *huma.Schema {
	most := 2000
	return &huma.Schema{Type: huma.TypeString, Nullable: true, MaxLength: &most}
}

// UpdateInput is a merge patch (RFC 7396) of a draft.
type UpdateInput struct {
	PurposePath
	Body struct {
		_                  struct{} `json:"-" additionalProperties:"false"`
		Title              *string  `json:"title,omitempty" nullable:"false" minLength:"5" maxLength:"60" doc:"Unique, ignoring case"`
		Description        *string  `json:"description,omitempty" nullable:"false" minLength:"10" maxLength:"250" doc:"What it is used for"`
		FreeOfCharge       *bool    `json:"isFreeOfCharge,omitempty" nullable:"false" doc:"False removes the reason"`
		FreeOfChargeReason Nullable `json:"freeOfChargeReason,omitzero" doc:"Why it is free of charge; null or blank removes it"`
		DailyCalls         *int64   `json:"dailyCalls,omitempty" nullable:"false" minimum:"1" maximum:"1000000000" doc:"Planned calls a day"`
		RiskAnalysis       *Form    `json:"riskAnalysisForm,omitempty" nullable:"false" doc:"Replaces the one before"`
	}
}

func (in *UpdateInput) patch() Patch {
	p := Patch{
		Title: in.Body.Title, Description: in.Body.Description, FreeOfCharge: in.Body.FreeOfCharge,
		DailyCalls: in.Body.DailyCalls, Form: in.Body.RiskAnalysis,
	}
	if in.Body.FreeOfChargeReason.Sent {
		p.FreeOfChargeReason = &in.Body.FreeOfChargeReason.Value
	}
	return p
}

// ActionInput is an action that may be taken by delegation.
type ActionInput struct {
	PurposePath
	Body *interop.DelegationRef
}

// RejectInput is the rejection of a version that waits.
type RejectInput struct {
	PurposePath
	Body struct {
		_      struct{} `json:"-" additionalProperties:"false"`
		Reason string   `json:"rejectionReason" minLength:"10" maxLength:"250" doc:"Reason that the consumer can read"`
	}
}

// ExpectInput is the day by which the producer expects to activate a version that waits.
type ExpectInput struct {
	PurposePath
	Body struct {
		_    struct{} `json:"-" additionalProperties:"false"`
		Date string   `json:"date" format:"date" doc:"Today (UTC) or later"`
	}
}

// CreateVersionInput is another number of calls a day.
type CreateVersionInput struct {
	PurposePath
	Body struct {
		_          struct{} `json:"-" additionalProperties:"false"`
		DailyCalls int64    `json:"dailyCalls" minimum:"1" maximum:"1000000000" doc:"Planned calls a day"`
	}
}

// CloneInput is the e-service for which a purpose is cloned.
type CloneInput struct {
	PurposePath
	Body struct {
		_          struct{} `json:"-" additionalProperties:"false"`
		EServiceID string   `json:"eserviceId" format:"uuid" doc:"The purpose's own e-service, or another"`
	}
}

// LoadInput is a page of the loads on an e-service.
type LoadInput struct {
	EServiceID string `path:"eserviceId" format:"uuid" doc:"Id of the e-service"`
	interop.Paged
	api.Correlated
}
