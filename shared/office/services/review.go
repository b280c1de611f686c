package services

import (
	"net/http"
	"slices"

	"golang.org/x/sync/errgroup"

	"ciclo/shared/office"
)

// reviewPages returns the pages of reviewers.
func reviewPages() []office.Page {
	page := func(method, path string, serve func(*office.Visit) (*office.View, error)) office.Page {
		return office.Page{Method: method, Path: "/reviews" + path, Area: office.Reviews, Serve: serve}
	}
	all := []office.Page{
		page(http.MethodGet, "", queue),
		page(http.MethodGet, "/{serviceId}", showReview),
		page(http.MethodGet, "/{serviceId}/logo.png", showLogo),
	}
	for _, d := range decisions {
		all = append(all, page(http.MethodPost, "/{serviceId}/"+d.Action, d.do))
	}
	return all
}

// reviewMenu returns the entry of reviewers in the menu.
func reviewMenu() office.Entry {
	return office.Entry{Text: office.T("Da revisionare", "To review"), Path: "/reviews", Area: office.Reviews}
}

// waiting is a service in the queue of reviewers.
type waiting struct {
	Service        sheet          `json:"service"`
	Owner          string         `json:"owner"`
	SubmittedAt    string         `json:"submitted_at"`
	WaitingSeconds int64          `json:"waiting_seconds"`
	AutoPublish    bool           `json:"auto_publish"`
	First          bool           `json:"first"`
	Priority       string         `json:"priority"`
	Changes        []changedField `json:"changes"`
	AllowedActions []string       `json:"allowedActions"`
}

// changedField is a field that differs from the copy approved last.
type changedField struct {
	Field     string `json:"field"`
	Approved  any    `json:"approved"`
	Submitted any    `json:"submitted"`
}

// Chip returns the priority.
func (w *waiting) Chip() office.Chip {
	if w.Priority == "high" {
		return office.Chip{Text: office.T("Alta", "High"), Tone: "warning"}
	}
	return office.Chip{Text: office.T("Media", "Medium")}
}

// What says in a few words what there is to review.
func (w *waiting) What() office.Text {
	if w.First {
		return office.T("Prima attivazione", "First activation")
	}
	return labels(w.differences(nil))
}

// differences returns the fields that differ from the copy approved last, in the order of the
// form. topics are names by id.
func (w *waiting) differences(topics map[string]string) []difference {
	var all []difference
	for _, c := range w.Changes {
		d := difference{Name: c.Field, Label: office.Same(c.Field)}
		before, after := sheet{}, sheet{}
		before.set(c.Field, c.Approved)
		after.set(c.Field, c.Submitted)
		d.Before, d.After = office.Same(before.Text(c.Field)), office.Same(after.Text(c.Field))
		switch m := memberOf(c.Field); {
		case m == nil:
		case m.Name == "metadata.topic_id":
			d.Label = m.Label
			d.Before, d.After = office.Same(topics[d.Before.IT]), office.Same(topics[d.After.IT])
		default:
			d.Label, d.Before, d.After = m.Label, m.shown(before), m.shown(after)
		}
		all = append(all, d)
	}
	slices.SortStableFunc(all, func(a, b difference) int { return place(a.Name) - place(b.Name) })
	return all
}

// queue shows the services that wait for a reviewer, the longest waiting first.
func queue(v *office.Visit) (*office.View, error) {
	l := v.List(pageSize)
	var answer struct {
		Value      []*waiting `json:"value"`
		Pagination struct {
			Count int64 `json:"count"`
		} `json:"pagination"`
	}
	if err := v.API(product).Get(base+"/reviews", l.Range(), &answer); err != nil {
		return nil, err
	}
	l.Total = answer.Pagination.Count
	office.SortBy(l, answer.Value, map[string]func(*waiting) string{
		"name":     func(w *waiting) string { return w.Service.Text("name") },
		"since":    func(w *waiting) string { return w.SubmittedAt },
		"priority": func(w *waiting) string { return w.Priority },
	})
	return &office.View{
		Template: "review-queue.html", Title: office.T("Da revisionare", "To review"),
		Data: map[string]any{"Waiting": answer.Value, "List": l},
	}, nil
}

// reviewPage is what the page of a service that waits for a reviewer shows.
type reviewPage struct {
	*detailPage

	Waiting   *waiting
	Topics    map[string]string // names by id, when the topic has changed
	Decisions []decision
	Kept      []kept // what was typed about a service that was submitted again since
}

// Changes lists the fields that differ from the copy approved last.
func (p *reviewPage) Changes() []difference { return p.Waiting.differences(p.Topics) }

// showReview shows a service that waits for a reviewer.
func showReview(v *office.Visit) (*office.View, error) {
	p, err := readReview(v, v.Path("serviceId"))
	if refusal, refused := office.Refused(err); refused && refusal.Status == http.StatusNotFound {
		return showLate(v, refusal, nil)
	}
	if err != nil {
		return nil, err
	}
	return p.view(nil), nil
}

// view returns the page; asked is the form of a decision that was refused, nil for none.
func (p *reviewPage) view(asked *office.Form) *office.View {
	for _, d := range decisions {
		if slices.Contains(p.Waiting.AllowedActions, d.Action) {
			p.Decisions = append(p.Decisions, d.of(p, asked))
		}
	}
	return &office.View{
		Template: "review-detail.html", Title: office.Same(p.Sheet.Text("name")), Data: p,
		Crumbs: []office.Crumb{{Text: office.T("Da revisionare", "To review"), Path: "/reviews"}},
	}
}

// readReview reads a service that waits for a reviewer, what the check finds, and the names of
// topics if they are needed.
func readReview(v *office.Visit, id string) (*reviewPage, error) {
	p := &reviewPage{detailPage: &detailPage{}, Waiting: &waiting{}}
	api := v.API(product)
	var err error
	if p.ETag, err = api.Read(servicePath(id, "/review"), p.Waiting); err != nil {
		return nil, err
	}
	p.Sheet = p.Waiting.Service
	if err := p.Sheet.as(&p.service); err != nil {
		return nil, err
	}
	var all errgroup.Group
	all.Go(func() error { return api.Get(servicePath(id, "/review/check"), nil, &p.Check) })
	all.Go(func() (err error) {
		p.Topics, err = p.Waiting.readTopics(api)
		return err
	})
	return p, all.Wait()
}

// readTopics returns the names of topics by id, if the topic has changed.
func (w *waiting) readTopics(api *office.API) (map[string]string, error) {
	if !slices.ContainsFunc(w.Changes, func(c changedField) bool { return c.Field == "metadata.topic_id" }) {
		return nil, nil //nolint:nilnil // none is needed
	}
	var answer struct {
		Topics []sheet `json:"topics"`
	}
	err := api.Get(base+"/services/topics", nil, &answer)
	names := make(map[string]string, len(answer.Topics))
	for _, topic := range answer.Topics {
		names[topic.Text("id")] = topic.Text("name")
	}
	return names, err
}
