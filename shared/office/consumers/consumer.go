package consumers

import (
	"net/http"
	"slices"

	"golang.org/x/sync/errgroup"

	"ciclo/shared/office"
)

// children is a page of one of the lists below a consumer.
type children struct {
	Accounts            []account   `json:"accounts"`
	RemainingAccounts   int64       `json:"remainingAccounts"`
	Cards               []card      `json:"cards"`
	RemainingCards      int64       `json:"remainingCards"`
	Operations          []operation `json:"operations"`
	RemainingOperations int64       `json:"remainingOperations"`
}

// remaining returns how many entries follow those of the page.
func (c children) remaining() int64 {
	return c.RemainingAccounts + c.RemainingCards + c.RemainingOperations
}

// consumerPage is what the page of a consumer shows.
type consumerPage struct {
	Desk     desk
	ID       string
	Found    *consumer // nil for one that was deleted
	Chip     office.Chip
	Accounts []account
	Cards    []card

	Operations []operation
	Deletion   *operation // that has deleted the consumer
	Ask        *question  // nil where it may not be deleted

	AllOperations int64 // with those that the page does not show
}

// read reads a consumer and the first page of its operations. A consumer that was deleted is
// nil; one that has no operations either is refused.
func read(d desk, id string) (*consumer, children, error) {
	var c consumer
	var log children
	var err error // of the consumer, which may be deleted
	var group errgroup.Group
	group.Go(func() error {
		err = d.get(&c, "consumers", id)
		return orGone(err)
	})
	group.Go(func() error { return d.get(&log, "consumers", id, "operations") })
	if failed := group.Wait(); failed != nil {
		return nil, log, failed
	}
	switch {
	case err == nil:
		return &c, log, nil
	case len(log.Operations) > 0:
		return nil, log, nil
	}
	return nil, log, err
}

// show shows a consumer.
func show(v *office.Visit) (*office.View, error) {
	return consumerView(at(v), v.Path("consumerId"), reasonForm())
}

// consumerView returns the page of a consumer, with what was typed about a deletion.
func consumerView(d desk, id string, reason *office.Form) (*office.View, error) {
	c, log, err := read(d, id)
	if err != nil {
		return nil, err
	}
	page := &consumerPage{
		Desk: d, ID: id, Found: c, Chip: deleted, Operations: log.Operations,
		AllOperations: int64(len(log.Operations)) + log.RemainingOperations,
	}
	shown := &office.View{Template: "consumer-detail.html", Title: titleOf(id), Crumbs: d.crumbs(""), Data: page}
	if c == nil {
		if i := slices.IndexFunc(log.Operations, operation.isDeletion); i >= 0 {
			page.Deletion = &log.Operations[i]
		}
		return shown, nil
	}
	page.Chip = c.Chip()
	shown.Poll = c.IsDeleting()
	if c.mayBeDeleted() {
		page.Ask = ask(c, reason)
	}
	return shown, page.readChildren()
}

// readChildren reads the first accounts and cards. Where the consumer was deleted since it
// was read there are none.
func (p *consumerPage) readChildren() error {
	var accounts, cards children
	var group errgroup.Group
	group.Go(func() error { return orGone(p.Desk.get(&accounts, "consumers", p.ID, "accounts")) })
	group.Go(func() error { return orGone(p.Desk.get(&cards, "consumers", p.ID, "cards")) })
	err := group.Wait()
	p.Accounts, p.Cards = accounts.Accounts, cards.Cards
	return err
}

func orGone(err error) error {
	if refusal, refused := office.Refused(err); refused && refusal.Status == http.StatusNotFound {
		return nil
	}
	return err
}

// pageSize is how many entries a page of a list has; the API returns at most 50.
const pageSize = 50

// listed returns a page with one of the lists below a consumer.
func listed(v *office.Visit, list, template string, title office.Text) (*office.View, error) {
	d := at(v)
	id := v.Path("consumerId")
	l := v.List(pageSize)
	var page children
	if err := v.API(product).Get(d.api("consumers", id, list), l.Range(), &page); err != nil {
		return nil, err
	}
	shown := int64(len(page.Accounts) + len(page.Cards) + len(page.Operations))
	if l.Total = l.Offset + shown + page.remaining(); shown == 0 {
		l.Total = 0
	}
	return &office.View{
		Template: template, Title: title, Crumbs: d.crumbs(id),
		Data: map[string]any{
			"Desk": d, "ID": id, "List": l, "Accounts": page.Accounts, "Cards": page.Cards, "Operations": page.Operations,
		},
	}, nil
}

func listAccounts(v *office.Visit) (*office.View, error) {
	return listed(v, "accounts", "consumer-accounts.html", office.T("Conti", "Accounts"))
}

func listCards(v *office.Visit) (*office.View, error) {
	return listed(v, "cards", "consumer-cards.html", office.T("Carte", "Cards"))
}

func listOperations(v *office.Visit) (*office.View, error) {
	return listed(v, "operations", "consumer-operations.html", office.T("Operazioni", "Operations"))
}

// showOperation shows one operation.
func showOperation(v *office.Visit) (*office.View, error) {
	d := at(v)
	id := v.Path("consumerId")
	var o operation
	if err := d.get(&o, "consumers", id, "operations", v.Path("operationId")); err != nil {
		return nil, err
	}
	return &office.View{
		Template: "consumer-operation.html", Title: o.Name(), Crumbs: d.crumbs(id), Poll: o.Status == "PENDING",
		Data: map[string]any{"Desk": d, "ID": id, "Operation": o},
	}, nil
}

// showCard shows a card with its digital cards.
func showCard(v *office.Visit) (*office.View, error) {
	d := at(v)
	var c card
	if err := d.get(&c, "cards", v.Path("cardId")); err != nil {
		return nil, err
	}
	return &office.View{
		Template: "consumer-card.html", Title: office.Text{IT: "Carta " + c.CardID, EN: "Card " + c.CardID}, Crumbs: d.crumbs(c.ConsumerID),
		Data: map[string]any{"Desk": d, "Card": c},
	}, nil
}
