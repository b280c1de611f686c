// Package eservice is the e-services of producers with their descriptors, which
// are versions: drafted, published, suspended, deprecated by a newer one and
// archived (PDND M2M v3, catalogue).
package eservice

import (
	"slices"
	"strconv"

	"ciclo/shared/lifecycle"
	"ciclo/shared/table"
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

// eservice is the root item; its version counts the changes of everything below it.
type eservice struct {
	ID         string `dynamodbav:"id"`
	ProducerID string `dynamodbav:"producerId"`
	Version    int64  `dynamodbav:"version"`
	CreatedAt  string `dynamodbav:"createdAt"`
	Data
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

// descriptor is one version of an e-service.
type descriptor struct {
	ID           string          `dynamodbav:"id"`
	Number       int64           `dynamodbav:"number"`
	State        lifecycle.State `dynamodbav:"state"`
	CreatedAt    string          `dynamodbav:"createdAt"`
	PublishedAt  string          `dynamodbav:"publishedAt,omitempty"`
	SuspendedAt  string          `dynamodbav:"suspendedAt,omitempty"`
	DeprecatedAt string          `dynamodbav:"deprecatedAt,omitempty"`
	ArchivedAt   string          `dynamodbav:"archivedAt,omitempty"`
	Terms
}

func (d *descriptor) version() string { return strconv.FormatInt(d.Number, 10) }

// catalogue is an e-service with its descriptors, oldest first.
type catalogue struct {
	eservice    *eservice
	descriptors []*descriptor
}

// find returns the descriptor of that id, nil when there is none.
func (c catalogue) find(id string) *descriptor {
	for _, d := range c.descriptors {
		if d.ID == id {
			return d
		}
	}
	return nil
}

// in tells whether a descriptor is in one of the states.
func (c catalogue) in(states ...lifecycle.State) bool {
	return slices.ContainsFunc(c.descriptors, func(d *descriptor) bool { return slices.Contains(states, d.State) })
}

// isPublic tells whether others than the producer may see the e-service.
func (c catalogue) isPublic() bool { return c.in(Published, Suspended, Deprecated, Archived) }

// with returns the catalogue with one descriptor replaced.
func (c catalogue) with(next *descriptor) catalogue {
	c.descriptors = slices.Clone(c.descriptors)
	for i, d := range c.descriptors {
		if d.ID == next.ID {
			c.descriptors[i] = next
			return c
		}
	}
	c.descriptors = append(c.descriptors, next)
	return c
}

// latest is the newest descriptor that is not a draft, nil when there is none.
func (c catalogue) latest() *descriptor {
	for _, d := range slices.Backward(c.descriptors) {
		if d.State != Draft {
			return d
		}
	}
	return nil
}

func decode[T any](item table.Item) (*T, error) {
	var record T
	if err := table.Decode(item, &record); err != nil {
		return nil, err
	}
	return &record, nil
}
