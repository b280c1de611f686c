// Package service keeps the services that public bodies offer in the IO app: their data are
// edited, reviewed and published (App IO, manage API).
//
// A service has two records: the service record, which its owner edits, and the publication
// record, the copy that was approved. A change writes both records, the history, the queue
// of reviewers and the names in use in one transaction; see steps.
package service

import (
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/list"
)

// Organization is the public body that offers a service.
type Organization struct {
	Name           string `json:"name" dynamodbav:"name" minLength:"1" doc:"Name of the public body"`
	FiscalCode     string `json:"fiscal_code" dynamodbav:"fiscalCode" pattern:"^[0-9]{11}$" example:"12345678901" doc:"Its fiscal code"`
	DepartmentName string `json:"department_name,omitempty" dynamodbav:"departmentName,omitempty" minLength:"1" doc:"Its department"`
}

// BaseMetadata is the part of the metadata of a service that requests and answers share.
type BaseMetadata struct {
	WebURL     string `json:"web_url,omitempty" dynamodbav:"webUrl,omitempty" minLength:"1" doc:"Web page of the service"`
	AppIOS     string `json:"app_ios,omitempty" dynamodbav:"appIos,omitempty" minLength:"1" doc:"Its app in the App Store"`
	AppAndroid string `json:"app_android,omitempty" dynamodbav:"appAndroid,omitempty" minLength:"1" doc:"Its app in the Play Store"`
	TosURL     string `json:"tos_url,omitempty" dynamodbav:"tosUrl,omitempty" minLength:"1" doc:"Terms of service"`
	PrivacyURL string `json:"privacy_url,omitempty" dynamodbav:"privacyUrl,omitempty" minLength:"1" doc:"Privacy notice; needed for review"`
	Address    string `json:"address,omitempty" dynamodbav:"address,omitempty" minLength:"1" doc:"Postal address"`
	Phone      string `json:"phone,omitempty" dynamodbav:"phone,omitempty" minLength:"1" doc:"Telephone number"`
	Email      string `json:"email,omitempty" dynamodbav:"email,omitempty" minLength:"1" doc:"E-mail address"`
	PEC        string `json:"pec,omitempty" dynamodbav:"pec,omitempty" minLength:"1" doc:"Certified e-mail address"`
	CTA        string `json:"cta,omitempty" dynamodbav:"cta,omitempty" minLength:"1" doc:"Buttons of the service's page, as YAML front matter"`
	TokenName  string `json:"token_name,omitempty" dynamodbav:"tokenName,omitempty" minLength:"1" deprecated:"true" doc:"For single sign-on"`
	SupportURL string `json:"support_url,omitempty" dynamodbav:"supportUrl,omitempty" minLength:"1" doc:"Page of the help desk"`
	Scope      string `json:"scope" dynamodbav:"scope" enum:"NATIONAL,LOCAL" doc:"Whether the service is for the whole country or for a place"`
}

// Data is the data of a service, which its owner edits.
type Data struct {
	Name                    string       `dynamodbav:"name"`
	Description             string       `dynamodbav:"description"`
	Organization            Organization `dynamodbav:"organization"`
	RequireSecureChannel    bool         `dynamodbav:"requireSecureChannel"`
	AuthorizedRecipients    []string     `dynamodbav:"authorizedRecipients"`
	AuthorizedCIDRs         []string     `dynamodbav:"authorizedCidrs"`
	MaxAllowedPaymentAmount int64        `dynamodbav:"maxAllowedPaymentAmount"`
	SuitableForMinors       *bool        `dynamodbav:"suitableForMinors,omitempty"`
	Metadata                BaseMetadata `dynamodbav:"metadata"`
	TopicID                 *int         `dynamodbav:"topicId,omitempty"`
}

// SandboxRecipient may receive messages of every service (App IO).
const SandboxRecipient = "AAAAAA00A00A000A"

// PublishedPaymentCeiling replaces the owner's max_allowed_payment_amount in the publication
// record, in euro cents (App IO).
const PublishedPaymentCeiling = 1000000

// service is the service record. The history calls it lifecycle.
type service struct {
	ID          string          `dynamodbav:"id"`
	Owner       string          `dynamodbav:"owner"`
	Group       string          `dynamodbav:"group,omitempty"`
	State       lifecycle.State `dynamodbav:"state"`
	Version     int64           `dynamodbav:"version"` // +1 with each accepted change
	ModifiedAt  string          `dynamodbav:"modifiedAt"`
	SubmittedAt string          `dynamodbav:"submittedAt,omitempty"` // set while it waits for a reviewer
	AutoPublish bool            `dynamodbav:"autoPublish,omitempty"` // of the last request for review
	Reason      string          `dynamodbav:"reason,omitempty"`      // of a rejection
	Code        string          `dynamodbav:"code,omitempty"`
	Claim       string          `dynamodbav:"claim,omitempty"` // hash of the name claimed while it waits for a reviewer
	Listed      list.Stamp      `dynamodbav:"listed,omitempty"`
	Data        Data            `dynamodbav:"data"`
}

// publication is the publication record.
type publication struct {
	ID         string          `dynamodbav:"id"`
	State      lifecycle.State `dynamodbav:"state"`
	Version    int64           `dynamodbav:"version"`
	ModifiedAt string          `dynamodbav:"modifiedAt"`
	Data       Data            `dynamodbav:"data"`
	// Next is the approved copy that waits for its release while Data stays visible.
	Next *Data `dynamodbav:"next,omitempty"`
	// Claims are the hashes of the names claimed, those of Data and Next; see nameHashes.
	Claims []string `dynamodbav:"claims,omitempty"`
}

// approved returns the copy that was approved last.
func (p *publication) approved() *Data {
	if p.Next != nil {
		return p.Next
	}
	return &p.Data
}

// snapshot is both records of a service; each is nil while it does not exist.
type snapshot struct {
	service     *service
	publication *publication
}

// state returns the state of the service, None without one.
func (s snapshot) state() lifecycle.State {
	if s.service == nil {
		return lifecycle.None
	}
	return s.service.State
}

// visibleAs returns the state of the publication as answers have it: "" without one.
func (s snapshot) visibleAs() string {
	if s.publication == nil {
		return ""
	}
	return string(s.publication.State)
}

// visibility returns the state of the publication, None without one.
func (s snapshot) visibility() lifecycle.State {
	if s.publication == nil {
		return lifecycle.None
	}
	return s.publication.State
}
