package services

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"ciclo/shared/office"
)

// editPage is what a step of the form shows.
type editPage struct {
	ID        string // empty for a new service
	Steps     []stepLink
	Form      *office.Form
	Locked    bool         // the API does not allow to edit
	Returns   bool         // saving makes an approved service a draft again
	Lost      bool         // another change came first
	Changed   []difference // by that change
	Reasons   []reason     // why the service was rejected
	Elsewhere []reason     // what the API refuses in another step
}

// stepLink is a step in the list of steps.
type stepLink struct {
	Name    office.Text
	Path    string // empty while the service is not created
	Current bool
}

// stepsOf returns the list of steps of a service, whose id is empty while it is new.
func stepsOf(id string, current int) []stepLink {
	var all []stepLink
	for i, name := range stepNames {
		link := stepLink{Name: name, Current: i+1 == current}
		if id != "" {
			link.Path = pagePath(id, "/edit/"+strconv.Itoa(i+1))
		}
		all = append(all, link)
	}
	return all
}

// stepForm returns the form of a step with what a service has.
func stepForm(s sheet, step int, topics []topic) *office.Form {
	form := &office.Form{Submit: office.T("Salva e continua", "Save and continue")}
	if step == len(stepNames) {
		form.Submit = office.T("Salva", "Save")
	}
	values := s.payload()
	for _, m := range members {
		if m.step != step {
			continue
		}
		field := m.Field
		if text := values.Text(m.Name); text != "" {
			field.Value = text
		}
		if field.Kind == "checkbox" && field.Value == "false" {
			field.Value = ""
		}
		if m.Name == "metadata.topic_id" {
			field.Options = topicOptions(topics, field.Value, s.Text("metadata.topic.name"))
		}
		form.Fields = append(form.Fields, &field)
	}
	return form
}

// topic is a subject that a service may be about.
type topic struct {
	ID   int    `json:"id"`
	Name string `json:"name"`
}

// topicOptions returns the topics as choices, with the service's own when it is retired.
func topicOptions(topics []topic, id, name string) []office.Option {
	all := []office.Option{{Text: office.T("Scegli un argomento", "Choose a topic")}}
	for _, t := range topics {
		all = append(all, office.Option{Value: strconv.Itoa(t.ID), Text: office.Same(t.Name)})
	}
	if id != "" && !slices.ContainsFunc(all, func(o office.Option) bool { return o.Value == id }) {
		all = append(all, office.Option{Value: id, Text: office.Same(name)})
	}
	return all
}

// readTopics reads the topics when a step has them.
func readTopics(v *office.Visit, step int) ([]topic, error) {
	if step != 1 {
		return nil, nil
	}
	var answer struct {
		Topics []topic `json:"topics"`
	}
	err := v.API(product).Get(base+"/services/topics", nil, &answer)
	return answer.Topics, err
}

// typed writes what was typed into a copy of the sheet, as an update sends it.
func typed(s sheet, form *office.Form) sheet {
	p := s.payload()
	for _, field := range form.Fields {
		if m := memberOf(field.Name); m != nil {
			m.set(p, strings.ReplaceAll(field.Value, "\r\n", "\n"))
		}
	}
	return p
}

// newForm returns the form of a new service. It begins with the public body of the service
// that was changed last.
func newForm(v *office.Visit) (*office.Form, error) {
	var last struct {
		Value []sheet `json:"value"`
	}
	query := url.Values{"limit": {"1"}, "order": {"-last_update"}}
	if err := v.API(product).Get(base+"/services", query, &last); err != nil {
		return nil, err
	}
	topics, err := readTopics(v, 1)
	if err != nil {
		return nil, err
	}
	begin := sheet{}
	if len(last.Value) > 0 {
		begin.set("organization", last.Value[0]["organization"])
	}
	form := stepForm(begin, 1, topics)
	form.Action, form.Cancel = "/services/new", "/services"
	return form, nil
}

// askNew shows the form of a new service.
func askNew(v *office.Visit) (*office.View, error) {
	form, err := newForm(v)
	if err != nil {
		return nil, err
	}
	return showEdit(&editPage{Steps: stepsOf("", 1), Form: form}, service{}, nil), nil
}

// create makes a service of what was typed into the first step.
func create(v *office.Visit) (*office.View, error) {
	form := stepForm(sheet{}, 1, nil)
	form.Read(v)
	var created service
	err := v.API(product).Send(http.MethodPost, base+"/services", typed(sheet{}, form), &created)
	if refusal, refused := office.Refused(err); refused && corrigible(refusal) {
		if form, err = newForm(v); err != nil {
			return nil, err
		}
		form.Read(v)
		page := &editPage{Steps: stepsOf("", 1), Form: form}
		return showEdit(page, service{}, page.refuse(v, refusal)), nil
	}
	if err != nil {
		return nil, err
	}
	return v.Redirect(pagePath(created.ID, "/edit/2"), office.T("Il servizio è creato, in bozza.", "The service is created, as a draft.")), nil
}

// corrigible reports whether a refusal is about what was typed.
func corrigible(r *office.Refusal) bool {
	return r.Status == http.StatusBadRequest || r.Status == http.StatusRequestEntityTooLarge
}

// retiredTopic says what is wrong with a topic that the API does not know.
var retiredTopic = office.T("l’argomento non si può più scegliere", "the topic can no longer be chosen")

// refuse puts a refusal at the fields of the form, and what it says about other steps there.
func (p *editPage) refuse(v *office.Visit, r *office.Refusal) *office.Refusal {
	copied := *r
	copied.Fields = nil
	for _, e := range r.Fields {
		e.Detail = v.Tr(detail(memberOf(e.Name), e.Detail))
		copied.Fields = append(copied.Fields, e)
	}
	if r.Code == "TOPIC_UNKNOWN" {
		copied.Fields = []office.FieldError{{Name: "metadata.topic_id", Detail: v.Tr(retiredTopic)}}
	}
	p.Form.Refuse(&copied)
	rest := p.Form.Refusal
	var unknown []office.FieldError
	for _, e := range rest.Fields {
		if m := memberOf(e.Name); m != nil && p.ID != "" {
			p.Elsewhere = append(p.Elsewhere, reason{Label: m.Label, Text: office.Same(e.Detail), Link: m.link(p.ID)})
			continue
		}
		unknown = append(unknown, e)
	}
	if len(copied.Fields) > 0 {
		rest.Detail = "" // it repeats what is at the fields
	}
	rest.Fields = unknown
	return rest
}

// showEdit shows a step, with the refusal of what was tried; nil for none.
func showEdit(p *editPage, s service, refusal *office.Refusal) *office.View {
	shown := &office.View{Template: "service-edit.html", Title: office.T("Nuovo servizio", "New service"), Data: p, Refusal: refusal}
	shown.Crumbs = []office.Crumb{{Text: office.T("Servizi", "Services"), Path: "/services"}}
	if p.ID != "" {
		shown.Title, shown.Crumbs = office.T("Modifica il servizio", "Edit the service"), crumbs(s)
	}
	if refusal != nil {
		shown.Status = refusal.Status
	}
	return shown
}

// errNoStep is the refusal of a step that the form does not have.
var errNoStep = &office.Refusal{Status: http.StatusNotFound}

// editing is a step of the form with what a service has now.
type editing struct {
	editPage
	service
	sheet sheet
	etag  string
	step  int
}

// readEditing reads what a step shows.
func readEditing(v *office.Visit) (*editing, error) {
	e := &editing{}
	e.editPage.ID = v.Path("serviceId")
	var err error
	if e.step, err = strconv.Atoi(v.Path("step")); err != nil || e.step < 1 || e.step > len(stepNames) {
		return nil, errNoStep
	}
	api := v.API(product)
	if e.etag, err = api.Read(servicePath(v.Path("serviceId"), ""), &e.sheet); err != nil {
		return nil, err
	}
	if err := e.sheet.as(&e.service); err != nil {
		return nil, err
	}
	var can allowed
	var topics []topic
	var all errgroup.Group
	all.Go(func() error { return api.Get(servicePath(e.service.ID, "/allowedActions"), nil, &can) })
	all.Go(func() (err error) {
		topics, err = readTopics(v, e.step)
		return err
	})
	if err := all.Wait(); err != nil {
		return nil, err
	}
	e.Locked = !slices.Contains(can.AllowedActions, "edit")
	e.Returns = e.Status.Value == "approved"
	e.Reasons = reasonsOf(e.service.ID, e.Status.Reason)
	e.Steps = stepsOf(e.service.ID, e.step)
	e.Form = stepForm(e.sheet, e.step, topics)
	e.Form.Action, e.Form.Cancel = pagePath(e.service.ID, "/edit/"+strconv.Itoa(e.step)), pagePath(e.service.ID, "")
	return e, nil
}

// show shows the step; saving it is for the version that was read.
func (e *editing) show(refusal *office.Refusal) *office.View {
	e.Form.Fields = append(e.Form.Fields, &office.Field{Name: "_etag", Kind: "hidden", Value: e.etag})
	return showEdit(&e.editPage, e.service, refusal)
}

// next returns the page after the step.
func (e *editing) next() string {
	if e.step == len(stepNames) {
		return pagePath(e.service.ID, "")
	}
	return pagePath(e.service.ID, "/edit/"+strconv.Itoa(e.step+1))
}

// askEdit shows a step of the form.
func askEdit(v *office.Visit) (*office.View, error) {
	e, err := readEditing(v)
	if err != nil {
		return nil, err
	}
	return e.show(nil), nil
}

// edit saves a step: what was typed replaces the members of the step, and the others stay as
// they are. Without a difference nothing is saved.
func edit(v *office.Visit) (*office.View, error) {
	e, err := readEditing(v)
	if err != nil {
		return nil, err
	}
	e.Form.Read(v)
	seen, payload := v.Value("_etag"), typed(e.sheet, e.Form)
	if seen == e.etag && len(office.Diff(e.sheet.payload(), payload)) == 0 {
		return v.Redirect(e.next(), office.Text{}), nil
	}
	err = v.API(product).IfMatch(seen).Send(http.MethodPut, servicePath(e.service.ID, ""), payload, nil)
	refusal, refused := office.Refused(err)
	switch {
	case refused && refusal.Conflict():
		return lostRace(v, seen, refusal)
	case refused && corrigible(refusal):
		return e.show(e.refuse(v, refusal)), nil
	case err != nil:
		return nil, err
	}
	return v.Redirect(e.next(), office.T("Salvato, in bozza.", "Saved, as a draft.")), nil
}

// lostRace shows the step as somebody else has left it, with what that changed. What was
// typed is kept, and may be saved over it.
func lostRace(v *office.Visit, seen string, refusal *office.Refusal) (*office.View, error) {
	e, err := readEditing(v)
	if err != nil {
		return nil, err
	}
	was, err := versionAt(v, e.service.ID, seen)
	if absent(err) != nil {
		return nil, err
	}
	if was != nil {
		e.Changed = differences(was, e.sheet)
	}
	e.Lost = seen != e.etag
	e.Form.Read(v)
	e.Form.Submit = office.T("Salva comunque", "Save anyway")
	return e.show(refusal), nil
}
