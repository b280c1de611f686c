package agreement

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"ciclo/shared/office"
	"ciclo/shared/office/interop/m2m"
)

// seenField is the hidden field with the agreement as the page of a form has shown it.
const seenField = "_seen"

// action is a button behind a question.
type action struct {
	Name   string
	Words  actionWords
	Will   office.Text // what will happen
	Fields []*office.Field
	IsOpen bool // whether the question is open, to correct what was typed
}

// actions returns what the API allows the caller and the page has words for. sent is the
// action that was refused, nil for none, with what was typed.
func (p *detail) actions(v *office.Visit, sent *sentAction) []action {
	seen, err := json.Marshal(p.Agreement)
	if err != nil {
		panic(err) // texts and flags are always JSON
	}
	var all []action
	for _, name := range actionOrder {
		if !slices.Contains(p.Allowed.AllowedActions, name) || p.wouldChangeNothing(name) {
			continue
		}
		words := wordsOf[name]
		a := action{Name: name, Words: words, Will: words.Words(p)}
		if words.Fields != nil {
			a.Fields = words.Fields(p)
		}
		if sent != nil && sent.name == name && len(a.Fields) > 0 {
			a.Fields, a.IsOpen = sent.form.Fields, true
		}
		a.Fields = append(a.Fields, &office.Field{Name: seenField, Kind: "hidden", Value: v.Seal(seenField, string(seen))})
		all = append(all, a)
	}
	return all
}

// wouldChangeNothing reports whether an action that the API allows has no effect: to suspend
// or to reactivate what the caller suspends already, or not at all, or to upgrade to no
// newer descriptor.
func (p *detail) wouldChangeNothing(action string) bool {
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
func readAction(v *office.Visit, words actionWords) *sentAction {
	s := &sentAction{name: v.Path("action"), form: &office.Form{}}
	if words.Fields != nil {
		s.form.Fields = words.Fields(&detail{})
	}
	s.form.Read(v)
	if text, sealed := v.Unseal(seenField, v.Value(seenField)); sealed {
		_ = json.Unmarshal([]byte(text), &s.seen) // this program has written it
	}
	return s
}

// act does what a form asks for. When the API refuses it, the page shows the
// agreement as it is now, what has changed since the form was shown, and what was typed.
func act(v *office.Visit) (*office.View, error) {
	words, known := wordsOf[v.Path("action")]
	if !known {
		return nil, &office.Refusal{Status: http.StatusNotFound, CorrelationID: v.Correlation}
	}
	sent := readAction(v, words)
	path := listPath + "/" + url.PathEscape(v.Path("agreementId"))
	var after agreement
	var err error
	switch sent.name {
	case "delete":
		err = v.API(m2m.Product).Send(http.MethodDelete, path, nil, nil)
	case "submit", "reject":
		err = v.API(m2m.Product).Send(http.MethodPost, path+"/"+sent.name, sent.body(), &after)
	default:
		err = v.API(m2m.Product).Send(http.MethodPost, path+"/"+sent.name, nil, &after)
	}
	refusal, refused := office.Refused(err)
	switch {
	case refused && (refusal.Conflict() || refusal.Status == http.StatusBadRequest):
		return refusedAction(v, sent, refusal)
	case err != nil:
		return nil, err
	case sent.name == "delete":
		return v.Redirect(listPath, words.Done), nil
	}
	return v.Redirect(after.Link(), and(words.Done, outcome(sent.name, after))), nil
}

// outcome says what has become of the agreement where the words of the action leave it open.
func outcome(action string, after agreement) office.Text {
	switch {
	case action == "submit" && after.State == m2m.AgreementActive:
		return office.T("È attiva da subito.", "It is active at once.")
	case action == "submit" && after.State == m2m.AgreementPending:
		return office.T("Attende l’approvazione dell’erogatore.", "It waits for the producer’s approval.")
	case action == "upgrade" && after.State == m2m.AgreementDraft:
		return office.T("È una bozza: completala e inviala. Quella di prima resta in uso.",
			"It is a draft: complete and send it. The one before stays in use.")
	case action == "unsuspend" && after.State == m2m.AgreementSuspended:
		return office.T("La richiesta resta sospesa.", "The agreement stays suspended.")
	}
	return office.Text{}
}

// refusedAction shows the agreement after the API has refused an action.
func refusedAction(v *office.Visit, sent *sentAction, refusal *office.Refusal) (*office.View, error) {
	p, err := readDetail(v)
	if err != nil {
		return nil, err
	}
	sent.form.Refuse(refusal)
	p.changedSince(v, sent.seen)
	p.Actions = p.actions(v, sent)
	if !slices.ContainsFunc(p.Actions, func(a action) bool { return a.Name == sent.name }) {
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
func (p *detail) changedSince(v *office.Visit, seen agreement) {
	if seen.ID != p.Agreement.ID {
		return
	}
	for _, c := range office.Diff(seen, p.Agreement) {
		text, shown := memberWords[c.Name]
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
	for _, e := range p.History.Rows {
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
	for _, s := range stateChips {
		if s.State == value {
			return v.Tr(s.Chip.Text)
		}
	}
	return value
}
