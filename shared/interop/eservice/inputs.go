package eservice

import (
	"encoding/json"

	"github.com/danielgtaylor/huma/v2"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
)

// EServicePath is embedded by the inputs that name an e-service in their path.
type EServicePath struct {
	EServiceID string `path:"eserviceId" format:"uuid" doc:"Id of the e-service"`
	api.Correlated
}

// DescriptorPath is embedded by the inputs that name a descriptor in their path.
type DescriptorPath struct {
	EServicePath
	DescriptorID string `path:"descriptorId" format:"uuid" doc:"Id of the descriptor"`
}

// EServiceInput names an e-service.
type EServiceInput struct{ EServicePath }

// DescriptorInput names a descriptor.
type DescriptorInput struct{ DescriptorPath }

// ListInput selects a page of the e-services that match; absent parameters match all.
type ListInput struct {
	ProducerIDs           []string `query:"producerIds" format:"uuid" maxItems:"50" doc:"Of these producers"`
	TemplateIDs           []string `query:"templateIds" format:"uuid" maxItems:"50" doc:"Made from these templates; there are none"`
	Name                  string   `query:"name" doc:"With this in the name, regardless of case"`
	Technology            string   `query:"technology" enum:"REST,SOAP" doc:"Of this technology"`
	Mode                  string   `query:"mode" enum:"RECEIVE,DELIVER" doc:"Of this mode"`
	SignalHub             string   `query:"isSignalHubEnabled" enum:"true,false" doc:"With this flag"`
	ConsumerDelegable     string   `query:"isConsumerDelegable" enum:"true,false" doc:"With this flag"`
	ClientAccessDelegable string   `query:"isClientAccessDelegable" enum:"true,false" doc:"With this flag"`
	interop.Paged
	api.Correlated
}

// DescriptorSeed is a new descriptor.
type DescriptorSeed struct {
	_                     struct{} `json:"-" additionalProperties:"false"`
	Description           string   `json:"description,omitempty" minLength:"10" maxLength:"250" doc:"What is new"`
	Audience              []string `json:"audience" minItems:"1" maxItems:"1" nullable:"false" maxLength:"250" doc:"Audience of the vouchers"`
	VoucherLifespan       int64    `json:"voucherLifespan" minimum:"60" maximum:"86400" doc:"Seconds that a voucher is valid"`
	DailyCallsPerConsumer int64    `json:"dailyCallsPerConsumer" minimum:"1" maximum:"1000000000" doc:"Calls a day that a consumer may plan without approval"`
	DailyCallsTotal       int64    `json:"dailyCallsTotal" minimum:"1" maximum:"1000000000" doc:"Calls a day that all consumers may plan without approval"`
	ApprovalPolicy        string   `json:"agreementApprovalPolicy" enum:"AUTOMATIC,MANUAL" doc:"Whether the producer approves each agreement"`
}

func (d DescriptorSeed) terms() Terms {
	return Terms{
		Description: d.Description, Audience: d.Audience, VoucherLifespan: d.VoucherLifespan,
		DailyCallsPerConsumer: d.DailyCallsPerConsumer, DailyCallsTotal: d.DailyCallsTotal, ApprovalPolicy: d.ApprovalPolicy,
	}
}

// CreateInput is a new e-service with its first descriptor.
type CreateInput struct {
	api.Correlated
	Body struct {
		_                     struct{}       `json:"-" additionalProperties:"false"`
		Name                  string         `json:"name" minLength:"5" maxLength:"60" doc:"Unique among the producer's, regardless of case"`
		Description           string         `json:"description" minLength:"10" maxLength:"400" doc:"What it is for"`
		Technology            string         `json:"technology" enum:"REST,SOAP" doc:"How it is called"`
		Mode                  string         `json:"mode" enum:"RECEIVE,DELIVER" doc:"DELIVER: the producer delivers data; RECEIVE: consumers do"`
		Descriptor            DescriptorSeed `json:"descriptor" doc:"The first version"`
		SignalHub             *bool          `json:"isSignalHubEnabled,omitempty" nullable:"false" doc:"Whether it signals changes"`
		ConsumerDelegable     *bool          `json:"isConsumerDelegable,omitempty" nullable:"false" doc:"Whether consumers may delegate"`
		ClientAccessDelegable *bool          `json:"isClientAccessDelegable,omitempty" nullable:"false" doc:"Whether delegates may use clients of their own"`
		PersonalData          *bool          `json:"personalData,omitempty" nullable:"false" doc:"Whether it deals with personal data"`
		AsyncExchange         *bool          `json:"asyncExchange,omitempty" nullable:"false" doc:"Whether it answers asynchronously"`
	}
}

// Clearable is a flag of a merge patch: absent, null, true or false.
type Clearable struct {
	Sent  bool
	Value *bool
}

// UnmarshalJSON implements [json.Unmarshaler].
func (c *Clearable) UnmarshalJSON(b []byte) error {
	c.Sent = true
	return json.Unmarshal(b, &c.Value)
}

// Schema implements [huma.SchemaProvider].
func (Clearable) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeBoolean, Nullable: true}
}

// UpdateInput is a merge patch (RFC 7396) of an e-service that is a draft.
type UpdateInput struct {
	EServicePath
	Body struct {
		_                     struct{}  `json:"-" additionalProperties:"false"`
		Name                  *string   `json:"name,omitempty" nullable:"false" minLength:"5" maxLength:"60" doc:"Unique among the producer's, regardless of case"`
		Description           *string   `json:"description,omitempty" nullable:"false" minLength:"10" maxLength:"400" doc:"What it is for"`
		Technology            *string   `json:"technology,omitempty" nullable:"false" enum:"REST,SOAP" doc:"How it is called"`
		Mode                  *string   `json:"mode,omitempty" nullable:"false" enum:"RECEIVE,DELIVER" doc:"DELIVER: the producer delivers data; RECEIVE: consumers do"`
		SignalHub             *bool     `json:"isSignalHubEnabled,omitempty" nullable:"false" doc:"Whether it signals changes"`
		ConsumerDelegable     *bool     `json:"isConsumerDelegable,omitempty" nullable:"false" doc:"Whether consumers may delegate"`
		ClientAccessDelegable *bool     `json:"isClientAccessDelegable,omitempty" nullable:"false" doc:"Whether delegates may use clients of their own"`
		PersonalData          Clearable `json:"personalData,omitzero" doc:"Whether it deals with personal data; null for unknown"`
		AsyncExchange         Clearable `json:"asyncExchange,omitzero" doc:"Whether it answers asynchronously; null for unknown"`
	}
}

// data returns the data of the new e-service.
func (in *CreateInput) data() Data {
	return Data{
		Name:                  in.Body.Name,
		Description:           in.Body.Description,
		Technology:            in.Body.Technology,
		Mode:                  in.Body.Mode,
		SignalHub:             in.Body.SignalHub,
		ConsumerDelegable:     in.Body.ConsumerDelegable,
		ClientAccessDelegable: in.Body.ClientAccessDelegable,
		PersonalData:          in.Body.PersonalData,
		AsyncExchange:         in.Body.AsyncExchange,
	}
}

// set replaces *to when a value was sent.
func set[T any](to, sent *T) {
	if sent != nil {
		*to = *sent
	}
}

// setFlag replaces *to when a flag was sent.
func setFlag(to **bool, sent *bool) {
	if sent != nil {
		*to = sent
	}
}

func (in *UpdateInput) apply(d *Data) {
	set(&d.Name, in.Body.Name)
	set(&d.Description, in.Body.Description)
	set(&d.Technology, in.Body.Technology)
	set(&d.Mode, in.Body.Mode)
	setFlag(&d.SignalHub, in.Body.SignalHub)
	setFlag(&d.ConsumerDelegable, in.Body.ConsumerDelegable)
	setFlag(&d.ClientAccessDelegable, in.Body.ClientAccessDelegable)
	if in.Body.PersonalData.Sent {
		d.PersonalData = in.Body.PersonalData.Value
	}
	if in.Body.AsyncExchange.Sent {
		d.AsyncExchange = in.Body.AsyncExchange.Value
	}
}

// DelegationInput is a merge patch (RFC 7396) of what consumers may delegate.
type DelegationInput struct {
	EServicePath
	Body struct {
		_                     struct{} `json:"-" additionalProperties:"false"`
		ConsumerDelegable     *bool    `json:"isConsumerDelegable,omitempty" nullable:"false" doc:"Whether consumers may delegate"`
		ClientAccessDelegable *bool    `json:"isClientAccessDelegable,omitempty" nullable:"false" doc:"Whether delegates may use clients of their own"`
	}
}

// DescriptionInput is a new description.
type DescriptionInput struct {
	EServicePath
	Body struct {
		_           struct{} `json:"-" additionalProperties:"false"`
		Description string   `json:"description" minLength:"10" maxLength:"400" doc:"What it is for"`
	}
}

// NameInput is a new name.
type NameInput struct {
	EServicePath
	Body struct {
		_    struct{} `json:"-" additionalProperties:"false"`
		Name string   `json:"name" minLength:"5" maxLength:"60" doc:"Unique among the producer's, regardless of case"`
	}
}

// SignalHubInput sets whether the e-service signals changes.
type SignalHubInput struct {
	EServicePath
	Body struct {
		_         struct{} `json:"-" additionalProperties:"false"`
		SignalHub bool     `json:"isSignalHubEnabled" doc:"Whether it signals changes"`
	}
}

// PersonalDataInput sets whether the e-service deals with personal data.
type PersonalDataInput struct {
	EServicePath
	Body struct {
		_            struct{} `json:"-" additionalProperties:"false"`
		PersonalData bool     `json:"personalData" doc:"Whether it deals with personal data"`
	}
}

// DescriptorsInput selects a page of an e-service's descriptors.
type DescriptorsInput struct {
	EServicePath
	State string `query:"state" enum:"DRAFT,PUBLISHED,DEPRECATED,SUSPENDED,ARCHIVED,WAITING_FOR_APPROVAL,ARCHIVING,ARCHIVING_SUSPENDED" doc:"In this state"`
	interop.Paged
}

// NewDescriptorInput is a new descriptor.
type NewDescriptorInput struct {
	EServicePath
	Body DescriptorSeed
}

// DescriptorUpdateInput is a merge patch (RFC 7396) of a descriptor that is a draft.
type DescriptorUpdateInput struct {
	DescriptorPath
	Body struct {
		_                     struct{} `json:"-" additionalProperties:"false"`
		Description           *string  `json:"description,omitempty" nullable:"false" minLength:"10" maxLength:"250" doc:"What is new"`
		Audience              []string `json:"audience,omitempty" minItems:"1" maxItems:"1" nullable:"false" minLength:"1" maxLength:"250" doc:"Audience of the vouchers"`
		VoucherLifespan       *int64   `json:"voucherLifespan,omitempty" nullable:"false" minimum:"60" maximum:"86400" doc:"Seconds that a voucher is valid"`
		DailyCallsPerConsumer *int64   `json:"dailyCallsPerConsumer,omitempty" nullable:"false" minimum:"1" maximum:"1000000000" doc:"Calls a day that a consumer may plan without approval"`
		DailyCallsTotal       *int64   `json:"dailyCallsTotal,omitempty" nullable:"false" minimum:"1" maximum:"1000000000" doc:"Calls a day that all consumers may plan without approval"`
		ApprovalPolicy        *string  `json:"agreementApprovalPolicy,omitempty" nullable:"false" enum:"AUTOMATIC,MANUAL" doc:"Whether the producer approves each agreement"`
	}
}

func (in *DescriptorUpdateInput) apply(t *Terms) {
	set(&t.Description, in.Body.Description)
	if in.Body.Audience != nil {
		t.Audience = in.Body.Audience
	}
	set(&t.VoucherLifespan, in.Body.VoucherLifespan)
	set(&t.DailyCallsPerConsumer, in.Body.DailyCallsPerConsumer)
	set(&t.DailyCallsTotal, in.Body.DailyCallsTotal)
	set(&t.ApprovalPolicy, in.Body.ApprovalPolicy)
}

// QuotasInput is a merge patch (RFC 7396) of what may change of a published descriptor.
type QuotasInput struct {
	DescriptorPath
	Body struct {
		_                     struct{} `json:"-" additionalProperties:"false"`
		VoucherLifespan       *int64   `json:"voucherLifespan,omitempty" nullable:"false" minimum:"60" maximum:"86400" doc:"Seconds that a voucher is valid"`
		DailyCallsPerConsumer *int64   `json:"dailyCallsPerConsumer,omitempty" nullable:"false" minimum:"1" maximum:"1000000000" doc:"Calls a day that a consumer may plan without approval"`
		DailyCallsTotal       *int64   `json:"dailyCallsTotal,omitempty" nullable:"false" minimum:"1" maximum:"1000000000" doc:"Calls a day that all consumers may plan without approval"`
	}
}

func (in *QuotasInput) apply(t *Terms) {
	set(&t.VoucherLifespan, in.Body.VoucherLifespan)
	set(&t.DailyCallsPerConsumer, in.Body.DailyCallsPerConsumer)
	set(&t.DailyCallsTotal, in.Body.DailyCallsTotal)
}
