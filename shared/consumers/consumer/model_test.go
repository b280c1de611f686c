package consumer_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"ciclo/shared/consumers"
	"ciclo/shared/consumers/consumer"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/problem"
)

// model is the expected state of one issuer's consumers: the rules of the API without storage,
// transactions or indexes.
type model struct {
	reuse     bool
	consumers map[string]*person
	children  map[string]thing // by kind and id: "ACCOUNT x", "CARD c", "DIG c d"
}

// person is a consumer.
type person struct {
	state      lifecycle.State
	version    int64
	operations []string       // newest first
	removed    map[string]int // by kind, by deletions under way
}

// thing is a child: its owner and its attributes as text.
type thing struct{ owner, says string }

func newModel(reuse bool) *model {
	return &model{reuse: reuse, consumers: map[string]*person{}, children: map[string]thing{}}
}

func (m *model) person(id string) *person {
	if m.consumers[id] == nil {
		m.consumers[id] = &person{state: lifecycle.None}
	}
	return m.consumers[id]
}

// mayAdd returns the refusal of a new child; ok when it is allowed.
func (p *person) mayAdd() (code problem.Code, ok bool) {
	switch p.state {
	case consumer.Active:
		return problem.Code{}, true
	case lifecycle.None, consumer.Deleted:
		return consumers.ConsumerNotFound, false
	default:
		return consumers.OperationInProgress, false
	}
}

// register returns the refusal of registering a consumer, and whether it is new.
func (m *model) register(p *person) (code problem.Code, fresh, ok bool) {
	switch {
	case p.state == consumer.Active:
		return problem.Code{}, false, true
	case p.state == consumer.Deleted && !m.reuse:
		return consumers.ConsumerDeleted, false, false
	case p.state == lifecycle.None || p.state == consumer.Deleted:
		return problem.Code{}, true, true
	default:
		return consumers.OperationInProgress, false, false
	}
}

func (p *person) begin() {
	p.state = consumer.Active
	p.removed = map[string]int{}
	p.version++
	p.operations = append([]string{"REGISTER SUCCESSFUL"}, p.operations...)
}

// put registers a child; ok is false when it is another consumer's.
func (m *model) put(key, owner, says string, replace bool) (changed, ok bool) {
	old, there := m.children[key]
	switch {
	case there && old.owner != owner:
		return false, false
	case there && (!replace || old.says == says):
		return false, true
	}
	m.children[key] = thing{owner, says}
	return true, true
}

// putRegister is PUT of a consumer.
func (m *model) putRegister(id string) problem.Code {
	p := m.person(id)
	code, fresh, ok := m.register(p)
	if ok && fresh {
		p.begin()
	}
	return code
}

// putCards is PUT of cards, all of them or none.
func (m *model) putCards(id string, cards []card) problem.Code {
	p := m.person(id)
	code, fresh, ok := m.register(p)
	if !ok {
		return code
	}
	before := maps.Clone(m.children)
	changed := false
	for _, c := range cards {
		newAccount, mine := m.put("ACCOUNT "+c.account, id, "ACTIVE", false)
		newCard, mineToo := m.put("CARD "+c.id, id, c.account+" "+c.state, true)
		if !mine || !mineToo {
			m.children = before
			return consumers.IDInUse
		}
		changed = changed || newAccount || newCard
	}
	switch {
	case fresh:
		p.begin()
	case changed:
		p.version++
	}
	return problem.Code{}
}

// putChild is PUT of an account or a digital card.
func (m *model) putChild(key, owner, says string) problem.Code {
	p := m.person(owner)
	if code, ok := p.mayAdd(); !ok {
		return code
	}
	changed, ok := m.put(key, owner, says, true)
	if !ok {
		return consumers.IDInUse
	}
	if changed {
		p.version++
	}
	return problem.Code{}
}

// remove is a delete call; with atOnce the index shows all children.
func (m *model) remove(id string, atOnce bool) (status string, code problem.Code) {
	p := m.person(id)
	switch p.state {
	case lifecycle.None, consumer.Deleted:
		return "", consumers.ConsumerNotFound
	case consumer.Deleting:
		return "PENDING", problem.Code{}
	}
	p.version++
	if atOnce || m.count(id, "") == 0 {
		m.drop(id, p, "")
		p.state = consumer.Deleted
		p.operations = append([]string{"DELETE SUCCESSFUL " + p.toll()}, p.operations...)
		return "SUCCESSFUL", problem.Code{}
	}
	p.state = consumer.Deleting
	p.operations = append([]string{"DELETE PENDING"}, p.operations...)
	return "PENDING", problem.Code{}
}

// cascade is a run of the worker; it cannot remove the kind stuck.
func (m *model) cascade(id, stuck string) (failed bool) {
	p := m.person(id)
	if p.state != consumer.Deleting {
		return false
	}
	for _, kind := range []string{"DIG", "CARD", "ACCOUNT"} {
		if m.count(id, kind) == 0 {
			continue
		}
		p.version++
		if kind == stuck {
			p.state = consumer.DeleteFailed
			p.operations[0] = "DELETE FAILED"
			return true
		}
		m.drop(id, p, kind)
	}
	p.version++
	p.state = consumer.Deleted
	p.operations[0] = "DELETE SUCCESSFUL " + p.toll()
	return false
}

func (p *person) toll() string {
	return fmt.Sprint(p.removed["ACCOUNT"], p.removed["CARD"], p.removed["DIG"])
}

// under lists the keys of a consumer's children of a kind, all for "".
func (m *model) under(id, kind string) []string {
	var keys []string
	for key, c := range m.children {
		if c.owner == id && strings.HasPrefix(key, kind) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

func (m *model) count(id, kind string) int { return len(m.under(id, kind)) }

func (m *model) drop(id string, p *person, kind string) {
	for _, key := range m.under(id, kind) {
		name, _, _ := strings.Cut(key, " ")
		p.removed[name]++
		delete(m.children, key)
	}
}

// card is an entry of a cards call.
type card struct{ id, account, state string }

// view returns the answer about a card as text: its account, state and digital cards.
func (m *model) view(id string) (text string, ok bool) {
	c, ok := m.children["CARD "+id]
	if !ok {
		return "", false
	}
	text = c.owner + " " + id + " " + c.says
	for _, key := range m.under(c.owner, "DIG "+id+" ") {
		text += fmt.Sprintf(" [%s %s]", strings.Fields(key)[2], m.children[key].says)
	}
	return text, true
}

// statusOf returns the status of a refusal with that code, and ok for no code.
func statusOf(code problem.Code, ok int) int {
	if code.Name == "" {
		return ok
	}
	return code.Status
}

// statusOfRead returns the status of a read.
func statusOfRead(there bool) int {
	if there {
		return http.StatusOK
	}
	return http.StatusNotFound
}
