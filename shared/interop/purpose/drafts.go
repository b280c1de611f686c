package purpose

import (
	"strings"
	"time"
	"unicode/utf8"

	"ciclo/shared/interop"
	"ciclo/shared/interop/eservice"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// modeDeliver is the mode of the e-services that purposes are created for here: those of
// the other mode bring a risk analysis of their own.
const modeDeliver = "DELIVER"

// requireEService returns the e-service that a new purpose is for. One that was never
// published is unknown to everyone but its producer.
func (s snapshot) requireEService(eserviceID string) (*eservice.EService, error) {
	e := s.facts.eservice
	switch {
	case e == nil, s.facts.subscription == nil && len(e.Descriptors) == 0 && e.ProducerID != s.caller:
		return nil, problem.New(interop.PurposeEServiceNotFound, "EService %s not found", eserviceID)
	case e.Mode != modeDeliver:
		return nil, problem.New(interop.EServiceModeNotAllowed, "EService %s is of mode %s. It has to be of mode %s.",
			eserviceID, e.Mode, modeDeliver)
	}
	return e, nil
}

// create makes a purpose with a version that is a draft.
func create(eserviceID string, data Data, calls int64, form *Form) action {
	return action{
		check: func(snapshot) error { return data.checkReason() },
		needs: always(agreementFacts),
		decide: func(s snapshot) (decision, error) {
			e, err := s.requireEService(eserviceID)
			if err != nil {
				return decision{}, err
			}
			conditions, err := s.facts.requireAgreement(relation{consumerID: s.caller, eserviceID: eserviceID})
			if err != nil {
				return decision{}, err
			}
			d, err := s.newPurpose(actionCreate, e, data, calls, form)
			return d.require(conditions), err
		},
	}
}

// newPurpose is the decision that makes a purpose of the caller.
func (s snapshot) newPurpose(name lifecycle.Action, e *eservice.EService, data Data, calls int64, form *Form) (decision, error) {
	rule, err := Machine.Plan(lifecycle.None, name, Consumer, nil)
	if err != nil {
		return decision{}, err
	}
	data.Analysed = form != nil
	p := &purpose{
		ID: s.ids[0], EServiceID: e.ID, ProducerID: e.ProducerID, ConsumerID: s.caller, Data: data,
		Folded: isFolded(data.Title), CreatedAt: s.at(), Version: 1,
	}
	_, created := s.addVersion(p, rule, Consumer, s.ids[1], calls)
	return decision{after: p, form: form, events: []event{created}}, nil
}

// checkReason refuses a purpose that is free of charge without a reason, and a reason
// without that.
func (d Data) checkReason() error {
	switch reason := strings.TrimSpace(d.FreeOfChargeReason); {
	case d.FreeOfCharge && reason == "":
		return problem.New(interop.MissingFreeOfChargeReason, "A purpose that is free of charge needs a freeOfChargeReason.")
	case !d.FreeOfCharge && d.FreeOfChargeReason != "":
		return reasonNotAllowed()
	}
	return nil
}

func reasonNotAllowed() error {
	return problem.New(interop.InvalidFreeOfChargeReason, "A purpose that is not free of charge has no freeOfChargeReason.")
}

// Patch is what changes in a draft; members that are nil stay as they are. An empty
// FreeOfChargeReason removes the reason.
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

// merge returns the data with the changes of a patch.
func (d Data) merge(patch Patch) Data {
	set(&d.Title, patch.Title)
	set(&d.Description, patch.Description)
	set(&d.FreeOfCharge, patch.FreeOfCharge)
	if !d.FreeOfCharge {
		d.FreeOfChargeReason = "" // the one before; checkReason refuses one that is sent
	}
	set(&d.FreeOfChargeReason, patch.FreeOfChargeReason)
	if strings.TrimSpace(d.FreeOfChargeReason) == "" {
		d.FreeOfChargeReason = ""
	}
	d.Analysed = d.Analysed || patch.Form != nil
	return d
}

// update changes a draft.
func update(patch Patch) action {
	return action{
		check: func(s snapshot) error {
			if err := s.requireConsumer(); err != nil {
				return err
			}
			if !s.purpose.isDraft() {
				return s.wrongState(interop.PurposeNotInDraftState, "Purpose %s is not a draft any more.", s.purpose.ID)
			}
			return s.purpose.merge(patch).checkReason()
		},
		decide: func(s snapshot) (decision, error) {
			next := s.next()
			next.Data = next.merge(patch)
			v := next.newestIn(Draft)
			set(&v.DailyCalls, patch.DailyCalls)
			rule, err := Machine.Plan(v.State, actionUpdate, Consumer, nil)
			if err != nil {
				return decision{}, err
			}
			d := s.outcome(next, s.transition(v, rule, Consumer, ""))
			d.form = patch.Form
			return d, nil
		},
	}
}

// remove deletes a purpose that never was in use; its history stays.
func remove() action {
	return action{
		check: func(s snapshot) error {
			if !s.purpose.isUnused() {
				return s.wrongState(interop.PurposeNotDeletable, "Purpose %s was in use or rejected, so it cannot be deleted.", s.purpose.ID)
			}
			return s.requireConsumer()
		},
		decide: func(s snapshot) (decision, error) {
			v := s.purpose.newestIn(Draft, Waiting)
			rule, err := Machine.Plan(v.State, actionDelete, Consumer, nil)
			if err != nil {
				return decision{}, err
			}
			return decision{before: s.purpose, events: []event{s.event(rule.Action, Consumer, v, v.State, rule.To, "")}}, nil
		},
	}
}

// clone makes a draft like another purpose of the consumer, for the same e-service or
// another. It takes no agreement: one is needed before the draft is activated.
func clone(eserviceID string) action {
	return action{
		check: func(s snapshot) error {
			if err := s.requireConsumer(); err != nil {
				return err
			}
			if s.purpose.isDraft() || s.purpose.isArchived() {
				return s.wrongState(interop.PurposeNotClonable, "Purpose %s is %s. Only one that was submitted and is not archived can be cloned.",
					s.purpose.ID, s.purpose.state())
			}
			return nil
		},
		needs: always(agreementFacts),
		decide: func(s snapshot) (decision, error) {
			e, err := s.requireEService(eserviceID)
			if err != nil {
				return decision{}, err
			}
			form, err := table.As[Form](s.extra)
			if err != nil {
				return decision{}, err
			}
			like := s.purpose.newestIn(Draft, Active, Suspended, Rejected)
			if like == nil {
				like = s.purpose.newestIn(Waiting)
			}
			data := s.purpose.Data
			data.Title = cloneTitle(data.Title, s.now)
			return s.newPurpose(actionClone, e, data, like.DailyCalls, form)
		},
	}
}

// maxTitle is the greatest number of characters of a title.
const maxTitle = 60

// cloneTitle is the title of a clone, which contains the time (PDND). A long title is cut.
func cloneTitle(title string, at time.Time) string {
	suffix := " - clone - " + at.UTC().Format("02/01/2006 15:04:05")
	most := maxTitle - len(suffix)
	if utf8.RuneCountInString(title) > most {
		const more = "..."
		title = string([]rune(title)[:most-len(more)]) + more
	}
	return title + suffix
}
