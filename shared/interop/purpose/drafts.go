package purpose

import (
	"strings"
	"time"
	"unicode/utf8"

	"ciclo/shared/interop"
	"ciclo/shared/interop/agreement"
	"ciclo/shared/interop/eservice"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// subscriptionActive is the state of an agreement that purposes stand on.
const subscriptionActive = agreement.Active

// modeDeliver is the mode of the e-services that purposes are made for here: those of
// the other mode bring a risk analysis of their own.
const modeDeliver = "DELIVER"

// offered returns the e-service that a new purpose is for.
func (s situation) offered(eserviceID string) (*eservice.EService, error) {
	if s.facts == nil {
		return nil, errFacts
	}
	e := s.facts.eservice
	switch {
	case e == nil, s.facts.subscription == nil && len(e.Descriptors) == 0 && e.ProducerID != s.caller:
		return nil, problem.New(interop.PurposeEServiceNotFound, "EService %s not found", eserviceID)
	case e.Mode != modeDeliver:
		return nil, problem.New(interop.EServiceModeNotAllowed, "EService %s is of mode %s; this takes one of mode %s.", eserviceID, e.Mode, modeDeliver)
	}
	return e, nil
}

// create makes a purpose with a draft of a version.
func create(eserviceID string, data Data, calls int64, form *Form) change {
	return func(s situation) (decision, error) {
		if err := data.coherent(); err != nil {
			return decision{}, err
		}
		e, err := s.offered(eserviceID)
		if err != nil {
			return decision{}, err
		}
		var d decision
		if err := s.subscribed(eserviceID, &d); err != nil {
			return decision{}, err
		}
		made, err := s.make(actionCreate, e, data, calls, form)
		made.checks = d.checks
		return made, err
	}
}

// make is the decision that makes a purpose of the caller.
func (s situation) make(action lifecycle.Action, e *eservice.EService, data Data, calls int64, form *Form) (decision, error) {
	rule, err := Machine.Plan(lifecycle.None, action, Consumer, nil)
	if err != nil {
		return decision{}, err
	}
	data.Analysed = form != nil
	p := &purpose{ID: s.ids[0], EServiceID: e.ID, ProducerID: e.ProducerID, ConsumerID: s.caller, Data: data, CreatedAt: s.at}
	_, told := s.add(p, rule, Consumer, s.ids[1], calls)
	return decision{after: p, form: form, events: []event{told}}, nil
}

// coherent refuses a reason without its reason, and the other way round.
func (d Data) coherent() error {
	switch reason := strings.TrimSpace(d.FreeOfChargeReason); {
	case d.FreeOfCharge && reason == "":
		return problem.New(interop.MissingFreeOfChargeReason, "A purpose that is free of charge takes a freeOfChargeReason.")
	case !d.FreeOfCharge && d.FreeOfChargeReason != "":
		return problem.New(interop.InvalidFreeOfChargeReason, "A purpose that is not free of charge takes no freeOfChargeReason.")
	}
	return nil
}

// Patch is what changes in a draft; nil members stay. An empty reason is none.
type Patch struct {
	Title, Description, FreeOfChargeReason *string
	FreeOfCharge                           *bool
	DailyCalls                             *int64
	Form                                   *Form
}

func set[T any](to, sent *T) {
	if sent != nil {
		*to = *sent
	}
}

// update changes a draft.
func update(patch Patch) change {
	return func(s situation) (decision, error) {
		if err := s.consumer(); err != nil {
			return decision{}, err
		}
		if !s.purpose.isDraft() {
			return decision{}, s.wrongState(interop.PurposeNotInDraftState, "Purpose %s is not a draft any more.", s.purpose.ID)
		}
		next := s.next()
		set(&next.Title, patch.Title)
		set(&next.Description, patch.Description)
		set(&next.FreeOfCharge, patch.FreeOfCharge)
		if !next.FreeOfCharge {
			next.FreeOfChargeReason = "" // of before; one that was sent is refused below
		}
		set(&next.FreeOfChargeReason, patch.FreeOfChargeReason)
		if strings.TrimSpace(next.FreeOfChargeReason) == "" {
			next.FreeOfChargeReason = ""
		}
		if err := next.coherent(); err != nil {
			return decision{}, err
		}
		next.Analysed = next.Analysed || patch.Form != nil
		v := next.newest(Draft)
		set(&v.DailyCalls, patch.DailyCalls)
		rule, err := Machine.Plan(v.State, actionUpdate, Consumer, nil)
		if err != nil {
			return decision{}, err
		}
		d := s.becomes(next, s.moves(v, rule, Consumer, ""))
		d.form = patch.Form
		return d, nil
	}
}

// remove deletes a purpose that never was in use; its history stays.
func remove(s situation) (decision, error) {
	p := s.purpose
	if !p.isNew() {
		return decision{}, s.wrongState(interop.PurposeNotDeletable, "Purpose %s was in use or rejected; such a purpose stays.", p.ID)
	}
	if err := s.consumer(); err != nil {
		return decision{}, err
	}
	v := p.newest(Draft, Waiting)
	rule, err := Machine.Plan(v.State, actionDelete, Consumer, nil)
	if err != nil {
		return decision{}, err
	}
	return decision{before: p, events: []event{s.event(rule.Action, Consumer, v, v.State, rule.To, "")}}, nil
}

// clone makes a draft like another purpose of the consumer, for the same e-service or
// another.
func clone(eserviceID string, now func() time.Time) change {
	return func(s situation) (decision, error) {
		if err := s.consumer(); err != nil {
			return decision{}, err
		}
		p := s.purpose
		if p.isDraft() || p.isOver() {
			return decision{}, s.wrongState(interop.PurposeNotClonable, "Purpose %s is %s; this takes one that was submitted and is not archived.", p.ID, p.state())
		}
		e, err := s.offered(eserviceID)
		if err != nil {
			return decision{}, err
		}
		form, err := table.As[Form](s.besides)
		if err != nil {
			return decision{}, err
		}
		like := p.newest(Draft, Active, Suspended, Rejected)
		if like == nil {
			like = p.newest(Waiting)
		}
		data := p.Data
		data.Title = cloned(p.Title, now())
		return s.make(actionClone, e, data, like.DailyCalls, form)
	}
}

// maxTitle is how many characters a title has at most.
const maxTitle = 60

// cloned is the title of a clone (PDND): it says when it was made.
func cloned(title string, at time.Time) string {
	suffix := " - clone - " + at.UTC().Format("02/01/2006 15:04:05")
	most := maxTitle - len(suffix)
	if utf8.RuneCountInString(title) > most {
		const more = "..."
		title = string([]rune(title)[:most-len(more)]) + more
	}
	return title + suffix
}
