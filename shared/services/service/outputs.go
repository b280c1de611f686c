package service

import (
	"ciclo/shared/services"
	"ciclo/shared/services/subscription"
)

// InfoOutput describes the API.
type InfoOutput struct {
	Body struct {
		Version string `json:"version" doc:"Version of the API"`
		Name    string `json:"name" doc:"Name of the API"`
	}
}

// TopicsOutput is the topics.
type TopicsOutput struct {
	Body struct {
		Topics []Topic `json:"topics" nullable:"false" doc:"The topics that services may choose"`
	}
}

// ServiceOutput is a service.
type ServiceOutput struct {
	ETag string `header:"ETag" doc:"The version of the service"`
	Body View
}

// PublicationOutput is a publication.
type PublicationOutput struct {
	ETag string `header:"ETag" doc:"The version of the publication"`
	Body PublicationView
}

// ListOutput is a page of services (App IO, ServicePagination).
type ListOutput struct {
	Body struct {
		Value      []View              `json:"value" nullable:"false" doc:"Services, in the order of their creation unless another one is asked for"`
		Pagination services.Pagination `json:"pagination"`
	}
}

// QueueOutput is a page of the queue of reviewers.
type QueueOutput struct {
	Body struct {
		Value      []Waiting           `json:"value" nullable:"false" doc:"Submitted services, the longest waiting first"`
		Pagination services.Pagination `json:"pagination"`
	}
}

// WaitingOutput is a service that waits for a reviewer.
type WaitingOutput struct {
	ETag string `header:"ETag" doc:"The version of the service"`
	Body Waiting
}

// HistoryOutput is a page of a service's history (App IO, ServiceHistory).
type HistoryOutput struct {
	Body struct {
		ContinuationToken string        `json:"continuationToken,omitempty" doc:"For the next page; absent on the last one"`
		Items             []HistoryItem `json:"items" nullable:"false" doc:"Changes of either record"`
	}
}

// KeysOutput is the keys of a service.
type KeysOutput struct{ Body subscription.Keys }

// LogoOutput is a logo.
type LogoOutput struct {
	ContentType string `header:"Content-Type"`
	NoSniff     string `header:"X-Content-Type-Options" doc:"nosniff: clients must not guess another content type"`
	Body        []byte
}

// CheckOutput is the outcome that a submission would have.
type CheckOutput struct{ Body Check }
