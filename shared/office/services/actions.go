package services

import (
	"net/http"

	"ciclo/shared/office"
)

// button is an action of the API as a page offers it. An action without a button is not
// offered; of those that have none, edit is a link, and reviewers have pages of their own.
type button struct {
	Action string // of the API
	Path   string // of the page that does it, below the service's
	Label  office.Text

	Primary, Danger bool // how it looks

	Question, Words office.Text
	Fields          []*office.Field

	method, path string      // of the API's operation
	ofLive       bool        // it changes the publication, not the service
	done         office.Text // what was done
	gone         bool        // the page of the service has nothing more to show
}

// buttons are the actions in the order of the page.
var buttons = []button{
	{
		Action: "submit", Path: "/review", Label: office.T("Pubblica il servizio", "Publish the service"), Primary: true,
		Question: office.T("Vuoi chiedere la pubblicazione?", "Ask for publication?"),
		Words: office.T("La scheda viene controllata e passa in revisione. Fino all’esito non si può modificare, ma puoi ritirare la richiesta.",
			"The sheet is checked and goes into review. It cannot be edited until the outcome is known, but you can withdraw the request."),
		method: http.MethodPut, path: "/review", done: office.T("Richiesta inviata: ecco l’esito.", "The request was sent: this is the outcome."),
	},
	{
		Action: "publish", Path: "/publish", Label: office.T("Rendi visibile in app", "Show in the app"), Primary: true,
		Question: office.T("Vuoi rendere visibile il servizio?", "Show the service?"),
		Words: office.T("I cittadini vedono da subito nell’app la copia approvata per ultima. Non serve un’altra revisione.",
			"Citizens see the copy approved last in the app at once. No other review is needed."),
		method: http.MethodPost, path: "/release", ofLive: true, done: office.T("Il servizio è visibile in app.",
			"The service is visible in the app."),
	},
	{
		Action: "withdraw", Path: "/withdraw", Label: office.T("Ritira la richiesta", "Withdraw the request"),
		Question: office.T("Vuoi ritirare la richiesta di pubblicazione?", "Withdraw the request for publication?"),
		Words: office.T("Il servizio torna in bozza e perde il posto nella coda dei revisori. Puoi "+
			"chiedere di nuovo la pubblicazione quando vuoi.",
			"The service becomes a draft again and loses its place in the reviewers’ queue. You can ask for publication again at any time."),
		method: http.MethodDelete, path: "/review", done: office.T("La richiesta è ritirata, il servizio è in bozza.",
			"The request is withdrawn, the service is a draft."),
	},
	{
		Action: "unpublish", Path: "/unpublish", Label: office.T("Nascondi dall’app", "Hide from the app"),
		Question: office.T("Vuoi nascondere il servizio?", "Hide the service?"),
		Words: office.T("I cittadini non lo vedono più nell’app. Puoi renderlo di nuovo visibile senza revisione.",
			"Citizens no longer see it in the app. You can show it again without a review."),
		method: http.MethodDelete, path: "/release", ofLive: true, done: office.T("Il servizio non è più visibile in app.",
			"The service is no longer visible in the app."),
	},
	{
		Action: "delete", Path: "/delete", Label: office.T("Cancella il servizio", "Delete the service"), Danger: true,
		Question: office.T("Vuoi cancellare il servizio per sempre?", "Delete the service for good?"),
		Words: office.T("Spariscono la copia visibile in app e le due chiavi: chi le usa non può più inviare messaggi. La "+
			"scheda resta leggibile come cancellata. Non si può annullare.",
			"The copy in the app and both keys go: whoever uses them can no longer send messages. The "+
				"sheet stays readable as deleted. This cannot be undone."),
		method: http.MethodDelete, done: office.T("Il servizio è cancellato.", "The service is deleted."), gone: true,
	},
}

// of returns the button for a service, with the version that the visitor has seen.
func (b button) of(p *detailPage) button {
	if b.ofLive {
		b.Fields = []*office.Field{{Name: "_live", Kind: "hidden", Value: p.LiveETag}}
		return b
	}
	b.Fields = []*office.Field{{Name: "_etag", Kind: "hidden", Value: p.ETag}}
	if b.Action != "submit" {
		return b
	}
	b.Fields = append(b.Fields, &office.Field{
		Name: "auto_publish", Kind: "checkbox", Value: "true",
		Label: office.T("Pubblica dopo l’approvazione", "Publish after approval"),
		Help: office.T("Appena approvato, il servizio è visibile in app. Altrimenti lo rendi visibile tu.",
			"Once approved, the service is visible in the app. Otherwise you show it yourself."),
	})
	switch {
	case p.Check == nil:
	case !p.Check.Valid:
		b.Words = office.T("Con i dati di adesso la richiesta viene rifiutata subito: correggi prima quanto è elencato nella pagina.",
			"With the data as they are the request is refused at once: first correct what the page lists.")
	case p.Check.Outcome == "approved":
		b.Words = office.T("Non è cambiato niente che richieda un revisore: la richiesta viene approvata subito.",
			"Nothing has changed that needs a reviewer: the request is approved at once.")
	}
	return b
}

// do returns what a button does.
func (b button) do(v *office.Visit) (*office.View, error) {
	id := v.Path("serviceId")
	etag := v.Value("_etag")
	if b.ofLive {
		etag = v.Value("_live")
	}
	var body any
	if b.Action == "submit" {
		body = map[string]bool{"auto_publish": v.Ticked("auto_publish")}
	}
	err := v.API(product).IfMatch(etag).Send(b.method, servicePath(id, b.path), body, nil)
	if refusal, refused := office.Refused(err); refused && refusal.Conflict() {
		return showDetail(v, refusal)
	}
	if err != nil {
		return nil, err
	}
	if b.gone {
		return v.Redirect("/services", b.done), nil
	}
	return v.Redirect(pagePath(id, ""), b.done), nil
}

// actionPages returns what the buttons do.
func actionPages() []office.Page {
	var all []office.Page
	for _, b := range buttons {
		all = append(all, office.Page{Method: http.MethodPost, Path: "/services/{serviceId}" + b.Path, Area: office.Services, Serve: b.do})
	}
	return all
}

// Worded lists the actions of the API for owners that have words in these pages.
func Worded() []string {
	all := []string{"edit"}
	for _, b := range buttons {
		all = append(all, b.Action)
	}
	return all
}
