// Package agreement is the requests of consumers to use e-services: submitted,
// approved, suspended by either side or by the platform, upgraded to newer
// descriptors and archived (PDND M2M v3, agreements).
package agreement

import (
	"ciclo/shared/platform/lifecycle"
)

// agreement is a consumer's request to use an e-service, and what became of it.
type agreement struct {
	ID               string          `dynamodbav:"id"`
	EServiceID       string          `dynamodbav:"eserviceId"`
	EServiceName     string          `dynamodbav:"eserviceName"` // lists are ordered by it
	DescriptorID     string          `dynamodbav:"descriptorId"`
	DescriptorNumber int64           `dynamodbav:"descriptorNumber"`
	ProducerID       string          `dynamodbav:"producerId"`
	ConsumerID       string          `dynamodbav:"consumerId"`
	State            lifecycle.State `dynamodbav:"state"`
	Suspension
	Notes           string `dynamodbav:"notes,omitempty"`
	RejectionReason string `dynamodbav:"rejectionReason,omitempty"`
	CreatedAt       string `dynamodbav:"createdAt"`
	UpdatedAt       string `dynamodbav:"updatedAt,omitempty"`
	Version         int64  `dynamodbav:"version"`
}

// Suspension is who holds an agreement suspended: nil for never said, so that an
// agreement nobody ever suspended is shown without flags. A draft that an upgrade
// has made carries the flags of what it will replace.
type Suspension struct {
	ByConsumer  *bool  `dynamodbav:"suspendedByConsumer,omitempty"`
	ByProducer  *bool  `dynamodbav:"suspendedByProducer,omitempty"`
	ByPlatform  *bool  `dynamodbav:"suspendedByPlatform,omitempty"`
	SuspendedAt string `dynamodbav:"suspendedAt,omitempty"`
}

func holds(flag *bool) bool { return flag != nil && *flag }

// put changes a flag, which stays unsaid when it is false and was never said.
func put(flag **bool, value bool) {
	if value || *flag != nil {
		*flag = &value
	}
}

// inUse tells whether the agreement counts as a use of its descriptor.
func (a *agreement) inUse() bool { return a.State == Active || a.State == Suspended }

// isRequested tells whether the agreement is on its way into use.
func (a *agreement) isRequested() bool {
	return a.State == Draft || a.State == Pending || a.State == MissingCertified
}

// isSelf tells whether the producer uses its own e-service.
func (a *agreement) isSelf() bool { return a.ConsumerID == a.ProducerID }

// sides are the roles that an organization has in an agreement.
func (a *agreement) sides(organization string) roles {
	var sides roles
	if a.ConsumerID == organization {
		sides = append(sides, Consumer)
	}
	if a.ProducerID == organization {
		sides = append(sides, Producer)
	}
	return sides
}

// visibleTo tells whether an organization may see the agreement: either side, a
// draft the consumer alone.
func visibleTo(organization, consumerID, producerID string, state lifecycle.State) bool {
	return organization == consumerID || organization == producerID && state != Draft
}

// entry is an agreement in a list.
type entry struct {
	ID           string          `dynamodbav:"id"`
	State        lifecycle.State `dynamodbav:"state"`
	EServiceID   string          `dynamodbav:"eserviceId"`
	EServiceName string          `dynamodbav:"eserviceName"`
	DescriptorID string          `dynamodbav:"descriptorId"`
	ProducerID   string          `dynamodbav:"producerId"`
	ConsumerID   string          `dynamodbav:"consumerId"`
}

func (a *agreement) entry() entry {
	return entry{a.ID, a.State, a.EServiceID, a.EServiceName, a.DescriptorID, a.ProducerID, a.ConsumerID}
}

// event is a row of the history: a change that was accepted.
type event struct {
	Action         lifecycle.Action `dynamodbav:"action"`
	Side           lifecycle.Role   `dynamodbav:"side"`
	OrganizationID string           `dynamodbav:"organizationId,omitempty"` // not of the platform
	From           lifecycle.State  `dynamodbav:"from"`
	To             lifecycle.State  `dynamodbav:"to"`
	At             string           `dynamodbav:"at"`
	Reason         string           `dynamodbav:"reason,omitempty"`
	// The history outlives an agreement that is deleted.
	ConsumerID string `dynamodbav:"consumerId"`
	ProducerID string `dynamodbav:"producerId"`
}
