package services

import (
	"cmp"
	"net/http"
	"net/url"

	"ciclo/shared/office"
)

// decision is an action of the API that reviewers take. An action that is not here is not
// offered.
type decision struct {
	Action string // of the API, and of the page

	Label, Question, Words office.Text
	Danger                 bool
	Fields                 []*office.Field
	Open                   bool // because what was typed was refused
	done                   office.Text
}

// decisions are the actions in the order of the page.
var decisions = []decision{
	{
		Action: "approve", Label: office.T("Approva", "Approve"), Question: office.T("Vuoi approvare il servizio?", "Approve the service?"),
		Words: office.T("La scheda diventa la copia approvata. Quando i cittadini la vedono lo decide l’ente.",
			"The sheet becomes the approved copy. When citizens see it is up to the body."),
		done: office.T("Servizio approvato.", "The service is approved."),
	},
	{
		Action: "reject", Label: office.T("Chiedi modifiche", "Ask for changes"), Danger: true,
		Question: office.T("Vuoi rifiutare la richiesta di pubblicazione?", "Refuse the request for publication?"),
		Words: office.T("L’ente legge il motivo nella pagina del servizio, corregge la scheda e può rinviare la richiesta. "+
			"Lo stato diventa «Modifiche richieste».",
			"The body reads the reason on the page of the service, corrects the sheet, and may send the request again. "+
				"The state becomes “Changes requested”."),
		done: office.T("Modifiche richieste all’ente.", "The body was asked for changes."),
	},
}

// rejectionCodes are those of the API that a reviewer may choose, in the order of the form.
var rejectionCodes = []string{"CONTRACT_NOT_RECEIVED", "NOT_A_DELEGATE", "MISSING_METADATA", "INVALID_FIELDS"}

// RejectionCodes lists the codes that reviewers choose from.
func RejectionCodes() []string { return rejectionCodes }

// WordedForReviewers lists the actions of the API for reviewers that have words in these pages.
func WordedForReviewers() []string {
	all := make([]string, len(decisions))
	for i, d := range decisions {
		all[i] = d.Action
	}
	return all
}

// form returns what is typed with a decision.
func (d decision) form() *office.Form {
	form := &office.Form{Fields: []*office.Field{{Name: "_etag", Kind: "hidden"}}}
	if d.Action != "reject" {
		return form
	}
	code := &office.Field{
		Name: "code", Kind: "select", Label: office.T("Perché?", "Why?"),
		Options: []office.Option{{Text: office.T("Nessuno di questi motivi", "None of these reasons")}},
	}
	for _, c := range rejectionCodes {
		code.Options = append(code.Options, office.Option{Value: c, Text: codes[c]})
	}
	form.Fields = append(form.Fields, code, &office.Field{
		Name: "reason", Kind: "textarea", Rows: 6, Required: true,
		Label: office.T("Che cosa deve cambiare l’ente", "What the body has to change"),
		Help: office.T("Una riga per ogni cosa. Se nomini un campo, l’ente ci arriva con un clic.",
			"One line for each thing. Where a field is named, the body gets there with one click."),
	})
	return form
}

// of returns the decision on a service: with the version that the reviewer sees, and with what
// was typed, when asked is its form.
func (d decision) of(p *reviewPage, asked *office.Form) decision {
	form := d.form()
	if asked != nil && len(asked.Fields) == len(form.Fields) {
		form = asked
		d.Open = true
	}
	d.Fields = form.Fields
	form.Field("_etag").Value = p.ETag
	if d.Action == "approve" && p.Waiting.AutoPublish {
		d.Words = office.T("I cittadini vedono subito la scheda nell’app, perché l’ente ha chiesto di pubblicarla dopo l’approvazione.",
			"Citizens see the sheet in the app at once, because the body asked for publication after approval.")
	}
	return d
}

// do takes the decision.
func (d decision) do(v *office.Visit) (*office.View, error) {
	id := v.Path("serviceId")
	form := d.form()
	form.Read(v)
	var body any
	if d.Action == "reject" {
		sent := map[string]string{"reason": form.Field("reason").Value}
		if code := form.Field("code").Value; code != "" {
			sent["code"] = code
		}
		body = sent
	}
	err := v.API(product).IfMatch(form.Field("_etag").Value).Send(http.MethodPost, servicePath(id, "/review/"+d.Action), body, nil)
	refusal, refused := office.Refused(err)
	switch {
	case err == nil:
		return v.Redirect("/reviews", d.done), nil
	case !refused || refusal.Status != http.StatusNotFound && refusal.Status != http.StatusBadRequest && !refusal.Conflict():
		return nil, err
	}
	seen := form.Field("_etag").Value
	p, readErr := readReview(v, id)
	if late, isLate := office.Refused(readErr); isLate && late.Status == http.StatusNotFound {
		return showLate(v, refusal, form)
	}
	if readErr != nil {
		return nil, readErr
	}
	if refusal.Status == http.StatusBadRequest {
		form.Refuse(refusal)
		shown := p.view(form)
		shown.Status = refusal.Status
		return shown, nil
	}
	return d.showAnew(v, p, refusal, form, seen)
}

// showAnew shows a service that was submitted again since the reviewer has opened its page:
// what has changed, and what was typed, which the reviewer may send again.
func (d decision) showAnew(v *office.Visit, p *reviewPage, refusal *office.Refusal, form *office.Form, seen string) (*office.View, error) {
	was, err := versionAt(v, p.ID, seen)
	if err != nil {
		return nil, err
	}
	if was != nil {
		p.Changed = differences(was, p.Sheet)
	}
	p.Lost, p.Kept = true, typedIn(form)
	asked := form
	if d.Action != "reject" {
		asked = nil // nothing was typed, so it is not asked again at once
	}
	shown := p.view(asked)
	for i := range p.Decisions {
		p.Decisions[i].Open = false // what has changed is read first
	}
	shown.Status = refusal.Status
	return shown, nil
}

// kept is what a reviewer has typed into a field.
type kept struct{ Label, Value office.Text }

// typedIn lists what was typed into a form, nil for no form.
func typedIn(form *office.Form) (all []kept) {
	if form == nil {
		return nil
	}
	for _, f := range form.Fields {
		if f.Kind == "hidden" || f.Value == "" {
			continue
		}
		t := kept{Label: f.Label, Value: office.Same(f.Value)}
		for _, o := range f.Options {
			if o.Value == f.Value {
				t.Value = o.Text
			}
		}
		all = append(all, t)
	}
	return all
}

// latePage says why a service no longer waits for a reviewer.
type latePage struct {
	service
	First office.Text     // who was first, and how
	Item  *historyItem    // the change, nil when it is not known
	Kept  []kept          // what was typed
	Own   *office.Refusal // what the decision itself led to, nil when another one was first
}

// firsts says who was first, by the state that the change led to.
var firsts = map[string]office.Text{
	"approved": office.T("Un revisore ha già approvato il servizio.", "A reviewer has approved the service before."),
	"rejected": office.T("Un revisore ha già chiesto modifiche.", "A reviewer has asked for changes before."),
	"draft":    office.T("L’ente ha ritirato la richiesta.", "The body has withdrawn the request."),
	"deleted":  office.T("L’ente ha cancellato il servizio.", "The body has deleted the service."),
	"":         office.T("Il servizio non aspetta una revisione.", "The service does not wait for a review."),
}

// showLate says that a service no longer waits for a reviewer, and who was first.
func showLate(v *office.Visit, refusal *office.Refusal, form *office.Form) (*office.View, error) {
	id := v.Path("serviceId")
	p := &latePage{Kept: typedIn(form)}
	if err := v.API(product).Get(servicePath(id, ""), nil, &p.service); err != nil {
		return nil, err
	}
	shown := &office.View{
		Template: "review-late.html", Title: office.Same(p.Name), Status: refusal.Status, Data: p,
		Crumbs: []office.Crumb{{Text: office.T("Da revisionare", "To review"), Path: "/reviews"}},
	}
	if refusal.Code == "DUPLICATE_NAME" {
		p.Own = refusal
		p.First = office.T("Il servizio non è stato approvato: nel frattempo l’ente ha un altro servizio approvato con lo stesso nome. "+
			"La richiesta è rifiutata con questo motivo.",
			"The service was not approved: meanwhile the body has another approved service with the same name. "+
				"The request is refused for that reason.")
		return shown, nil
	}
	h, err := readHistory(v, id, url.Values{"limit": {"100"}})
	if absent(err) != nil {
		return nil, err
	}
	p.Item = h.endOfReview()
	switch {
	case p.Status.Value == "deleted": // its history is not shown any more
		p.First = firsts["deleted"]
	case p.Item == nil:
		p.First = firsts[""]
	default:
		p.First = cmp.Or(firsts[p.Item.Status.Value], firsts[""])
	}
	return shown, nil
}

// endOfReview returns the newest change that ended a review, nil for none.
func (h history) endOfReview() *historyItem {
	for _, item := range h.Items {
		if item.Status.Kind == "lifecycle" && item.earlier != nil && item.earlier.Status.Value == "submitted" {
			return item
		}
	}
	return nil
}
