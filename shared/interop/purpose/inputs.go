package purpose

import (
	"encoding/json"

	"github.com/danielgtaylor/huma/v2"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
)

// OfPurpose is embedded by the inputs that name a purpose in their path.
type OfPurpose struct {
	PurposeID string `path:"purposeId" format:"uuid" doc:"Id of the purpose"`
	api.Correlated
}

// PurposeInput names a purpose.
type PurposeInput struct{ OfPurpose }

// PageInput asks for a part of what a purpose has.
type PageInput struct {
	OfPurpose
	interop.Paged
}

// VersionInput names a version of a purpose.
type VersionInput struct {
	OfPurpose
	VersionID string `path:"versionId" format:"uuid" doc:"Id of the version"`
}

// VersionsInput asks for a page of the versions of a purpose.
type VersionsInput struct {
	OfPurpose
	State string `query:"state" enum:"ACTIVE,DRAFT,SUSPENDED,WAITING_FOR_APPROVAL,ARCHIVED,REJECTED" doc:"In this state"`
	interop.Paged
}

// ListInput asks for a page of the purposes that match; what is left out matches all.
type ListInput struct {
	EServiceIDs []string `query:"eserviceIds" format:"uuid" maxItems:"50" doc:"On these e-services"`
	Title       string   `query:"title" doc:"With this in the title, whatever the case"`
	ConsumerIDs []string `query:"consumerIds" format:"uuid" maxItems:"50" doc:"Of these consumers"`
	States      []string `query:"states" enum:"ACTIVE,DRAFT,SUSPENDED,WAITING_FOR_APPROVAL,ARCHIVED,REJECTED" maxItems:"50" doc:"With a version in one of these states; ARCHIVED when all are"`
	interop.Paged
	api.Correlated
}

// AgreementPageInput asks for a page of the purposes of an agreement.
type AgreementPageInput struct {
	AgreementID string `path:"agreementId" format:"uuid" doc:"Id of the agreement"`
	interop.Paged
	api.Correlated
}

// CreateInput is a new purpose.
type CreateInput struct {
	api.Correlated
	Body struct {
		_                  struct{} `json:"-" additionalProperties:"false"`
		EServiceID         string   `json:"eserviceId" format:"uuid" doc:"The e-service, for which the caller has an active agreement"`
		Title              string   `json:"title" minLength:"5" maxLength:"60" doc:"Unique among the consumer's on the e-service, whatever its case"`
		Description        string   `json:"description" minLength:"10" maxLength:"250" doc:"What it is for"`
		FreeOfCharge       bool     `json:"isFreeOfCharge" doc:"Whether what it is for is free of charge"`
		FreeOfChargeReason *string  `json:"freeOfChargeReason,omitempty" nullable:"false" maxLength:"2000" doc:"Why it is; only where it is"`
		DailyCalls         int64    `json:"dailyCalls" minimum:"1" maximum:"1000000000" doc:"Calls a day that are planned"`
		DelegationID       string   `json:"delegationId,omitempty" format:"uuid" doc:"Refused: delegations are not offered"`
		RiskAnalysis       *Form    `json:"riskAnalysisForm,omitempty" nullable:"false" doc:"Kept as it is sent; needed before the purpose is activated"`
	}
}

// Nullable is a text of a merge patch: absent, null or a text.
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
	OfPurpose
	Body struct {
		_                  struct{} `json:"-" additionalProperties:"false"`
		Title              *string  `json:"title,omitempty" nullable:"false" minLength:"5" maxLength:"60" doc:"Unique among the consumer's on the e-service, whatever its case"`
		Description        *string  `json:"description,omitempty" nullable:"false" minLength:"10" maxLength:"250" doc:"What it is for"`
		FreeOfCharge       *bool    `json:"isFreeOfCharge,omitempty" nullable:"false" doc:"Whether what it is for is free of charge; false takes the reason away"`
		FreeOfChargeReason Nullable `json:"freeOfChargeReason,omitzero" doc:"Why it is; null or blank for none"`
		DailyCalls         *int64   `json:"dailyCalls,omitempty" nullable:"false" minimum:"1" maximum:"1000000000" doc:"Calls a day that are planned"`
		RiskAnalysis       *Form    `json:"riskAnalysisForm,omitempty" nullable:"false" doc:"In place of the one before"`
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
	OfPurpose
	Body *interop.DelegationRef
}

// RejectInput refuses a version that waits.
type RejectInput struct {
	OfPurpose
	Body struct {
		_      struct{} `json:"-" additionalProperties:"false"`
		Reason string   `json:"rejectionReason" minLength:"10" maxLength:"250" doc:"For the consumer"`
	}
}

// ExpectInput says by when the producer means to activate a version that waits.
type ExpectInput struct {
	OfPurpose
	Body struct {
		_    struct{} `json:"-" additionalProperties:"false"`
		Date string   `json:"date" format:"date" doc:"Today (UTC) or later"`
	}
}

// CreateVersionInput is another load estimate.
type CreateVersionInput struct {
	OfPurpose
	Body struct {
		_          struct{} `json:"-" additionalProperties:"false"`
		DailyCalls int64    `json:"dailyCalls" minimum:"1" maximum:"1000000000" doc:"Calls a day that are planned"`
	}
}

// CloneInput is for which e-service a purpose is cloned.
type CloneInput struct {
	OfPurpose
	Body struct {
		_          struct{} `json:"-" additionalProperties:"false"`
		EServiceID string   `json:"eserviceId" format:"uuid" doc:"The purpose's own e-service, or another"`
	}
}

// LoadInput asks for the load of an e-service.
type LoadInput struct {
	EServiceID string `path:"eserviceId" format:"uuid" doc:"Id of the e-service"`
	interop.Paged
	api.Correlated
}
