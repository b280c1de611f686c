// Package eservice is the e-services of producers with their descriptors, which
// are versions: drafted, published, suspended, deprecated by a newer one and
// archived (PDND M2M v3, catalogue).
package eservice

import (
	"slices"
	"strconv"

	"ciclo/shared/platform/lifecycle"
)

// Data is what the producer says about an e-service.
type Data struct {
	Name                  string `dynamodbav:"name"`
	Description           string `dynamodbav:"description"`
	Technology            string `dynamodbav:"technology"`
	Mode                  string `dynamodbav:"mode"`
	SignalHub             *bool  `dynamodbav:"signalHub,omitempty"`
	ConsumerDelegable     *bool  `dynamodbav:"consumerDelegable,omitempty"`
	ClientAccessDelegable *bool  `dynamodbav:"clientAccessDelegable,omitempty"`
	PersonalData          *bool  `dynamodbav:"personalData,omitempty"`
	AsyncExchange         *bool  `dynamodbav:"asyncExchange,omitempty"`
}

// EService is the root item; its version counts the changes of everything below it.
type EService struct {
	ID         string `dynamodbav:"id"`
	ProducerID string `dynamodbav:"producerId"`
	Version    int64  `dynamodbav:"version"`
	CreatedAt  string `dynamodbav:"createdAt"`
	Folded     bool   `dynamodbav:"folded,omitempty"` // the name is claimed as names.Claims says, which differs from lower case
	Data
	Descriptors []DescriptorSummary `dynamodbav:"descriptors,omitempty"` // that agreements may be on, oldest first
}

// Terms is what the producer says about a descriptor.
type Terms struct {
	Description           string   `dynamodbav:"description,omitempty"`
	Audience              []string `dynamodbav:"audience"`
	VoucherLifespan       int64    `dynamodbav:"voucherLifespan"` // seconds
	DailyCallsPerConsumer int64    `dynamodbav:"dailyCallsPerConsumer"`
	DailyCallsTotal       int64    `dynamodbav:"dailyCallsTotal"`
	ApprovalPolicy        string   `dynamodbav:"approvalPolicy"`
}

// Descriptor is one version of an e-service.
type Descriptor struct {
	ID           string          `dynamodbav:"id"`
	Number       int64           `dynamodbav:"number"`
	State        lifecycle.State `dynamodbav:"state"`
	CreatedAt    string          `dynamodbav:"createdAt"`
	PublishedAt  string          `dynamodbav:"publishedAt,omitempty"`
	SuspendedAt  string          `dynamodbav:"suspendedAt,omitempty"`
	DeprecatedAt string          `dynamodbav:"deprecatedAt,omitempty"`
	ArchivedAt   string          `dynamodbav:"archivedAt,omitempty"`
	// AudienceClaimed tells that the descriptor counts in the claims on its audience:
	// see audienceSteps. It is false of drafts, and of what was published while
	// audiences were shared or by a release that did not claim them.
	AudienceClaimed bool `dynamodbav:"audienceClaimed,omitempty"`
	Terms
	Requirements
}

func (d *Descriptor) version() string { return strconv.FormatInt(d.Number, 10) }

// Catalogue is an e-service with its descriptors, oldest first.
type Catalogue struct {
	EService    *EService
	Descriptors []*Descriptor

	uses      map[int64]int64 // agreements by the descriptor's number; without an entry there never were any
	audiences audiences       // what a change must know of those of others

	// Of a change that is being planned:
	relied    []int64 // the numbers of the descriptors by whose use it was planned
	planned   int     // steps of the transaction, without those that every change has
	full      bool    // descriptors were left as they are, as the transaction has no room
	published string  // the id of the descriptor that it publishes
}

// Find returns the descriptor of that id, nil when there is none.
func (c Catalogue) Find(id string) *Descriptor {
	for _, d := range c.Descriptors {
		if d.ID == id {
			return d
		}
	}
	return nil
}

// in tells whether a descriptor is in one of the states.
func (c Catalogue) in(states ...lifecycle.State) bool {
	return slices.ContainsFunc(c.Descriptors, func(d *Descriptor) bool { return slices.Contains(states, d.State) })
}

// isPublic tells whether others than the producer may see the e-service.
func (c Catalogue) isPublic() bool { return c.in(Published, Suspended, Deprecated, Archived) }

// with returns the catalogue with one descriptor replaced.
func (c Catalogue) with(next *Descriptor) Catalogue {
	c.Descriptors = slices.Clone(c.Descriptors)
	for i, d := range c.Descriptors {
		if d.ID == next.ID {
			c.Descriptors[i] = next
			return c
		}
	}
	c.Descriptors = append(c.Descriptors, next)
	return c
}

// Latest is the newest descriptor that is not a draft, nil when there is none.
func (c Catalogue) Latest() *Descriptor {
	for _, d := range slices.Backward(c.Descriptors) {
		if d.State != Draft {
			return d
		}
	}
	return nil
}
