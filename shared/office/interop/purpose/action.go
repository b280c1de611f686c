package purpose

import (
	"encoding/json"
	"net/http"
	"strings"

	"ciclo/shared/office"
	"ciclo/shared/office/interop/m2m"
)

// seenField is the field of forms with what their page has shown of the purpose.
const seenField = "_seen"

// button is an action that the API allows, in words.
type button struct {
	Name     string
	Button   office.Text
	Page     string // below the purpose, "" for a question
	Question office.Text
	Words    office.Text
	Danger   bool
	Open     bool
	Fields   []*office.Field
}

// buttons returns the actions that the API allows the caller and that would change something.
func (s *sight) buttons() []button {
	var all []button
	for _, name := range order {
		a := actions[name]
		if !s.May(name) || a.Idle != nil && a.Idle(s) {
			continue
		}
		b := button{Name: name, Button: a.Button, Page: a.Page, Danger: a.Danger, Question: a.Question}
		if a.Page == "" {
			b.Words = sentences(a.Words(s))
			b.Fields = s.fields(a)
		}
		all = append(all, b)
	}
	return all
}

// sentences joins sentences.
func sentences(all []office.Text) office.Text {
	var it, en []string
	for _, t := range all {
		it, en = append(it, t.IT), append(en, t.EN)
	}
	return office.T(strings.Join(it, " "), strings.Join(en, " "))
}

// fields returns the fields of the form of an action.
func (s *sight) fields(a action) []*office.Field {
	var all []*office.Field
	if a.Fields != nil {
		all = a.Fields(s)
	}
	return append(all, s.seenField())
}

// seen is what a page shows of a purpose and a decision rests on.
type seen struct {
	State      string `json:"state"`
	Calls      int64  `json:"dailyCalls,omitempty"`
	ByConsumer bool   `json:"suspendedByConsumer,omitempty"`
	ByProducer bool   `json:"suspendedByProducer,omitempty"`
	Waiting    string `json:"waitingId,omitempty"`
	Asked      int64  `json:"waitingDailyCalls,omitempty"`
	Expected   string `json:"expectedActivationDate,omitempty"`
	Rejected   string `json:"rejectionReason,omitempty"`
	Fits       string `json:"fits,omitempty"` // whether what the caller may ask for fits the thresholds
}

// seenWords are the members of seen in words.
var seenWords = map[string]office.Text{
	"state": office.T("Stato", "State"), "dailyCalls": office.T("Chiamate al giorno in uso", "Calls a day in use"),
	"suspendedByConsumer":    office.T("Sospesa dal fruitore", "Suspended by the consumer"),
	"suspendedByProducer":    office.T("Sospesa dall’erogatore", "Suspended by the producer"),
	"waitingId":              office.T("Stima in attesa", "Estimate that waits"),
	"waitingDailyCalls":      office.T("Chiamate al giorno in attesa", "Calls a day that wait"),
	"expectedActivationDate": office.T("Data prevista di attivazione", "Expected activation date"),
	"rejectionReason":        office.T("Motivo del rifiuto", "Reason of the rejection"),
	"fits":                   office.T("Rientra nelle soglie", "Fits the thresholds"),
}

// seen returns what the page shows of the purpose.
func (s *sight) seen() seen {
	p := &s.Purpose
	seen := seen{State: s.State, ByConsumer: p.SuspendedByConsumer, ByProducer: p.SuspendedByProducer}
	if p.Current != nil {
		seen.Calls = p.Current.DailyCalls
	}
	if p.Waiting != nil {
		seen.Waiting, seen.Asked, seen.Expected = p.Waiting.ID, p.Waiting.DailyCalls, p.Waiting.ExpectedOn
	}
	if p.Rejected != nil {
		seen.Rejected = p.Rejected.RejectionReason
	}
	if planned := s.planned(); s.AsConsumer && p.Waiting == nil && planned > 0 && s.Load != nil {
		seen.Fits = "no"
		if s.Load.fits(planned) {
			seen.Fits = "yes"
		}
	}
	return seen
}

// seenField returns the hidden field with what the page shows.
func (s *sight) seenField() *office.Field { return hiddenField(s.seen()) }

// hiddenField returns the hidden field with what a page has shown.
func hiddenField(seen any) *office.Field {
	text, err := json.Marshal(seen)
	if err != nil { // a struct of texts and numbers
		text = nil
	}
	return &office.Field{Name: seenField, Kind: "hidden", Value: string(text)}
}

// readSeen reads what the page of a form has shown; false when it does not say.
func readSeen(v *office.Visit, seen any) bool {
	return json.Unmarshal([]byte(v.Value(seenField)), seen) == nil
}

// clash is what changed while somebody looked at a form.
type clash struct {
	Changes []office.Change
	Typed   []*office.Field // what was typed, which nothing was done with
}

// clash compares the purpose with what the page of a form has shown; nil when that is the
// same, or not known.
func (s *sight) clash(v *office.Visit) *clash {
	var before seen
	if !readSeen(v, &before) {
		return nil
	}
	return changesOf(v, before, s.seen())
}

// changesOf returns the differences in words; nil for none.
func changesOf(v *office.Visit, before, after any) *clash {
	changes := office.Diff(before, after)
	if len(changes) == 0 {
		return nil
	}
	word := func(value string) string {
		switch chip, isState := m2m.PurposeChips[value]; {
		case isState:
			return v.Tr(chip.Text)
		case value == "true", value == "yes":
			return v.Tr(office.T("Sì", "Yes"))
		case value == "no":
			return "No"
		}
		return value
	}
	for i, c := range changes {
		name, known := seenWords[c.Name]
		if !known {
			name = office.Same(c.Name)
		}
		changes[i] = office.Change{Name: v.Tr(name), Before: word(c.Before), After: word(c.After)}
	}
	return &clash{Changes: changes}
}

// keep puts what was typed for an action back into its form, which is open unless something
// has to be read first, and lists it beside what has changed.
func (p *detail) keep(action string, form *office.Form) {
	if p.Clash != nil {
		for _, f := range form.Fields {
			if f.Kind != "hidden" && f.Value != "" {
				p.Clash.Typed = append(p.Clash.Typed, f)
			}
		}
	}
	for i := range p.Actions {
		b := &p.Actions[i]
		if b.Name != action {
			continue
		}
		b.Open = p.Clash == nil && len(form.Wrong()) > 0
		for _, f := range b.Fields {
			if typed := form.Field(f.Name); f.Kind != "hidden" {
				f.Value, f.Error = typed.Value, typed.Error
			}
		}
	}
}

// act takes an action that needs no page of its own.
func act(v *office.Visit) (*office.View, error) {
	name := v.Path("action")
	action, known := actions[name]
	if !known || action.Method == "" {
		return nil, &office.Refusal{Status: http.StatusNotFound, CorrelationID: v.Correlation}
	}
	page, err := readDetail(v)
	if err != nil {
		return nil, err
	}
	form := &office.Form{Fields: page.fields(action)}
	form.Read(v)
	if page.Clash = page.clash(v); page.Clash != nil {
		page.keep(name, form)
		shown := page.view(nil)
		shown.Status = http.StatusConflict
		return shown, nil
	}
	var body any
	if action.Body != nil {
		body = action.Body(form)
	}
	var after m2m.Purpose
	err = v.API(m2m.Product).Send(action.Method, apiPath(page.Purpose.ID, action.Below(page.sight)...), body, &after)
	if err == nil {
		path := "/purposes/" + page.Purpose.ID
		if action.Leaves {
			path = "/purposes"
		}
		return v.Redirect(path, action.Done(&page.Purpose, &after)), nil
	}
	refusal, refused := m2m.ShownRefusal(err)
	if !refused {
		return nil, err
	}
	return page.refuse(v, name, form, refusal)
}

// refuse shows the purpose as it is after an action was refused, with what was typed for it.
func (p *detail) refuse(v *office.Visit, action string, form *office.Form, refusal *office.Refusal) (*office.View, error) {
	form.Refuse(refusal)
	now := p
	if refusal.Conflict() || refusal.State != "" {
		var err error
		if now, err = readDetail(v); err != nil {
			return nil, err
		}
		now.Clash = now.clash(v)
	}
	now.keep(action, form)
	return now.view(form.Refusal), nil
}
