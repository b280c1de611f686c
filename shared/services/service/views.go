package service

import (
	"time"

	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/table"
)

// Metadata is the metadata of a service as clients read it.
type Metadata struct {
	BaseMetadata
	Topic   *Topic `json:"topic,omitempty" doc:"What the service is about"`
	GroupID string `json:"group_id,omitempty" doc:"The group of the owner that the service belongs to"`
}

// Sheet is the data of a service as clients read it.
type Sheet struct {
	Name         string       `json:"name" doc:"Name of the service"`
	Description  string       `json:"description" doc:"What it offers, in Markdown"`
	Organization Organization `json:"organization" doc:"The public body that offers it"`

	RequireSecureChannel    bool     `json:"require_secure_channel" doc:"Whether messages are shown only behind a lock"`
	AuthorizedRecipients    []string `json:"authorized_recipients" nullable:"false" doc:"Fiscal codes that a sender on trial may write to"`
	AuthorizedCIDRs         []string `json:"authorized_cidrs" nullable:"false" doc:"Networks that the keys may be used from, all when empty"`
	MaxAllowedPaymentAmount int64    `json:"max_allowed_payment_amount" minimum:"0" maximum:"9999999999" doc:"In euro cents"`

	SuitableForMinors *bool    `json:"suitable_for_minors,omitempty" nullable:"false" doc:"Whether people from the age of 14 may see it"`
	Metadata          Metadata `json:"metadata" doc:"Links, contacts, scope and topic"`
}

func (d *Data) sheet(group string) Sheet {
	return Sheet{
		Name: d.Name, Description: d.Description, Organization: d.Organization,
		RequireSecureChannel: d.RequireSecureChannel,
		AuthorizedRecipients: notNil(d.AuthorizedRecipients), AuthorizedCIDRs: notNil(d.AuthorizedCIDRs),
		MaxAllowedPaymentAmount: d.MaxAllowedPaymentAmount, SuitableForMinors: d.SuitableForMinors,
		Metadata: Metadata{BaseMetadata: d.Metadata, Topic: topic(d.TopicID), GroupID: group},
	}
}

// notNil returns an empty list for nil, which JSON would write as null.
func notNil(all []string) []string {
	if all == nil {
		return []string{}
	}
	return all
}

// Status is the state of a service with the outcome of its review.
type Status struct {
	Value  string `json:"value" enum:"draft,submitted,approved,rejected,deleted" doc:"Where the service is in its lifecycle"`
	Reason string `json:"reason,omitempty" doc:"Why it was rejected; the automatic review gives one line per field"`
	Code   string `json:"code,omitempty" enum:"CONTRACT_NOT_RECEIVED,NOT_A_DELEGATE,MISSING_METADATA,INVALID_FIELDS,DUPLICATE_NAME" doc:"The reason as a code"`
}

// View is a service as its owner reads it (App IO, ServiceLifecycle).
type View struct {
	ID         string `json:"id" doc:"Unique identifier of the service, a ULID"`
	Status     Status `json:"status" doc:"Where the service is in its lifecycle"`
	Version    int64  `json:"version" doc:"Counts the accepted changes; also in ETag"`
	LastUpdate string `json:"last_update" example:"2023-01-22T00:00:00.000Z" doc:"Time of the last change"`
	Visibility string `json:"visibility,omitempty" enum:"published,unpublished" doc:"Whether citizens see it; in lists alone, and absent before the first approval"`
	Sheet
}

func (s *service) view() View {
	return View{
		ID: s.ID, Status: Status{Value: string(s.State), Reason: s.Reason, Code: s.Code}, Version: s.Version, LastUpdate: s.ModifiedAt,
		Sheet: s.Data.sheet(s.Group),
	}
}

// PublicationView is the copy that was approved (App IO, ServicePublication).
type PublicationView struct {
	ID         string `json:"id" doc:"Unique identifier of the service, a ULID"`
	Status     string `json:"status" enum:"published,unpublished" doc:"Whether citizens see it"`
	Version    int64  `json:"version" doc:"Counts the changes of the publication; also in ETag"`
	LastUpdate string `json:"last_update" example:"2023-01-22T00:00:00.000Z" doc:"Time of the last change of the publication"`
	Sheet
}

func (p *publication) view() PublicationView {
	return PublicationView{ID: p.ID, Status: string(p.State), Version: p.Version, LastUpdate: p.ModifiedAt, Sheet: p.Data.sheet("")}
}

// HistoryStatus is the state after a change.
type HistoryStatus struct {
	Kind   string `json:"kind" enum:"publication,lifecycle" doc:"Which of the two records changed"`
	Value  string `json:"value" enum:"draft,submitted,approved,rejected,deleted,published,unpublished" doc:"Its state after the change"`
	Reason string `json:"reason,omitempty" doc:"Why the service was rejected"`
	Code   string `json:"code,omitempty" enum:"CONTRACT_NOT_RECEIVED,NOT_A_DELEGATE,MISSING_METADATA,INVALID_FIELDS,DUPLICATE_NAME" doc:"The reason as a code"`
}

// HistoryItem is a record after one change (App IO, ServiceHistoryItem).
type HistoryItem struct {
	ID         string        `json:"id" doc:"Unique identifier of the service, a ULID"`
	Status     HistoryStatus `json:"status" doc:"The state after the change"`
	Version    int64         `json:"version" doc:"The version of the record that the change made"`
	LastUpdate string        `json:"last_update" example:"2023-01-22T00:00:00.000Z" doc:"Time of the change"`
	Sheet
}

func (r row) view(id string) HistoryItem {
	return HistoryItem{
		ID: id, Status: HistoryStatus{Kind: r.Kind, Value: string(r.State), Reason: r.Reason, Code: r.Code}, Version: r.Version, LastUpdate: r.At,
		Sheet: r.Data.sheet(r.Group),
	}
}

// Waiting is a service in the queue of reviewers.
type Waiting struct {
	Service        View         `json:"service" doc:"The service as submitted"`
	Owner          string       `json:"owner" doc:"Owner of the service"`
	SubmittedAt    string       `json:"submitted_at" example:"2023-01-22T00:00:00.000Z" doc:"Time of the submission"`
	WaitingSeconds int64        `json:"waiting_seconds" minimum:"0" doc:"Seconds since the submission"`
	AutoPublish    bool         `json:"auto_publish" doc:"Whether an approval publishes it at once"`
	First          bool         `json:"first" doc:"Whether it was never approved before"`
	Priority       string       `json:"priority" enum:"high,medium" doc:"High for a national service"`
	Changes        []Difference `json:"changes" nullable:"false" doc:"Differences from the copy approved last; empty without one"`
	AllowedActions []string     `json:"allowedActions" nullable:"false" doc:"What a reviewer may do now"`
}

func (s snapshot) waiting(now time.Time) Waiting {
	w := Waiting{
		Service: s.service.view(), Owner: s.service.Owner, SubmittedAt: s.service.SubmittedAt,
		AutoPublish: s.service.AutoPublish, First: s.publication == nil, Priority: "medium", Changes: s.differences(),
		AllowedActions: lifecycle.Words(Machine.Possible(s.service.State, Reviewer)),
	}
	if s.service.Data.Metadata.Scope == "NATIONAL" {
		w.Priority = "high"
	}
	if since, err := table.ParseStamp(s.service.SubmittedAt); err == nil {
		w.WaitingSeconds = max(0, int64(now.Sub(since)/time.Second))
	}
	return w
}
