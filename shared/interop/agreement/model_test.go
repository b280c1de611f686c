package agreement_test

import (
	"slices"
	"strings"

	"ciclo/shared/interop"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/platform/problem"
)

// modelled is one agreement of the model.
type modelled struct {
	id                           string
	state                        string
	consumer, producer, platform bool // the sides that suspend it
	version                      int  // of the descriptor
	history                      []string
}

func (a *modelled) String() string {
	text := a.state
	if a.consumer {
		text += " Consumer"
	}
	if a.producer {
		text += " Producer"
	}
	if a.platform {
		text += " Platform"
	}
	return text
}

func (a *modelled) in(states ...string) bool { return slices.Contains(states, a.state) }

func (a *modelled) transition(action, state string) {
	a.history = append(a.history, action+" "+a.state+"-"+state)
	a.state = state
}

// version is one descriptor of the model.
type version struct {
	automatic, archived bool
	required            map[attribute.Kind]bool
}

// model has the agreements of one consumer on one e-service. It implements the published
// rules independently of the product.
type model struct {
	all      []*modelled
	versions []*version
	owns     map[attribute.Kind]bool
}

func (m *model) latest() int { return len(m.versions) - 1 }

func (m *model) lacks(v int, kind attribute.Kind) bool {
	return m.versions[v].required[kind] && !m.owns[kind]
}

func (m *model) lacksAny(v int) bool {
	return m.lacks(v, attribute.Certified) || m.lacks(v, attribute.Declared) || m.lacks(v, attribute.Verified)
}

// find returns an agreement in one of the states other than a.
func (m *model) find(a *modelled, states ...string) *modelled {
	for _, other := range m.all {
		if other != a && other.in(states...) {
			return other
		}
	}
	return nil
}

func (m *model) create(action string, v int) (*modelled, problem.Code) {
	switch {
	case m.find(nil, "DRAFT", "PENDING", "MISSING_CERTIFIED_ATTRIBUTES", "ACTIVE", "SUSPENDED") != nil:
		return nil, interop.AgreementExists
	case m.lacks(v, attribute.Certified):
		return nil, interop.CertifiedAttributesMissing
	}
	return m.add(&modelled{state: "NONE", version: v}, action, "DRAFT"), accepted
}

func (m *model) add(a *modelled, action, state string) *modelled {
	a.transition(action, state)
	m.all = append(m.all, a)
	return a
}

var accepted problem.Code

func (m *model) submit(a *modelled) problem.Code {
	switch {
	case !a.in("DRAFT"):
		return interop.AgreementNotInState
	case a.version != m.latest():
		return interop.NotLatestDescriptor
	case m.lacks(a.version, attribute.Certified):
		a.transition("submit", "MISSING_CERTIFIED_ATTRIBUTES")
		a.platform = true
		return interop.AgreementSubmissionFailed
	case m.lacks(a.version, attribute.Declared):
		return interop.AgreementSubmissionFailed
	case m.lacks(a.version, attribute.Verified), !m.versions[a.version].automatic:
		a.transition("submit", "PENDING")
	case a.producer:
		a.transition("submit", "SUSPENDED")
		m.replace(a)
	default:
		a.transition("submit", "ACTIVE")
		a.consumer = false
		m.replace(a)
	}
	return accepted
}

func (m *model) replace(a *modelled) {
	if other := m.find(a, "ACTIVE", "SUSPENDED"); other != nil {
		other.transition("replace", "ARCHIVED")
	}
}

func (m *model) approve(a *modelled) problem.Code {
	switch {
	case !a.in("PENDING"):
		return interop.AgreementNotPending
	case m.versions[a.version].archived:
		return interop.AgreementDescriptorState
	case m.lacks(a.version, attribute.Certified):
		a.transition("approve", "MISSING_CERTIFIED_ATTRIBUTES")
		a.platform = true
		return interop.AgreementActivationFailed
	case m.lacksAny(a.version):
		return interop.AgreementActivationFailed
	case a.consumer:
		a.transition("approve", "SUSPENDED")
	default:
		a.transition("approve", "ACTIVE")
	}
	a.producer = false
	m.replace(a)
	return accepted
}

func (m *model) reject(a *modelled) problem.Code {
	if !a.in("PENDING") {
		return interop.AgreementNotInState
	}
	a.transition("reject", "REJECTED")
	a.consumer, a.producer, a.platform = false, false, false
	return accepted
}

func (m *model) suspend(a *modelled, flag *bool) problem.Code {
	if !a.in("ACTIVE", "SUSPENDED") {
		return interop.AgreementNotInState
	}
	if !*flag {
		*flag = true
		a.transition("suspend", "SUSPENDED")
	}
	return accepted
}

func (m *model) unsuspend(a *modelled, flag *bool) problem.Code {
	if !a.in("SUSPENDED") {
		return interop.AgreementNotSuspended
	}
	before := a.String()
	*flag, a.platform = false, m.lacksAny(a.version)
	state := "ACTIVE"
	if a.consumer || a.producer || a.platform {
		state = "SUSPENDED"
	}
	if after := *a; strings.Replace(after.String(), "SUSPENDED", state, 1) != before {
		a.transition("unsuspend", state)
	}
	return accepted
}

func (m *model) archive(a *modelled) problem.Code {
	if !a.in("ACTIVE", "SUSPENDED") {
		return interop.AgreementNotInState
	}
	a.transition("archive", "ARCHIVED")
	return accepted
}

func (m *model) delete(a *modelled) problem.Code {
	if !a.in("DRAFT", "PENDING", "MISSING_CERTIFIED_ATTRIBUTES") {
		return interop.AgreementNotInState
	}
	a.transition("delete", "NONE")
	m.all = slices.DeleteFunc(m.all, func(other *modelled) bool { return other == a })
	return accepted
}

func (m *model) upgrade(a *modelled) (*modelled, problem.Code) {
	v := m.latest()
	switch {
	case !a.in("ACTIVE", "SUSPENDED"):
		return nil, interop.AgreementNotInState
	case a.version == v:
		return nil, interop.NoNewerDescriptor
	case m.lacks(v, attribute.Certified):
		return nil, interop.CertifiedAttributesMissing
	}
	next := &modelled{state: "NONE", version: v, consumer: a.consumer, producer: a.producer}
	if m.lacksAny(v) {
		if m.find(nil, "DRAFT", "PENDING", "MISSING_CERTIFIED_ATTRIBUTES") != nil {
			return nil, interop.AgreementExists
		}
		return m.add(next, "upgrade", "DRAFT"), accepted
	}
	a.transition("upgrade", "ARCHIVED")
	if a.consumer || a.producer {
		return m.add(next, "upgrade", "SUSPENDED"), accepted
	}
	return m.add(next, "upgrade", "ACTIVE"), accepted
}

func (m *model) clone(a *modelled) (*modelled, problem.Code) {
	if !a.in("REJECTED") {
		return nil, interop.AgreementNotInState
	}
	return m.create("clone", a.version)
}

// follow makes the changes that the platform makes after each command.
func (m *model) follow() {
	for _, a := range m.all {
		lacks := m.lacksAny(a.version)
		switch {
		case a.in("DRAFT", "PENDING") && m.lacks(a.version, attribute.Certified):
			a.transition("recompute", "MISSING_CERTIFIED_ATTRIBUTES")
			a.platform = true
		case a.in("MISSING_CERTIFIED_ATTRIBUTES") && !m.lacks(a.version, attribute.Certified):
			a.transition("recompute", "DRAFT")
			a.platform = false
		case a.in("ACTIVE", "SUSPENDED") && lacks != a.platform:
			a.platform = lacks
			state := "ACTIVE"
			if a.consumer || a.producer || a.platform {
				state = "SUSPENDED"
			}
			a.transition("recompute", state)
		}
	}
	for v := range m.latest() {
		used := slices.ContainsFunc(m.all, func(a *modelled) bool { return a.version == v && a.in("ACTIVE", "SUSPENDED") })
		m.versions[v].archived = m.versions[v].archived || !used
	}
}
