package client

import (
	"golang.org/x/sync/errgroup"

	"ciclo/shared/office"
	"ciclo/shared/office/interop/m2m"
)

// event is a request for a voucher (TokenEvent).
type event struct {
	At            string   `json:"timestamp"`
	Decision      string   `json:"decision"`
	ReasonNames   []string `json:"reasons"`
	PurposeID     string   `json:"purposeId"`
	Kid           string   `json:"kid"`
	Type          string   `json:"tokenType"`
	CorrelationID string   `json:"correlationId"`

	Purpose string `json:"-"` // its title, "" when it is not known
	Key     string `json:"-"` // its name, "" when it is not known
}

// Chip returns the outcome of the request.
func (e *event) Chip() office.Chip {
	if chip, known := decisions[e.Decision]; known {
		return chip
	}
	return office.Chip{Text: office.Same(e.Decision)}
}

// decisions are the outcomes of requests by their published names.
var decisions = map[string]office.Chip{
	"ISSUED":  {Text: office.T("Rilasciato", "Issued"), Tone: "success"},
	"REFUSED": {Text: office.T("Rifiutato", "Refused"), Tone: "danger"},
}

// Reasons returns why the voucher was refused, in words.
func (e *event) Reasons() []office.Text {
	all := make([]office.Text, len(e.ReasonNames))
	for i, name := range e.ReasonNames {
		all[i] = m2m.FailureOf(name).Text
	}
	return all
}

// showEvents lists the requests of a client for vouchers, newest first.
func showEvents(v *office.Visit) (*office.View, error) {
	c, err := readOwn(v)
	if err != nil {
		return nil, err
	}
	l := v.List(pageSize)
	var events list[*event]
	var keys list[*key]
	var linked list[*purpose]
	at := m2m.ClientsPath + "/" + c.ID
	var group errgroup.Group
	group.Go(func() error { return v.API(m2m.Product).Get(at+"/tokenEvents", l.Range(), &events) })
	group.Go(func() error { return v.API(m2m.Product).Get(at+"/keys", nil, &keys) })
	if !c.IsAPI() {
		group.Go(func() error { return v.API(m2m.Product).Get(at+"/purposes", nil, &linked) })
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	nameEvents(events.Results, keys.Results, linked.Results)
	l.Total = events.Pagination.TotalCount
	return &office.View{
		Template: "client-events.html", Title: office.T("Richieste di voucher", "Requests for vouchers"), Crumbs: crumbs(c),
		Data: map[string]any{"Client": c, "Events": events.Results, "List": l},
	}, nil
}

// nameEvents sets the names of keys and purposes as far as these are known.
func nameEvents(events []*event, keys []*key, purposes []*purpose) {
	for _, e := range events {
		for _, k := range keys {
			if k.ID == e.Kid {
				e.Key = k.Name
			}
		}
		for _, p := range purposes {
			if p.ID == e.PurposeID {
				e.Purpose = p.Title
			}
		}
	}
}
