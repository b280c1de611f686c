package consumer

import (
	"context"
	"math"
	"strings"

	"golang.org/x/sync/errgroup"

	"ciclo/shared/consumers"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// View is a consumer as clients read it.
type View struct {
	ConsumerID   string `json:"consumerId" doc:"Unique identifier of the end user"`
	State        string `json:"state" enum:"ACTIVE,DELETING,DELETE_FAILED" doc:"Where the consumer is in its lifecycle"`
	CreatedAt    string `json:"createdAt" example:"2022-06-16T06:28:02.492Z" doc:"When it was registered, ISO 8601"`
	Accounts     int64  `json:"accounts" doc:"How many accounts it has"`
	Cards        int64  `json:"cards" doc:"How many cards it has"`
	DigitalCards int64  `json:"digitalCards" doc:"How many digital cards it has"`
}

// CardView is a card as clients read it (D1 v1, card).
type CardView struct {
	ConsumerID    string            `json:"consumerId" doc:"Unique identifier of the end user"`
	AccountID     string            `json:"accountId" doc:"The account of the card; the consumerId when the issuer has no accounts"`
	CardID        string            `json:"cardId" doc:"Unique identifier of the card"`
	CardProductID string            `json:"cardProductId,omitempty" doc:"The card product"`
	State         string            `json:"state" enum:"ACTIVE,INACTIVE" doc:"State of the card"`
	DigitalCards  []DigitalCardView `json:"digitalCards" nullable:"false" doc:"The card's digital cards, by id"`
}

// DigitalCardView is a digital card as clients read it.
type DigitalCardView struct {
	DigitalCardID string `json:"digitalCardId" doc:"Unique identifier of the digital card"`
	State         string `json:"state" enum:"ACTIVE,INACTIVE,SUSPENDED" doc:"State of the digital card"`
}

func (c child) cardView(consumerID string) CardView {
	return CardView{
		ConsumerID: consumerID, AccountID: c.AccountID, CardID: c.CardID, CardProductID: c.CardProductID,
		State: c.State, DigitalCards: []DigitalCardView{},
	}
}

func (c child) digitalCardView() DigitalCardView {
	return DigitalCardView{DigitalCardID: c.DigitalCardID, State: c.State}
}

// card reads a card with its digital cards, by one query of its partition.
func (s *Store) card(ctx context.Context, issuerID, cardID string) (CardView, error) {
	var view CardView
	q := table.Query{Table: Consumers.Name, PK: cardKey(issuerID, cardID).PK, Consistent: true}
	err := table.All(ctx, s.db, q, func(item table.Item) error {
		c, err := decodeChild(item)
		if err != nil {
			return err
		}
		if c.SK == cardSK {
			view = c.cardView(c.ConsumerID)
		} else {
			view.DigitalCards = append(view.DigitalCards, c.digitalCardView())
		}
		return nil
	})
	if err == nil && view.CardID == "" {
		err = problem.New(consumers.CardNotFound, "The issuer has no card with this id.")
	}
	return view, err
}

// cards lists a consumer's cards by id with their digital cards, from the
// offset-th on, and how many cards follow the last returned. Cards and digital
// cards lie in the same order in the index, so those of a page are two ranges.
func (s *Store) cards(ctx context.Context, id ID, offset, limit int) ([]CardView, int, error) {
	var c *consumer
	var found []child
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		c, err = s.getLive(gctx, id)
		return err
	})
	g.Go(func() (err error) {
		found, err = s.indexed(gctx, id, cardPrefix, cardPrefix+last, offset, limit)
		return err
	})
	if err := g.Wait(); err != nil {
		return nil, 0, err
	}
	views := make([]CardView, len(found))
	for i, card := range found {
		views[i] = card.cardView(id.ConsumerID)
	}
	remaining := max(0, int(c.Cards)-offset-len(views))
	if len(views) == 0 || c.DigitalCards == 0 {
		return views, remaining, nil
	}
	from := digitalCardPrefix + views[0].CardID + "#"
	to := digitalCardPrefix + views[len(views)-1].CardID + "#" + last
	digital, err := s.indexed(ctx, id, from, to, 0, 0)
	if err != nil {
		return nil, 0, err
	}
	i := 0
	for _, d := range digital {
		for i < len(views)-1 && strings.Compare(views[i].CardID+"#", d.CardID+"#") < 0 {
			i++
		}
		if views[i].CardID == d.CardID {
			views[i].DigitalCards = append(views[i].DigitalCards, d.digitalCardView())
		}
	}
	return views, remaining, nil
}

// indexed lists a range of what is under a consumer, from the offset-th on, at
// most limit (0: all).
func (s *Store) indexed(ctx context.Context, id ID, from, to string, offset, limit int) ([]child, error) {
	var found []child
	q := under(id, kind{}, 0)
	q.From, q.To = from, to
	if limit > 0 {
		q.Limit = min(offset, math.MaxInt32) + limit // an offset may be the largest int
	}
	for {
		children, next, err := s.page(ctx, q)
		if err != nil {
			return nil, err
		}
		skipped := min(offset, len(children))
		offset -= skipped
		found = append(found, children[skipped:]...)
		if next == "" || limit > 0 && len(found) >= limit {
			return found, nil
		}
		q.Cursor = next
	}
}
