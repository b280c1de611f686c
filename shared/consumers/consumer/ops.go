package consumer

import (
	"context"
	"log/slog"
	"net/http"

	"ciclo/shared/consumers"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/table"
)

// Operations lists the operations on consumers and what is under them.
func Operations() []api.Op {
	return []api.Op{Register, RegisterCards, Get, ListCards, Delete, RegisterAccount, GetCard, RegisterDigitalCard}
}

const (
	consumerPath = "/issuers/{issuerId}/consumers/{consumerId}"
	cardPath     = "/issuers/{issuerId}/cards/{cardId}"
)

// What the functions do to tables.
var (
	recording = api.Access{Table: retention.Operations, Actions: []string{"PutItem", "UpdateItem"}}
	indexing  = api.Access{Table: Consumers, Index: byConsumer, Actions: []string{"Query"}}
)

func consumersAccess(actions ...string) api.Access {
	return api.Access{Table: Consumers, Actions: actions}
}

// Register registers a consumer.
var Register = api.Operation[Store, RegisterInput, consumers.Empty]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "consumer/register", Method: http.MethodPut, Path: consumerPath,
			Summary: "Register a consumer", Tag: "Consumers", Product: consumers.Product, Scopes: consumers.Writers, Status: http.StatusNoContent,
			Description: "Registers an end user and records a REGISTER operation. Repeating it changes and records nothing.",
			Problems:    []problem.Code{consumers.ConsumerDeleted, consumers.OperationInProgress},
			Access:      []api.Access{consumersAccess("GetItem", "PutItem"), recording},
			Settings:    []string{ReuseSetting, retention.Setting},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *RegisterInput) (*consumers.Empty, error) {
		return &consumers.Empty{}, s.register(ctx, ID{in.IssuerID, in.ConsumerID})
	},
}

// RegisterCards registers a consumer with cards.
var RegisterCards = api.Operation[Store, RegisterCardsInput, consumers.Empty]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "consumer/register-cards", Method: http.MethodPut, Path: consumerPath + "/cards",
			Summary: "Register a consumer with cards", Tag: "Consumers", Product: consumers.Product, Scopes: consumers.Writers, Status: http.StatusNoContent,
			Description: "Registers cards and the accounts they name under a consumer, which is registered too when it is not there yet. All of it or nothing.",
			Problems:    []problem.Code{consumers.ConsumerDeleted, consumers.OperationInProgress, consumers.IDInUse},
			Access:      []api.Access{consumersAccess("BatchGetItem", "GetItem", "PutItem", "UpdateItem"), recording},
			Settings:    []string{ReuseSetting, retention.Setting},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *RegisterCardsInput) (*consumers.Empty, error) {
		return &consumers.Empty{}, s.putCards(ctx, ID{in.IssuerID, in.ConsumerID}, in.cards())
	},
}

// Get reads a consumer.
var Get = api.Operation[Store, ConsumerInput, ConsumerOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "consumer/get", Method: http.MethodGet, Path: consumerPath,
			Summary: "Get a consumer", Tag: "Consumers", Product: consumers.Product, Scopes: consumers.Readers, Status: http.StatusOK,
			Description: "A consumer's state and how much is under it; a deleted consumer is not found.",
			Problems:    []problem.Code{consumers.ConsumerNotFound},
			Access:      []api.Access{consumersAccess("GetItem")},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ConsumerInput) (*ConsumerOutput, error) {
		c, err := s.getLive(ctx, ID{in.IssuerID, in.ConsumerID})
		if err != nil {
			return nil, err
		}
		return &ConsumerOutput{Body: View{
			ConsumerID: c.ConsumerID, State: string(c.State), CreatedAt: c.CreatedAt,
			Accounts: c.Accounts, Cards: c.Cards, DigitalCards: c.DigitalCards,
		}}, nil
	},
}

// ListCards lists a consumer's cards.
var ListCards = api.Operation[Store, ListCardsInput, ListCardsOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "consumer/list-cards", Method: http.MethodGet, Path: consumerPath + "/cards",
			Summary: "List a consumer's cards", Tag: "Consumers", Product: consumers.Product, Scopes: consumers.Readers, Status: http.StatusOK,
			Description: "The consumer's cards with their digital cards, by card id.",
			Problems:    []problem.Code{consumers.ConsumerNotFound},
			Access:      []api.Access{consumersAccess("GetItem"), indexing},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ListCardsInput) (*ListCardsOutput, error) {
		out := &ListCardsOutput{}
		var err error
		out.Body.Cards, out.Body.RemainingCards, err = s.cards(ctx, ID{in.IssuerID, in.ConsumerID}, in.Offset, in.Limit)
		return out, err
	},
}

// Delete deletes a consumer with everything under it.
var Delete = api.Operation[Store, DeleteInput, DeleteOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "consumer/delete", Method: http.MethodPost, Path: consumerPath + "/operations:delete",
			Summary: "Delete a consumer", Tag: "Consumer operations", Product: consumers.Product, Scopes: consumers.Writers, Status: http.StatusOK,
			Description: "Deletes an end user with all accounts, cards and digital cards. It cannot be reversed. What fits one transaction is done when the call returns (SUCCESSFUL); more goes on (PENDING) and a repeated call answers with the same operation.",
			Problems:    []problem.Code{consumers.ConsumerNotFound},
			Access:      []api.Access{consumersAccess("DeleteItem", "GetItem", "PutItem", "UpdateItem"), indexing, recording},
			Settings:    []string{retention.Setting},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *DeleteInput) (*DeleteOutput, error) {
		d := in.deletion()
		if err := s.delete(ctx, ID{in.IssuerID, in.ConsumerID}, d); err != nil {
			return nil, err
		}
		api.Annotate(ctx, slog.String("operationId", d.operationID))
		return &DeleteOutput{Body: OperationResult{OperationID: d.operationID, Status: string(d.status)}}, nil
	},
}

// RegisterAccount registers an account under a consumer.
var RegisterAccount = api.Operation[Store, RegisterAccountInput, consumers.Empty]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "account/register", Method: http.MethodPut, Path: "/issuers/{issuerId}/accounts/{accountId}",
			Summary: "Register an account", Tag: "Accounts", Product: consumers.Product, Scopes: consumers.Writers, Status: http.StatusNoContent,
			Description: "Registers an account under an active consumer, or changes its product and state.",
			Problems:    []problem.Code{consumers.ConsumerNotFound, consumers.OperationInProgress, consumers.IDInUse},
			Access:      []api.Access{consumersAccess("GetItem", "PutItem", "UpdateItem")},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *RegisterAccountInput) (*consumers.Empty, error) {
		owner := ID{in.IssuerID, in.Body.ConsumerID}
		account := newAccount(owner, attributes{AccountID: in.AccountID, ProductID: in.Body.AccountProductID, State: in.Body.State})
		return &consumers.Empty{}, s.putChild(ctx, owner, account)
	},
}

// GetCard reads a card.
var GetCard = api.Operation[Store, CardInput, CardOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "card/get", Method: http.MethodGet, Path: cardPath,
			Summary: "Get a card", Tag: "Cards", Product: consumers.Product, Scopes: consumers.Readers, Status: http.StatusOK,
			Description: "A card with its digital cards; a deleted card is not found.",
			Problems:    []problem.Code{consumers.CardNotFound},
			Access:      []api.Access{consumersAccess("GetItem", "Query")},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *CardInput) (*CardOutput, error) {
		card, err := s.card(ctx, in.IssuerID, in.CardID)
		return &CardOutput{Body: card}, err
	},
}

// RegisterDigitalCard registers a digital card of a card.
var RegisterDigitalCard = api.Operation[Store, RegisterDigitalCardInput, consumers.Empty]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "digitalcard/register", Method: http.MethodPut, Path: cardPath + "/digitalCards/{digitalCardId}",
			Summary: "Register a digital card", Tag: "Cards", Product: consumers.Product, Scopes: consumers.Writers, Status: http.StatusNoContent,
			Description: "Registers a digital card of a card whose consumer is active, or changes its state.",
			Problems:    []problem.Code{consumers.CardNotFound, consumers.OperationInProgress},
			Access:      []api.Access{consumersAccess("ConditionCheckItem", "GetItem", "PutItem", "UpdateItem")},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *RegisterDigitalCardInput) (*consumers.Empty, error) {
		item, err := s.db.Get(ctx, cardKey(in.IssuerID, in.CardID))
		if err != nil {
			return nil, err
		}
		card, err := decodeChild(item)
		if err != nil {
			return nil, err
		}
		if card == nil {
			return nil, problem.New(consumers.CardNotFound, "The issuer has no card with this id.")
		}
		owner := ID{in.IssuerID, card.ConsumerID}
		digital := newDigitalCard(owner, attributes{CardID: in.CardID, DigitalCardID: in.DigitalCardID, State: in.state()})
		return &consumers.Empty{}, s.putChild(ctx, owner, digital, table.Check(labelParent, card.key(), table.Equals("consumerId", card.ConsumerID)))
	},
}
