package service

import (
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/services"
	"ciclo/shared/services/subscription"
)

// maxBody is the size of the largest body with the data of a service. A page of services of
// that size fits into an answer of Lambda.
const maxBody = 32 << 10

// PayloadMetadata is the metadata of a service as clients send it.
type PayloadMetadata struct {
	BaseMetadata
	TopicID *float64 `json:"topic_id,omitempty" nullable:"false" doc:"Id of the topic; clients from before 2024 leave it out"`
	GroupID string   `json:"group_id,omitempty" minLength:"1" doc:"Ignored: a service belongs to the group of the key that created it"`
}

// Payload is the data of a service as clients send it (App IO, CreateServicePayload
// and ServicePayload).
type Payload struct {
	Name         string       `json:"name" minLength:"1" doc:"Name of the service; blanks around it are removed"`
	Description  string       `json:"description" minLength:"1" doc:"What it offers, in Markdown"`
	Organization Organization `json:"organization" doc:"The public body that offers it"`

	RequireSecureChannel bool `json:"require_secure_channel,omitempty" default:"false" doc:"Whether messages are shown only behind a lock"`

	AuthorizedRecipients []string `json:"authorized_recipients,omitempty" nullable:"false" pattern:"^[A-Z]{6}[0-9LMNPQRSTUV]{2}[ABCDEHLMPRST][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]$" doc:"Fiscal codes that a sender on trial may write to; that of the sandbox is added"`

	AuthorizedCIDRs []string `json:"authorized_cidrs,omitempty" nullable:"false" pattern:"^([0-9]{1,3}[.]){3}[0-9]{1,3}(/([0-9]|[1-2][0-9]|3[0-2]))?$" doc:"Networks that the service's keys may be used from, all when empty; the review finds numbers above 255"`

	MaxAllowedPaymentAmount *int64 `json:"max_allowed_payment_amount,omitempty" nullable:"true" minimum:"0" maximum:"9999999999" doc:"In euro cents"`

	SuitableForMinors *bool `json:"suitable_for_minors,omitempty" nullable:"false" doc:"Whether people from the age of 14 may see it"`

	Metadata PayloadMetadata `json:"metadata" doc:"Links, contacts, scope and topic"`
}

// check returns the fields that the schema accepts and the API does not.
func (p *Payload) check() []problem.Field {
	if strings.TrimSpace(p.Name) == "" {
		return []problem.Field{{Name: "body.name", Code: services.RequestInvalid.Name, Detail: "expected more than blanks"}}
	}
	return nil
}

// data returns the payload as it is stored.
func (p *Payload) data() Data {
	d := Data{
		Name: strings.TrimSpace(p.Name), Description: p.Description, Organization: p.Organization,
		RequireSecureChannel: p.RequireSecureChannel,
		AuthorizedRecipients: notNil(p.AuthorizedRecipients), AuthorizedCIDRs: notNil(p.AuthorizedCIDRs),
		SuitableForMinors: p.SuitableForMinors, Metadata: p.Metadata.BaseMetadata,
	}
	if !slices.Contains(d.AuthorizedRecipients, SandboxRecipient) {
		d.AuthorizedRecipients = append(slices.Clone(d.AuthorizedRecipients), SandboxRecipient)
	}
	if p.MaxAllowedPaymentAmount != nil {
		d.MaxAllowedPaymentAmount = *p.MaxAllowedPaymentAmount
	}
	if p.Metadata.TopicID != nil {
		id := int(*p.Metadata.TopicID)
		d.TopicID = &id
	}
	return d
}

// NoInput is the input of an operation without parameters.
type NoInput struct{ api.Correlated }

// ServiceInput names a service.
type ServiceInput struct{ services.ServicePath }

// ChangeInput names a service to change, and the versions that the caller accepts.
type ChangeInput struct {
	services.ServicePath
	api.Matched
}

// CreateInput is the data of a new service.
type CreateInput struct {
	api.Correlated
	Body Payload
}

// Check implements [api.Checked].
func (in *CreateInput) Check() []problem.Field { return in.Body.check() }

// UpdateInput is the data that replaces the data of a service.
type UpdateInput struct {
	services.ServicePath
	api.Matched
	Body Payload
}

// Check implements [api.Checked].
func (in *UpdateInput) Check() []problem.Field { return in.Body.check() }

// SearchInput selects services of a list and a page of them.
type SearchInput struct {
	services.Paged
	api.Correlated
	Name       string `query:"name" maxLength:"256" doc:"Part of the name, in any case"`
	State      string `query:"state" enum:"draft,submitted,approved,rejected,deleted" doc:"The state of the service"`
	Visibility string `query:"visibility" enum:"published,unpublished,none" doc:"Whether citizens see it; none before the first approval"`
	Order      string `query:"order" enum:"created,-created,name,-name,last_update,-last_update" default:"created" doc:"What the list is sorted by; a minus in front reverses it"`
}

// ListInput selects a page of a list.
type ListInput struct {
	services.Paged
	api.Correlated
}

// LogoInput is a logo.
type LogoInput struct {
	services.ServicePath
	Body struct {
		Logo string `json:"logo" minLength:"1" doc:"A PNG image of at most 1 MiB, as base64"`
	}
}

// HistoryInput selects a page of the history of a service.
type HistoryInput struct {
	services.ServicePath
	Order             string `query:"order" enum:"ASC,DESC" default:"DESC" doc:"Oldest or newest first"`
	Limit             int    `query:"limit" minimum:"1" maximum:"100" default:"10" doc:"Most entries returned"`
	ContinuationToken string `query:"continuationToken" minLength:"1" maxLength:"256" doc:"From the page before"`
}

// Resolve implements [huma.Resolver].
func (HistoryInput) Resolve(ctx huma.Context) []error {
	errs := api.WholeNumbers(ctx, "limit")
	u := ctx.URL()
	for _, name := range []string{"order", "continuationToken"} {
		if values, sent := u.Query()[name]; sent && (len(values) > 1 || values[0] == "") {
			errs = append(errs, &huma.ErrorDetail{Location: "query." + name, Message: "expected one value that is not empty"})
		}
	}
	return errs
}

// RegenerateKeyInput names the key to replace.
type RegenerateKeyInput struct {
	services.ServicePath
	KeyType subscription.KeyType `path:"keyType" enum:"primary,secondary" doc:"Which of the two keys"`
}

// ReviewInput requests a review of a service.
type ReviewInput struct {
	services.ServicePath
	api.Matched
	Body struct {
		AutoPublish bool `json:"auto_publish" doc:"Whether an approval publishes the service at once"`
	}
}

// RejectInput rejects a service with a reason.
type RejectInput struct {
	services.ServicePath
	api.Matched
	Body struct {
		Reason string `json:"reason" minLength:"1" maxLength:"4096" doc:"What the owner has to change"`

		Code string `json:"code,omitempty" enum:"CONTRACT_NOT_RECEIVED,NOT_A_DELEGATE,MISSING_METADATA,INVALID_FIELDS" doc:"The reason as a code"`
	}
}

// Check implements [api.Checked]; a reason of blanks is refused.
func (in *RejectInput) Check() []problem.Field {
	if strings.TrimSpace(in.Body.Reason) == "" {
		return []problem.Field{{Name: "body.reason", Code: services.RequestInvalid.Name, Detail: "expected more than blanks"}}
	}
	return nil
}

var _ huma.Resolver = HistoryInput{}
