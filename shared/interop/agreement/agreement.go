// Package agreement is the requests of consumers to use e-services: submitted,
// approved, suspended by either side or by the platform, upgraded to newer
// descriptors and archived (PDND M2M v3, agreements).
package agreement

import (
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/list"
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

	Listed list.Stamp `dynamodbav:"listed"`
}

// Suspension says which sides suspend an agreement. A flag is nil until its side
// suspends for the first time, so an agreement that was never suspended is shown
// without flags. A draft made by an upgrade has the flags of the agreement that it
// will replace.
type Suspension struct {
	ByConsumer  *bool  `dynamodbav:"suspendedByConsumer,omitempty"`
	ByProducer  *bool  `dynamodbav:"suspendedByProducer,omitempty"`
	ByPlatform  *bool  `dynamodbav:"suspendedByPlatform,omitempty"`
	SuspendedAt string `dynamodbav:"suspendedAt,omitempty"`
}

func isSet(flag *bool) bool { return flag != nil && *flag }

// setFlag changes a flag. A flag that is nil stays nil when the value is false.
func setFlag(flag **bool, value bool) {
	if value || *flag != nil {
		*flag = &value
	}
}

// isInUse reports whether the agreement counts as a use of its descriptor.
func (a *agreement) isInUse() bool { return a.State == Active || a.State == Suspended }

// isRequested reports whether the agreement is on its way into use.
func (a *agreement) isRequested() bool {
	return a.State == Draft || a.State == Pending || a.State == MissingCertified
}

// isSelf reports whether the producer is the consumer of its own e-service.
func (a *agreement) isSelf() bool { return a.ConsumerID == a.ProducerID }

// sides returns the roles that an organization has in the agreement.
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

// isVisibleTo reports whether an organization may see an agreement: both sides may,
// and the producer only once it is no draft.
func isVisibleTo(organization, consumerID, producerID string, state lifecycle.State) bool {
	return organization == consumerID || organization == producerID && state != Draft
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
	// The parties, because the history outlives an agreement that is deleted.
	ConsumerID string `dynamodbav:"consumerId"`
	ProducerID string `dynamodbav:"producerId"`
}
