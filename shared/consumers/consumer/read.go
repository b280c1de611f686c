package consumer

import (
	"context"
	"math"

	"golang.org/x/sync/errgroup"

	"ciclo/shared/consumers"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/table"
)

// View is a consumer in answers.
type View struct {
	ConsumerID   string `json:"consumerId" doc:"Unique identifier of the end user"`
	State        string `json:"state" enum:"ACTIVE,DELETING,DELETE_FAILED" doc:"Where the consumer is in its lifecycle"`
	CreatedAt    string `json:"createdAt" example:"2022-06-16T06:28:02.492Z" doc:"When it was registered, ISO 8601"`
	Accounts     int64  `json:"accounts" doc:"How many accounts it has"`
	Cards        int64  `json:"cards" doc:"How many cards it has"`
	DigitalCards int64  `json:"digitalCards" doc:"How many digital cards it has"`

	AllowedActions []string  `json:"allowedActions" nullable:"false" doc:"What the caller may do with the consumer in this state"`
	Detail         string    `json:"detail,omitempty" doc:"Who may act, where the caller may not"`
	Deletion       *Deletion `json:"deletion,omitempty" doc:"The deletion that is in progress, or that could not be finished"`
}

// Deletion is how far a deletion has come.
type Deletion struct {
	OperationID         string `json:"operationId" doc:"The operation that deletes the consumer"`
	StartTime           string `json:"startTime" example:"2022-06-16T06:28:02.492Z" doc:"When it began, ISO 8601"`
	DeletedAccounts     int64  `json:"deletedAccounts" doc:"Accounts removed so far"`
	DeletedCards        int64  `json:"deletedCards" doc:"Cards removed so far"`
	DeletedDigitalCards int64  `json:"deletedDigitalCards" doc:"Digital cards removed so far"`
}

// view returns the consumer as a caller reads it. Without a scope for writes a caller may do
// nothing with it.
func (c *consumer) view(ctx context.Context) View {
	v := View{
		ConsumerID: c.ConsumerID, State: string(c.State), CreatedAt: c.CreatedAt,
		Accounts: c.Accounts, Cards: c.Cards, DigitalCards: c.DigitalCards,
	}
	var actions []lifecycle.Action
	if caller, _ := api.IdentityFrom(ctx); caller.HasScope(consumers.Writers...) {
		actions = Machine.Possible(c.State, Issuer)
	} else {
		v.Detail = lifecycle.WhoseTurn(Machine.Turns(c.State)...)
	}
	v.AllowedActions = lifecycle.Words(actions)
	if c.State != Active {
		v.Deletion = &Deletion{
			OperationID: c.LastOperation, StartTime: c.DeletingSince,
			DeletedAccounts: c.DeletedAccounts, DeletedCards: c.DeletedCards, DeletedDigitalCards: c.DeletedDigitalCards,
		}
	}
	return v
}

// AccountView is an account in answers.
type AccountView struct {
	ConsumerID string `json:"consumerId" doc:"Unique identifier of the end user"`
	AccountID  string `json:"accountId" doc:"Unique identifier of the account"`
	State      string `json:"state" enum:"ACTIVE,INACTIVE" doc:"State of the account"`
}

// CardView is a card in answers (D1 v1, card).
type CardView struct {
	ConsumerID    string            `json:"consumerId" doc:"Unique identifier of the end user"`
	AccountID     string            `json:"accountId" doc:"The account of the card; the consumerId when the issuer has no accounts"`
	CardID        string            `json:"cardId" doc:"Unique identifier of the card"`
	CardProductID string            `json:"cardProductId,omitempty" doc:"The card product"`
	State         string            `json:"state" enum:"ACTIVE,INACTIVE" doc:"State of the card"`
	DigitalCards  []DigitalCardView `json:"digitalCards" nullable:"false" doc:"The card's digital cards, by id"`
}

// DigitalCardView is a digital card in answers.
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

// card reads a card with its digital cards, with one query.
func (s *Store) card(ctx context.Context, issuerID, cardID string) (CardView, error) {
	var view CardView
	q := table.Query{Table: Consumers.Name, PK: cardKey(issuerID, cardID).PK, Consistent: true}
	err := table.All(ctx, s.db, q, func(item table.Item) error {
		c, err := table.As[child](item)
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
		err = cardNotFound()
	}
	return view, err
}

// accounts lists up to limit accounts of a consumer by id, starting at offset. It also
// returns how many accounts follow the last one returned.
func (s *Store) accounts(ctx context.Context, id ID, offset, limit int) ([]AccountView, int, error) {
	c, found, err := s.withChildren(ctx, id, accountPrefix, offset, limit)
	if err != nil {
		return nil, 0, err
	}
	views := make([]AccountView, len(found))
	for i, a := range found {
		views[i] = AccountView{ConsumerID: id.ConsumerID, AccountID: a.AccountID, State: a.State}
	}
	return views, max(0, int(c.Accounts)-offset-len(views)), nil
}

// withChildren reads a consumer and, at the same time, lists up to limit of its children whose
// keys in the index have a prefix, starting at offset.
func (s *Store) withChildren(ctx context.Context, id ID, prefix string, offset, limit int) (c *consumer, found []child, err error) {
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		c, err = s.getVisible(gctx, id)
		return err
	})
	g.Go(func() (err error) {
		found, err = s.indexed(gctx, id, prefix, prefix+last, offset, limit)
		return err
	})
	err = g.Wait()
	return c, found, err
}

// cards lists up to limit cards of a consumer by id, with their digital cards, starting at
// offset. It also returns how many cards follow the last one returned. The index has cards
// and digital cards in the same order, so a page needs one range of each.
func (s *Store) cards(ctx context.Context, id ID, offset, limit int) ([]CardView, int, error) {
	c, found, err := s.withChildren(ctx, id, cardPrefix, offset, limit)
	if err != nil {
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
	byCard := make(map[string]*CardView, len(views))
	for i := range views {
		byCard[views[i].CardID] = &views[i]
	}
	for _, d := range digital {
		if view := byCard[d.CardID]; view != nil {
			view.DigitalCards = append(view.DigitalCards, d.digitalCardView())
		}
	}
	return views, remaining, nil
}

// indexed lists a range of the consumer's children in the index: up to limit (0 for all)
// starting at offset.
func (s *Store) indexed(ctx context.Context, id ID, from, to string, offset, limit int) ([]child, error) {
	var found []child
	q := childrenQuery(id, kind{}, 0)
	q.From = from
	q.To = to
	if limit > 0 {
		q.Limit = min(offset, math.MaxInt32) + limit // an offset may be the largest int
	}
	for {
		children, next, err := s.childrenPage(ctx, q)
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
