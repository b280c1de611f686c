package interop

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"ciclo/shared/office"
)

// agreementSeen is the hidden field with the agreement as the page of a form has shown it.
const agreementSeen = "_seen"

// agreementAction is a button behind a question.
type agreementAction struct {
	Name   string
	Words  agreementWords
	Will   office.Text // what will happen
	Fields []*office.Field
	IsOpen bool // whether the question is open, to correct what was typed
}

// actions returns what the API allows the caller and the page has words for. sent is the
// action that was refused, nil for none, with what was typed.
func (p *agreementPage) actions(v *office.Visit, sent *sentAction) []agreementAction {
	seen, err := json.Marshal(p.Agreement)
	if err != nil {
		panic(err) // texts and flags are always JSON
	}
	var all []agreementAction
	for _, name := range agreementActions {
		if !slices.Contains(p.Allowed.AllowedActions, name) || p.wouldChangeNothing(name) {
			continue
		}
		words := agreementActionWords[name]
		a := agreementAction{Name: name, Words: words, Will: words.Words(p)}
		if words.Fields != nil {
			a.Fields = words.Fields(p)
		}
		if sent != nil && sent.name == name && len(a.Fields) > 0 {
			a.Fields, a.IsOpen = sent.form.Fields, true
		}
		a.Fields = append(a.Fields, &office.Field{Name: agreementSeen, Kind: "hidden", Value: v.Seal(agreementSeen, string(seen))})
		all = append(all, a)
	}
	return all
}

// wouldChangeNothing reports whether an action that the API allows has no effect: to suspend
// or to reactivate what the caller suspends already, or not at all, or to upgrade to no
// newer descriptor.
func (p *agreementPage) wouldChangeNothing(action string) bool {
	suspended := p.IsConsumer && p.Agreement.ByConsumer || p.IsProducer && p.Agreement.ByProducer
	switch action {
	case "suspend":
		return suspended
	case "unsuspend":
		return !suspended
	case "upgrade":
		return p.Newer == nil
	}
	return false
}

// sentAction is an action that somebody has asked for.
type sentAction struct {
	name string
	form *office.Form
	seen agreement // as the page has shown it
}

// body returns the body of the call.
func (s *sentAction) body() any {
	body := map[string]string{}
	for _, f := range s.form.Fields {
		if f.Value != "" {
			body[f.Name] = f.Value
		}
	}
	return body
}

// readAction reads the form of an action.
func readAction(v *office.Visit, words agreementWords) *sentAction {
	s := &sentAction{name: v.Path("action"), form: &office.Form{}}
	if words.Fields != nil {
		s.form.Fields = words.Fields(&agreementPage{})
	}
	s.form.Read(v)
	if text, sealed := v.Unseal(agreementSeen, v.Value(agreementSeen)); sealed {
		_ = json.Unmarshal([]byte(text), &s.seen) // this program has written it
	}
	return s
}

// actOnAgreement does what a form asks for. When the API refuses it, the page shows the
// agreement as it is now, what has changed since the form was shown, and what was typed.
func actOnAgreement(v *office.Visit) (*office.View, error) {
	words, known := agreementActionWords[v.Path("action")]
	if !known {
		return nil, &office.Refusal{Status: http.StatusNotFound, CorrelationID: v.Correlation}
	}
	sent := readAction(v, words)
	path := agreementsPath + "/" + url.PathEscape(v.Path("agreementId"))
	var after agreement
	var err error
	switch sent.name {
	case "delete":
		err = v.API(product).Send(http.MethodDelete, path, nil, nil)
	case "submit", "reject":
		err = v.API(product).Send(http.MethodPost, path+"/"+sent.name, sent.body(), &after)
	default:
		err = v.API(product).Send(http.MethodPost, path+"/"+sent.name, nil, &after)
	}
	refusal, refused := errors.AsType[*office.Refusal](err)
	switch {
	case refused && (refusal.Conflict() || refusal.Status == http.StatusBadRequest):
		return refusedAction(v, sent, refusal)
	case err != nil:
		return nil, err
	case sent.name == "delete":
		return v.Redirect(agreementsPath, words.Done), nil
	}
	return v.Redirect(after.Link(), and(words.Done, outcome(sent.name, after))), nil
}

// outcome says what has become of the agreement where the words of the action leave it open.
func outcome(action string, after agreement) office.Text {
	switch {
	case action == "submit" && after.State == stateActive:
		return office.T("È attiva da subito.", "It is active at once.")
	case action == "submit" && after.State == statePending:
		return office.T("Attende l’approvazione dell’erogatore.", "It waits for the producer’s approval.")
	case action == "upgrade" && after.State == stateDraft:
		return office.T("È una bozza: completala e inviala. Quella di prima resta in uso.",
			"It is a draft: complete and send it. The one before stays in use.")
	case action == "unsuspend" && after.State == stateSuspended:
		return office.T("La richiesta resta sospesa.", "The agreement stays suspended.")
	}
	return office.Text{}
}

// refusedAction shows the agreement after the API has refused an action.
func refusedAction(v *office.Visit, sent *sentAction, refusal *office.Refusal) (*office.View, error) {
	p, err := readAgreement(v)
	if err != nil {
		return nil, err
	}
	sent.form.Refuse(refusal)
	p.changedSince(v, sent.seen)
	p.Actions = p.actions(v, sent)
	if !slices.ContainsFunc(p.Actions, func(a agreementAction) bool { return a.Name == sent.name }) {
		var typed []string
		for _, f := range sent.form.Fields {
			typed = append(typed, f.Value)
		}
		p.Typed = strings.TrimSpace(strings.Join(typed, "\n"))
	}
	view := p.view()
	view.Status, view.Refusal = refusal.Status, sent.form.Refusal
	return view, nil
}

// changedSince finds what has changed since somebody was shown the agreement as seen.
func (p *agreementPage) changedSince(v *office.Visit, seen agreement) {
	if seen.ID != p.Agreement.ID {
		return
	}
	for _, c := range office.Diff(seen, p.Agreement) {
		text, shown := agreementMembers[c.Name]
		if !shown {
			continue
		}
		c.Name = v.Tr(text)
		c.Before, c.After = memberText(v, c.Before), memberText(v, c.After)
		p.Changes = append(p.Changes, c)
	}
	if len(p.Changes) == 0 {
		return
	}
	for _, e := range p.History {
		if e.At > seen.LastChange() {
			p.Since = append(p.Since, e)
		}
	}
}

// memberText returns the value of a member in words.
func memberText(v *office.Visit, value string) string {
	switch value {
	case "true":
		return v.Tr(office.T("sì", "yes"))
	case "false":
		return v.Tr(office.T("no", "no"))
	}
	for _, s := range agreementStates {
		if s.State == value {
			return v.Tr(s.Chip.Text)
		}
	}
	return value
}
