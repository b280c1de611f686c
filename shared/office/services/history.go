package services

import (
	"encoding/json"
	"net/url"
	"strings"

	"ciclo/shared/office"
)

// history is a page of the changes of a service, newest first.
type history struct {
	Items []*historyItem `json:"items"`
	Next  string         `json:"continuationToken"`
}

// historyItem is a record of a service after one change.
type historyItem struct {
	Status struct {
		Kind   string `json:"kind"`
		Value  string `json:"value"`
		Reason string `json:"reason"`
		Code   string `json:"code"`
	} `json:"status"`
	Version    int64  `json:"version"`
	LastUpdate string `json:"last_update"`

	id      string
	sheet   sheet
	earlier *historyItem // the change before of the same record, nil when it is on another page
}

// UnmarshalJSON implements [json.Unmarshaler].
func (h *historyItem) UnmarshalJSON(text []byte) error {
	type plain historyItem
	if err := json.Unmarshal(text, (*plain)(h)); err != nil {
		return err
	}
	return json.Unmarshal(text, &h.sheet)
}

// events says what changed, by the record and its state.
var events = map[string]office.Text{
	"lifecycle draft":     office.T("Bozza salvata", "Draft saved"),
	"lifecycle submitted": office.T("Richiesta di pubblicazione inviata", "Publication asked for"),
	"lifecycle approved":  office.T("Approvato", "Approved"),
	"lifecycle rejected":  office.T("Dati incompleti o incorretti: modifiche richieste", "Data incomplete or incorrect: changes requested"),
	"lifecycle deleted":   office.T("Cancellato", "Deleted"),

	"publication published":   office.T("Pubblicato: visibile in app", "Published: visible in the app"),
	"publication unpublished": office.T("Non visibile in app", "Not visible in the app"),
}

// Event says what changed.
func (h *historyItem) Event() office.Text {
	if h.Status.Kind == "lifecycle" && h.Status.Value == "draft" {
		if h.Version == 1 {
			return office.T("Creato", "Created")
		}
		if h.earlier != nil && h.earlier.Status.Value == "submitted" {
			return office.T("Richiesta di pubblicazione ritirata", "Request for publication withdrawn")
		}
	}
	return events[h.Status.Kind+" "+h.Status.Value]
}

// Because says in words why the service was rejected.
func (h *historyItem) Because() office.Text { return codes[h.Status.Code] }

// Reasons lists what the reviewer wanted to be changed.
func (h *historyItem) Reasons() []reason { return reasonsOf(h.id, h.Status.Reason) }

// Changes lists the members that changed, as far as the change before is known.
func (h *historyItem) Changes() office.Text {
	if h.earlier == nil {
		return office.Text{}
	}
	return labels(differences(h.earlier.sheet, h.sheet))
}

// readHistory reads a page of the history of a service.
func readHistory(v *office.Visit, id string, query url.Values) (history, error) {
	var h history
	if err := v.API(product).Get(servicePath(id, "/history"), query, &h); err != nil {
		return h, err
	}
	newer := map[string]*historyItem{}
	for _, item := range h.Items {
		item.id = id
		if n := newer[item.Status.Kind]; n != nil {
			n.earlier = item
		}
		newer[item.Status.Kind] = item
	}
	return h, nil
}

// showHistory shows the changes of a service; the query may have the token of a page.
func showHistory(v *office.Visit) (*office.View, error) {
	id := v.Path("serviceId")
	query := url.Values{"limit": {"20"}}
	if token := v.Query("continuationToken"); token != "" {
		query.Set("continuationToken", token)
	}
	var s service
	if err := v.API(product).Get(servicePath(id, ""), nil, &s); err != nil {
		return nil, err
	}
	h, err := readHistory(v, id, query)
	if err != nil {
		return nil, err
	}
	return &office.View{
		Template: "service-history.html", Title: office.T("Cronologia", "History"), Crumbs: crumbs(s),
		Data: map[string]any{"ID": id, "History": h, "Later": query.Has("continuationToken")},
	}, nil
}

// crumbs returns the pages above those of a service.
func crumbs(s service) []office.Crumb {
	return []office.Crumb{
		{Text: office.T("Servizi", "Services"), Path: "/services"}, {Text: office.Same(s.Name), Path: pagePath(s.ID, "")},
	}
}

// versionAt returns a service as it was in the version that an ETag names, nil when the
// newest hundred changes do not have it.
func versionAt(v *office.Visit, id, etag string) (sheet, error) {
	h, err := readHistory(v, id, url.Values{"limit": {"100"}})
	if err != nil {
		return nil, err
	}
	for _, item := range h.Items {
		if item.Status.Kind == "lifecycle" && item.sheet.Text("version") == strings.Trim(etag, `"`) {
			return item.sheet, nil
		}
	}
	return nil, nil //nolint:nilnil // it is too long ago
}
