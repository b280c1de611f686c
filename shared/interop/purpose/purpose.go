// Package purpose keeps what consumers use e-services for, with the calls a day that they
// plan: activated below the producer's thresholds, approved by the producer above them,
// suspended by either side and archived (PDND M2M v3, purposes). A ledger holds the sums
// of the planned calls; the transaction that changes a purpose compares them with the
// thresholds.
package purpose

import (
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/list"
)

// purpose is what a consumer uses an e-service for.
type purpose struct {
	ID         string `dynamodbav:"id"`
	EServiceID string `dynamodbav:"eserviceId"`
	ProducerID string `dynamodbav:"producerId"`
	ConsumerID string `dynamodbav:"consumerId"`
	Folded     bool   `dynamodbav:"folded,omitempty"` // the title is claimed in more forms than lower case: see titleKeys
	Data
	// SuspendedByConsumer and SuspendedByProducer are nil until the side suspends.
	SuspendedByConsumer *bool  `dynamodbav:"suspendedByConsumer,omitempty"`
	SuspendedByProducer *bool  `dynamodbav:"suspendedByProducer,omitempty"`
	CreatedAt           string `dynamodbav:"createdAt"`
	UpdatedAt           string `dynamodbav:"updatedAt,omitempty"`
	// Versions are those that may still change and those that are shown with the
	// purpose, oldest first; all others are items of their own.
	Versions    []version `dynamodbav:"versions"`
	Numbered    int64     `dynamodbav:"numbered"`              // the number of the newest version, also of one that was removed
	WasRejected bool      `dynamodbav:"wasRejected,omitempty"` // at least one version was
	Version     int64     `dynamodbav:"version"`               // counts the changes

	Listed list.Stamp `dynamodbav:"listed"`
}

// Data is the part of a purpose that the consumer writes.
type Data struct {
	Title              string `dynamodbav:"title"`
	Description        string `dynamodbav:"description"`
	FreeOfCharge       bool   `dynamodbav:"freeOfCharge"`
	FreeOfChargeReason string `dynamodbav:"freeOfChargeReason,omitempty"`
	Analysed           bool   `dynamodbav:"analysed"` // there is a Form
}

// Form holds the answers to a risk analysis. Only a clone reads them, so they are an item
// of their own.
type Form struct {
	_       struct{}           `json:"-" additionalProperties:"false"`
	Version string             `json:"version" dynamodbav:"version" minLength:"1" maxLength:"250" doc:"Version of the questions"`
	Answers map[string]Answers `json:"answers" dynamodbav:"answers" doc:"Answers by question"`
}

// Resolve implements [huma.ResolverWithPath]: it refuses questions without a name.
func (f *Form) Resolve(_ huma.Context, prefix *huma.PathBuffer) []error {
	for question := range f.Answers {
		if question == "" || len(question) > maxQuestion {
			return []error{&huma.ErrorDetail{Location: prefix.With("answers"), Message: "expected questions of 1 to 255 bytes"}}
		}
	}
	return nil
}

// maxQuestion is the greatest number of bytes of a question's name.
const maxQuestion = 255

// Answers holds the answers to one question of a risk analysis.
type Answers []string

// Schema implements [huma.SchemaProvider].
func (Answers) Schema(huma.Registry) *huma.Schema {
	least := 1
	most := 2000
	return &huma.Schema{Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeString, MinLength: &least, MaxLength: &most}}
}

// version is a number of calls a day that a purpose plans, with its state.
type version struct {
	ID                string          `dynamodbav:"id"`
	Number            int64           `dynamodbav:"number"`
	State             lifecycle.State `dynamodbav:"state"`
	DailyCalls        int64           `dynamodbav:"dailyCalls"`
	CreatedAt         string          `dynamodbav:"createdAt"`
	UpdatedAt         string          `dynamodbav:"updatedAt,omitempty"`
	SuspendedAt       string          `dynamodbav:"suspendedAt,omitempty"`
	FirstActivationAt string          `dynamodbav:"firstActivationAt,omitempty"`
	RejectionReason   string          `dynamodbav:"rejectionReason,omitempty"`
	ExpectedOn        string          `dynamodbav:"expectedOn,omitempty"` // the day by which the producer expects to activate it
	Check             *ThresholdCheck `dynamodbav:"check,omitempty"`      // why it had to wait
	// Resumes is set for a version that unsuspend made because the load no longer fitted:
	// its approval ends the suspension of this side.
	Resumes lifecycle.Role `dynamodbav:"resumes,omitempty"`
}

func isTrue(flag *bool) bool { return flag != nil && *flag }

// setSuspended sets the flag of a side. A flag that is nil stays nil when it would become
// false. A producer that uses its own e-service has the producer's flag alone.
func (p *purpose) setSuspended(by lifecycle.Role, value bool) {
	flag := &p.SuspendedByConsumer
	if by == Producer || p.isSelf() {
		flag = &p.SuspendedByProducer
	}
	if value || *flag != nil {
		*flag = &value
	}
}

// isSuspendedBy reports whether a side suspends the purpose.
func (p *purpose) isSuspendedBy(by lifecycle.Role) bool {
	if by == Producer || p.isSelf() {
		return isTrue(p.SuspendedByProducer)
	}
	return isTrue(p.SuspendedByConsumer)
}

// isSuspended reports whether at least one side suspends the purpose.
func (p *purpose) isSuspended() bool {
	return isTrue(p.SuspendedByConsumer) || isTrue(p.SuspendedByProducer)
}

// isSelf reports whether the producer uses its own e-service.
func (p *purpose) isSelf() bool { return p.ConsumerID == p.ProducerID }

// rolesOf returns the roles that an organization has in the purpose.
func (p *purpose) rolesOf(organization string) roles {
	var all roles
	if p.ConsumerID == organization {
		all = append(all, Consumer)
	}
	if p.ProducerID == organization {
		all = append(all, Producer)
	}
	return all
}

// newestIn returns the newest version in one of the states, nil when there is none.
func (p *purpose) newestIn(in ...lifecycle.State) *version {
	for i := range slices.Backward(p.Versions) {
		if slices.Contains(in, p.Versions[i].State) {
			return &p.Versions[i]
		}
	}
	return nil
}

// current returns the newest version that neither waits nor was rejected.
func (p *purpose) current() *version { return p.newestIn(Draft, Active, Suspended, Archived) }

// inUse returns the version that is active or suspended, nil when there is none.
func (p *purpose) inUse() *version { return p.newestIn(Active, Suspended) }

// resuming returns the version that waits so that the suspension of a side can end, nil
// when there is none.
func (p *purpose) resuming(by lifecycle.Role) *version {
	if v := p.newestIn(Waiting); v != nil && v.Resumes == by {
		return v
	}
	return nil
}

// find returns the version of that id, nil when it is not with the purpose.
func (p *purpose) find(id string) *version {
	for i := range p.Versions {
		if p.Versions[i].ID == id {
			return &p.Versions[i]
		}
	}
	return nil
}

// removeVersion removes a version from the purpose.
func (p *purpose) removeVersion(id string) {
	p.Versions = slices.DeleteFunc(p.Versions, func(v version) bool { return v.ID == id })
}

// load returns the calls a day that count against the thresholds; 0 for no purpose.
func (p *purpose) load() int64 {
	if p == nil {
		return 0
	}
	if v := p.newestIn(Active); v != nil {
		return v.DailyCalls
	}
	return 0
}

// isDraft reports whether all versions are drafts, which only the consumer sees.
func (p *purpose) isDraft() bool {
	return !p.WasRejected && !slices.ContainsFunc(p.Versions, func(v version) bool { return v.State != Draft })
}

// isUnused reports whether no version was ever in use or rejected.
func (p *purpose) isUnused() bool {
	return !p.WasRejected && !slices.ContainsFunc(p.Versions, func(v version) bool { return v.State != Draft && v.State != Waiting })
}

// isArchived reports whether the purpose was archived, which is for good.
func (p *purpose) isArchived() bool {
	current := p.current()
	return current != nil && current.State == Archived
}

// retire removes the versions that are no longer shown with the purpose, and returns them:
// those that were replaced, and those that were rejected before a newer one was decided.
// A rejected version stays while a newer one waits, because it is shown again when that
// one is taken back.
func (p *purpose) retire() []version {
	current := p.current()
	var kept []version
	var past []version
	for i := range p.Versions {
		v := &p.Versions[i]
		replaced := v.State == Archived && v != current
		outdated := v.State == Rejected && slices.ContainsFunc(p.Versions[i+1:], func(o version) bool { return o.State != Waiting })
		if replaced || outdated {
			past = append(past, *v)
		} else {
			kept = append(kept, *v)
		}
	}
	p.Versions = kept
	return past
}

// listedStates returns the states that lists find the purpose by: those of its versions, but
// ARCHIVED only when all are.
func (p *purpose) listedStates() states {
	var all states
	for i := range p.Versions {
		if state := p.Versions[i].State; state != Archived && state != Rejected && !slices.Contains(all, state) {
			all = append(all, state)
		}
	}
	switch {
	case p.WasRejected:
		all = append(all, Rejected)
	case len(all) == 0:
		all = append(all, Archived)
	}
	return all
}

// isVisibleTo reports whether an organization may see the purpose: the consumer, and the
// producer unless it is a draft.
func (p *purpose) isVisibleTo(organization string) bool {
	return organization == p.ConsumerID || organization == p.ProducerID && !p.isDraft()
}

// event is a row of the history: how a change affected one version.
type event struct {
	Action         lifecycle.Action `dynamodbav:"action"`
	Side           lifecycle.Role   `dynamodbav:"side"`
	OrganizationID string           `dynamodbav:"organizationId,omitempty"` // "" for the platform
	VersionID      string           `dynamodbav:"versionId"`
	DailyCalls     int64            `dynamodbav:"dailyCalls"`
	From           lifecycle.State  `dynamodbav:"from"`
	To             lifecycle.State  `dynamodbav:"to"`
	At             string           `dynamodbav:"at"`
	Reason         string           `dynamodbav:"reason,omitempty"`
	// The parties are repeated in each row, because the history outlives a purpose that is
	// deleted.
	ConsumerID string `dynamodbav:"consumerId"`
	ProducerID string `dynamodbav:"producerId"`
	Private    bool   `dynamodbav:"private,omitempty"` // of a draft, which only the consumer sees
}
