// Package purpose is what consumers use e-services for, with the calls a day that
// they plan: activated below the thresholds of the producer, approved above them,
// suspended by either side and archived (PDND M2M v3, purposes). The ledger of the
// calls that are planned decides, in the transaction that changes a purpose.
package purpose

import (
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"ciclo/shared/platform/lifecycle"
)

// purpose is what a consumer uses an e-service for.
type purpose struct {
	ID         string `dynamodbav:"id"`
	EServiceID string `dynamodbav:"eserviceId"`
	ProducerID string `dynamodbav:"producerId"`
	ConsumerID string `dynamodbav:"consumerId"`
	Folded     bool   `dynamodbav:"folded,omitempty"` // the title is claimed as names.Claims says, which differs from lower case
	Data
	ByConsumer *bool  `dynamodbav:"suspendedByConsumer,omitempty"`
	ByProducer *bool  `dynamodbav:"suspendedByProducer,omitempty"`
	CreatedAt  string `dynamodbav:"createdAt"`
	UpdatedAt  string `dynamodbav:"updatedAt,omitempty"`
	// Versions are those that may still change and those that are shown with the
	// purpose, oldest first; all others are items of their own.
	Versions    []version `dynamodbav:"versions"`
	Numbered    int64     `dynamodbav:"numbered"`              // of the newest version there ever was
	WasRejected bool      `dynamodbav:"wasRejected,omitempty"` // some version
	Version     int64     `dynamodbav:"version"`               // counts the changes
}

// Data is what the consumer says about a purpose.
type Data struct {
	Title              string `dynamodbav:"title"`
	Description        string `dynamodbav:"description"`
	FreeOfCharge       bool   `dynamodbav:"freeOfCharge"`
	FreeOfChargeReason string `dynamodbav:"freeOfChargeReason,omitempty"`
	Analysed           bool   `dynamodbav:"analysed"` // there is a Form
}

// Form is the answers to a risk analysis. Nothing but a clone reads them, so they
// are an item of their own.
type Form struct {
	_       struct{}           `json:"-" additionalProperties:"false"`
	Version string             `json:"version" dynamodbav:"version" minLength:"1" maxLength:"250" doc:"Of the questions"`
	Answers map[string]Answers `json:"answers" dynamodbav:"answers" doc:"By question"`
}

// Resolve implements [huma.ResolverWithPath]: a question has a name.
func (f *Form) Resolve(_ huma.Context, prefix *huma.PathBuffer) []error {
	for question := range f.Answers {
		if question == "" || len(question) > maxQuestion {
			return []error{&huma.ErrorDetail{Location: prefix.With("answers"), Message: "expected questions of 1 to 255 bytes"}}
		}
	}
	return nil
}

// maxQuestion is how many bytes a question's name has at most.
const maxQuestion = 255

// Answers are those to one question of a risk analysis.
type Answers []string

// Schema implements [huma.SchemaProvider].
func (Answers) Schema(huma.Registry) *huma.Schema {
	least, most := 1, 2000
	return &huma.Schema{Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeString, MinLength: &least, MaxLength: &most}}
}

// version is a load estimate of a purpose and what became of it.
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
	ExpectedOn        string          `dynamodbav:"expectedOn,omitempty"` // the producer's date for its activation
	Check             *ThresholdCheck `dynamodbav:"check,omitempty"`      // why it had to wait
	// Resumes is the side whose suspension ends when a version is approved that was
	// made because others use its load by now.
	Resumes lifecycle.Role `dynamodbav:"resumes,omitempty"`
}

func holds(flag *bool) bool { return flag != nil && *flag }

// hold sets the flag of a side, which stays unsaid when it is false and was never
// said. A producer that uses its own e-service holds as the producer.
func (p *purpose) hold(by lifecycle.Role, value bool) {
	flag := &p.ByConsumer
	if by == Producer || p.isSelf() {
		flag = &p.ByProducer
	}
	if value || *flag != nil {
		*flag = &value
	}
}

// heldBy tells whether a side holds the purpose.
func (p *purpose) heldBy(by lifecycle.Role) bool {
	if by == Producer || p.isSelf() {
		return holds(p.ByProducer)
	}
	return holds(p.ByConsumer)
}

// held tells whether either side holds the purpose.
func (p *purpose) held() bool { return holds(p.ByConsumer) || holds(p.ByProducer) }

// isSelf tells whether the producer uses its own e-service.
func (p *purpose) isSelf() bool { return p.ConsumerID == p.ProducerID }

// sides are the roles that an organization has in a purpose.
func (p *purpose) sides(organization string) roles {
	var sides roles
	if p.ConsumerID == organization {
		sides = append(sides, Consumer)
	}
	if p.ProducerID == organization {
		sides = append(sides, Producer)
	}
	return sides
}

// newest returns the newest version in one of the states, nil when there is none.
func (p *purpose) newest(in ...lifecycle.State) *version {
	for i := range slices.Backward(p.Versions) {
		if slices.Contains(in, p.Versions[i].State) {
			return &p.Versions[i]
		}
	}
	return nil
}

// current is the newest version that neither waits nor was rejected.
func (p *purpose) current() *version { return p.newest(Draft, Active, Suspended, Archived) }

// inUse is the version that is active or suspended, nil when there is none.
func (p *purpose) inUse() *version { return p.newest(Active, Suspended) }

// find returns the version of that id, nil when it is not with the purpose.
func (p *purpose) find(id string) *version {
	for i := range p.Versions {
		if p.Versions[i].ID == id {
			return &p.Versions[i]
		}
	}
	return nil
}

// load is how much the purpose counts against the thresholds.
func (p *purpose) load() int64 {
	if p != nil {
		if v := p.newest(Active); v != nil {
			return v.DailyCalls
		}
	}
	return 0
}

// isDraft tells whether nobody but the consumer has seen the purpose.
func (p *purpose) isDraft() bool {
	return !p.WasRejected && !slices.ContainsFunc(p.Versions, func(v version) bool { return v.State != Draft })
}

// isNew tells whether the purpose never was in use, nor rejected.
func (p *purpose) isNew() bool {
	return !p.WasRejected && !slices.ContainsFunc(p.Versions, func(v version) bool { return v.State != Draft && v.State != Waiting })
}

// isOver tells whether the purpose was archived, for good.
func (p *purpose) isOver() bool {
	current := p.current()
	return current != nil && current.State == Archived
}

// settled takes the versions out of the purpose that are shown with it no longer. What
// was rejected is shown again when the version that waits after it is taken back.
func (p *purpose) settled() (past []version) {
	current := p.current()
	var kept []version
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

// listed are the states that a list finds the purpose by: those of its versions,
// but ARCHIVED when all are.
func (p *purpose) listed() states {
	var listed states
	for i := range p.Versions {
		if state := p.Versions[i].State; state != Archived && state != Rejected && !slices.Contains(listed, state) {
			listed = append(listed, state)
		}
	}
	switch {
	case p.WasRejected:
		listed = append(listed, Rejected)
	case len(listed) == 0:
		listed = append(listed, Archived)
	}
	return listed
}

// visibleTo tells whether an organization may see the purpose: either side, a draft
// the consumer alone.
func (p *purpose) visibleTo(organization string) bool {
	return organization == p.ConsumerID || organization == p.ProducerID && !p.isDraft()
}

// entry is a purpose in a list.
type entry struct {
	ID         string          `dynamodbav:"id"`
	Title      string          `dynamodbav:"title"`
	State      lifecycle.State `dynamodbav:"state"`
	EServiceID string          `dynamodbav:"eserviceId"`
	ConsumerID string          `dynamodbav:"consumerId"`
	Load       int64           `dynamodbav:"load,omitempty"` // calls a day, in the state that counts
}

// event is a row of the history: what became of one version by a change.
type event struct {
	Action         lifecycle.Action `dynamodbav:"action"`
	Side           lifecycle.Role   `dynamodbav:"side"`
	OrganizationID string           `dynamodbav:"organizationId,omitempty"` // not of the platform
	VersionID      string           `dynamodbav:"versionId"`
	DailyCalls     int64            `dynamodbav:"dailyCalls"`
	From           lifecycle.State  `dynamodbav:"from"`
	To             lifecycle.State  `dynamodbav:"to"`
	At             string           `dynamodbav:"at"`
	Reason         string           `dynamodbav:"reason,omitempty"`
	// The history outlives a purpose that is deleted.
	ConsumerID string `dynamodbav:"consumerId"`
	ProducerID string `dynamodbav:"producerId"`
	Private    bool   `dynamodbav:"private,omitempty"` // of a draft
}
