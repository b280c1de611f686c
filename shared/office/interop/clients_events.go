package interop

import (
	"golang.org/x/sync/errgroup"

	"ciclo/shared/office"
)

// clientEvent is a request for a voucher (TokenEvent).
type clientEvent struct {
	At            string   `json:"timestamp"`
	Decision      string   `json:"decision"`
	ReasonNames   []string `json:"reasons"`
	PurposeID     string   `json:"purposeId"`
	Kid           string   `json:"kid"`
	AssertionID   string   `json:"assertionJti"`
	VoucherID     string   `json:"voucherJti"`
	Type          string   `json:"tokenType"`
	CorrelationID string   `json:"correlationId"`

	Purpose string `json:"-"` // its title, "" when it is not known
	Key     string `json:"-"` // its name, "" when it is not known
}

// Chip returns the outcome of the request.
func (e *clientEvent) Chip() office.Chip {
	if e.Decision == "ISSUED" {
		return office.Chip{Text: office.T("Rilasciato", "Issued"), Tone: "success"}
	}
	return office.Chip{Text: office.T("Rifiutato", "Refused"), Tone: "danger"}
}

// Reasons returns why the voucher was refused, in words.
func (e *clientEvent) Reasons() []office.Text {
	all := make([]office.Text, len(e.ReasonNames))
	for i, name := range e.ReasonNames {
		all[i] = failureOf(name).Text
	}
	return all
}

// showClientEvents lists the requests of a client for vouchers, newest first.
func showClientEvents(v *office.Visit) (*office.View, error) {
	c, err := readOwnClient(v)
	if err != nil {
		return nil, err
	}
	l := v.List(clientPageSize)
	var events clientList[*clientEvent]
	var keys clientList[*clientKey]
	var linked clientList[*clientPurpose]
	at := clientsPath + "/" + c.ID
	var group errgroup.Group
	group.Go(func() error { return v.API(product).Get(at+"/tokenEvents", l.Range(), &events) })
	group.Go(func() error { return v.API(product).Get(at+"/keys", nil, &keys) })
	if !c.IsAPI() {
		group.Go(func() error { return v.API(product).Get(at+"/purposes", nil, &linked) })
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	nameEvents(events.Results, keys.Results, linked.Results)
	l.Total = events.Pagination.TotalCount
	return &office.View{
		Template: "client-events.html", Title: office.T("Richieste di voucher", "Requests for vouchers"), Crumbs: clientCrumbs(c),
		Data: map[string]any{"Client": c, "Events": events.Results, "List": l},
	}, nil
}

// nameEvents sets the names of keys and purposes as far as these are known.
func nameEvents(events []*clientEvent, keys []*clientKey, purposes []*clientPurpose) {
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
