package purpose_test

import (
	"fmt"
	"slices"
	"strings"

	"ciclo/shared/interop"
	"ciclo/shared/platform/problem"
)

// attempt is a version as the model has it.
type attempt struct {
	state   string
	calls   int
	check   string // why it waits
	resumes string // the side with a suspension that ends by its approval
}

// planned is a purpose as the model has it.
type planned struct {
	id, consumer string
	self         bool // of the producer
	versions     []*attempt
	ids          []string // of the versions
	suspended    map[string]bool
	history      []string
}

// level is a descriptor as the model has it: its limits, and the one of those who own
// the attribute.
type level struct{ perConsumer, total, own int }

// joint is an agreement as the model has it.
type joint struct {
	level     int
	suspended bool
}

// model has the purposes of several consumers of one e-service. It follows the published
// rules and uses nothing of the package.
type model struct {
	all    []*planned
	levels []*level
	joints map[string]*joint // by consumer
	owns   map[string]bool   // by consumer: the attribute with a quota of its own
}

var accepted problem.Code

// newest is the newest version in one of the states.
func (p *planned) newest(states ...string) *attempt {
	for _, v := range slices.Backward(p.versions) {
		if slices.Contains(states, v.state) {
			return v
		}
	}
	return nil
}

func (p *planned) current() *attempt { return p.newest("DRAFT", "ACTIVE", "SUSPENDED", "ARCHIVED") }

func (p *planned) isSuspended() bool { return p.suspended["consumer"] || p.suspended["producer"] }

// only reports whether all versions are in one of the states.
func (p *planned) only(states ...string) bool {
	return !slices.ContainsFunc(p.versions, func(v *attempt) bool { return !slices.Contains(states, v.state) })
}

func (p *planned) tell(action, side, from, to string, calls int) {
	p.history = append(p.history, fmt.Sprintf("%s %s %s-%s %d", action, strings.ToUpper(side), from, to, calls))
}

func (p *planned) becomes(v *attempt, action, side, state string) {
	p.tell(action, side, v.state, state, v.calls)
	v.state = state
}

func (p *planned) add(action, side, state string, calls int) *attempt {
	p.tell(action, side, "", state, calls)
	v := &attempt{state: state, calls: calls}
	p.versions = append(p.versions, v)
	p.ids = append(p.ids, "")
	return v
}

// remove takes a version out that waits.
func (p *planned) remove(v *attempt, action, side string) {
	p.tell(action, side, v.state, "", v.calls)
	i := slices.Index(p.versions, v)
	p.versions = slices.Delete(p.versions, i, i+1)
	p.ids = slices.Delete(p.ids, i, i+1)
}

// String is the purpose as it is shown.
func (p *planned) String() string {
	var parts []string
	if v := p.current(); v != nil {
		one := fmt.Sprint(v.state, " ", v.calls)
		for _, side := range []string{"consumer", "producer"} {
			if p.suspended[side] {
				one += " by " + strings.ToUpper(side[:1]) + side[1:]
			}
		}
		parts = append(parts, one)
	}
	if v := p.newest("WAITING_FOR_APPROVAL"); v != nil {
		parts = append(parts, fmt.Sprint(v.state, " ", v.calls))
	}
	if v := p.versions[len(p.versions)-1]; v.state == "REJECTED" {
		parts = append(parts, fmt.Sprint(v.state, " ", v.calls))
	}
	return strings.Join(parts, ", ")
}

// load is what is active, in all and of a consumer.
func (m *model) load(consumer string) (mine, total int) {
	for _, p := range m.all {
		if v := p.newest("ACTIVE"); v != nil {
			total += v.calls
			if p.consumer == consumer {
				mine += v.calls
			}
		}
	}
	return mine, total
}

func (m *model) limits(consumer string) (perConsumer, total int) {
	l := m.levels[m.joints[consumer].level]
	if m.owns[consumer] {
		return l.own, l.total
	}
	return l.perConsumer, l.total
}

func (m *model) joined(consumer string) bool {
	return m.joints[consumer] != nil && !m.joints[consumer].suspended
}

// check returns why a version has to wait, "" when it fits.
func (m *model) check(consumer string, requested, more int) string {
	mine, all := m.load(consumer)
	perConsumer, total := m.limits(consumer)
	var exceeded []string
	if mine+more > perConsumer {
		exceeded = append(exceeded, "CONSUMER")
	}
	if all+more > total {
		exceeded = append(exceeded, "TOTAL")
	}
	if exceeded == nil {
		return ""
	}
	return fmt.Sprintf("%d: %d of %d, %d of %d %v", requested, mine, perConsumer, all, total, exceeded)
}

func (m *model) create(consumer string, self bool, calls int) (*planned, problem.Code) {
	if !m.joined(consumer) {
		return nil, interop.PurposeWithoutAgreement
	}
	return m.make("create", consumer, self, calls), accepted
}

func (m *model) make(action, consumer string, self bool, calls int) *planned {
	p := &planned{consumer: consumer, self: self, suspended: map[string]bool{}}
	p.add(action, "consumer", "DRAFT", calls)
	m.all = append(m.all, p)
	return p
}

func (m *model) clone(p *planned) (*planned, problem.Code) {
	if current := p.current(); p.only("DRAFT") || current != nil && current.state == "ARCHIVED" {
		return nil, interop.PurposeNotClonable
	}
	like := p.newest("DRAFT", "ACTIVE", "SUSPENDED", "REJECTED")
	if like == nil {
		like = p.versions[0]
	}
	return m.make("clone", p.consumer, p.self, like.calls), accepted
}

func (m *model) update(p *planned, calls int) problem.Code {
	if !p.only("DRAFT") {
		return interop.PurposeNotInDraftState
	}
	p.versions[0].calls = calls
	p.becomes(p.versions[0], "update", "consumer", "DRAFT")
	return accepted
}

func (m *model) delete(p *planned) problem.Code {
	if !p.only("DRAFT", "WAITING_FOR_APPROVAL") {
		return interop.PurposeNotDeletable
	}
	p.remove(p.versions[0], "delete", "consumer")
	m.all = slices.DeleteFunc(m.all, func(other *planned) bool { return other == p })
	return accepted
}

func (m *model) activate(p *planned) problem.Code {
	v := p.newest("DRAFT")
	switch {
	case v == nil:
		return interop.NoPurposeVersionInState
	case !m.joined(p.consumer):
		return interop.PurposeWithoutAgreement
	}
	if v.check = m.check(p.consumer, v.calls, v.calls); v.check != "" {
		p.becomes(v, "activate", "consumer", "WAITING_FOR_APPROVAL")
	} else {
		p.becomes(v, "activate", "consumer", "ACTIVE")
	}
	return accepted
}

// use puts a version into use in the place of another.
func (p *planned) use(v *attempt) {
	for _, old := range p.versions {
		if old != v && (old.state == "ACTIVE" || old.state == "SUSPENDED") {
			p.becomes(old, "replace", "platform", "ARCHIVED")
		}
	}
}

func (p *planned) inUse() string {
	if p.isSuspended() {
		return "SUSPENDED"
	}
	return "ACTIVE"
}

func (m *model) approve(p *planned) problem.Code {
	v := p.newest("WAITING_FOR_APPROVAL")
	if v == nil {
		return interop.NoPurposeVersionInState
	}
	if v.resumes != "" {
		p.suspended[v.resumes] = false
	}
	p.becomes(v, "approve", "producer", p.inUse())
	p.use(v)
	return accepted
}

// updateWaiting is an action of the producer on the version that waits.
func (m *model) updateWaiting(p *planned, action, state string) problem.Code {
	v := p.newest("WAITING_FOR_APPROVAL")
	if v == nil {
		return interop.PurposeVersionNotInState
	}
	p.becomes(v, action, "producer", state)
	return accepted
}

func (m *model) estimate(p *planned, calls int) problem.Code {
	current := p.current()
	old := p.newest("ACTIVE", "SUSPENDED")
	switch {
	case current != nil && current.state == "ARCHIVED":
		return interop.PurposeNotUpdatable
	case old != nil && old.calls == calls:
		return interop.UnchangedDailyCalls
	case p.newest("DRAFT", "WAITING_FOR_APPROVAL") != nil:
		return interop.PurposeVersionStateConflict
	case !m.joined(p.consumer):
		return interop.PurposeWithoutAgreement
	}
	more := calls
	check := ""
	if old != nil && old.state == "ACTIVE" {
		more -= old.calls
	}
	if old == nil || calls > old.calls {
		check = m.check(p.consumer, calls, more)
	}
	if check != "" {
		p.add("createVersion", "consumer", "WAITING_FOR_APPROVAL", calls).check = check
		return accepted
	}
	p.use(p.add("createVersion", "consumer", p.inUse(), calls))
	return accepted
}

func (m *model) deleteVersion(p *planned, v *attempt) problem.Code {
	if v.state != "WAITING_FOR_APPROVAL" || len(p.versions) == 1 {
		return interop.PurposeVersionNotDeletable
	}
	p.remove(v, "deleteVersion", "consumer")
	return accepted
}
