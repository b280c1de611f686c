// Package eservice is the catalogue: the e-services of producers and their
// descriptors, the versions of an e-service, which are drafted, published, suspended,
// deprecated by a newer one and archived (PDND M2M v3, catalogue).
package eservice

import (
	"slices"
	"strconv"

	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/list"
)

// Data is what the producer chooses about an e-service.
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

// EService is the root item of an e-service. Its version counts the changes of the
// e-service and its descriptors.
type EService struct {
	ID         string `dynamodbav:"id"`
	ProducerID string `dynamodbav:"producerId"`
	Version    int64  `dynamodbav:"version"`
	CreatedAt  string `dynamodbav:"createdAt"`
	// Listed is the stamp of its entries in lists.
	Listed list.Stamp `dynamodbav:"listed,omitempty"`
	// Folded tells that the name is claimed as names.Claims returns it. Earlier
	// releases claimed it in lower case.
	Folded bool `dynamodbav:"folded,omitempty"`
	Data
	// Descriptors has the descriptors that agreements may be on, oldest first.
	Descriptors []DescriptorSummary `dynamodbav:"descriptors,omitempty"`
}

// Terms is what the producer chooses about a descriptor.
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
	// AudienceClaimed tells that the claims on its audience count the descriptor, see
	// audienceSteps. It is false of drafts, and of descriptors that were published while
	// audiences were shared or by a release that did not claim them.
	AudienceClaimed bool `dynamodbav:"audienceClaimed,omitempty"`
	Terms
	Requirements
}

func (d *Descriptor) version() string { return strconv.FormatInt(d.Number, 10) }

// Catalogue is an e-service with its descriptors, oldest first.
type Catalogue struct {
	EService    *EService // nil when there is none
	Descriptors []*Descriptor

	// uses has the agreements that are active or suspended by the number of their
	// descriptor. A descriptor without an entry never had any.
	uses map[int64]int64
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

// Latest returns the newest descriptor that is not a draft, nil when there is none.
func (c Catalogue) Latest() *Descriptor {
	for _, d := range slices.Backward(c.Descriptors) {
		if d.State != Draft {
			return d
		}
	}
	return nil
}

// IsVisibleTo tells whether an organization may see the e-service: its producer always,
// others once a descriptor was published.
func (c Catalogue) IsVisibleTo(organization string) bool {
	return c.EService.ProducerID == organization || c.isPublic()
}

// isPublic tells whether organizations other than the producer may see the e-service.
func (c Catalogue) isPublic() bool { return c.hasState(Published, Suspended, Deprecated, Archived) }

// hasState tells whether a descriptor is in one of the states.
func (c Catalogue) hasState(states ...lifecycle.State) bool {
	return slices.ContainsFunc(c.Descriptors, func(d *Descriptor) bool { return slices.Contains(states, d.State) })
}

// withData returns the catalogue with other data of the e-service.
func (c Catalogue) withData(edit func(*Data)) Catalogue {
	next := *c.EService
	edit(&next.Data)
	c.EService = &next
	return c
}

// with returns the catalogue with a descriptor added, or replaced when its id is known.
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

// without returns the catalogue without a descriptor.
func (c Catalogue) without(gone *Descriptor) Catalogue {
	c.Descriptors = slices.DeleteFunc(slices.Clone(c.Descriptors), func(d *Descriptor) bool { return d == gone })
	return c
}
