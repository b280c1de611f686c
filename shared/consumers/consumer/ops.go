package consumer

import (
	"context"
	"log/slog"
	"net/http"

	"ciclo/shared/consumers"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/retention"
)

// Operations lists the operations on consumers and their children.
func Operations() []api.Op {
	return []api.Op{
		Register, RegisterCards, Get, ListAccounts, ListCards, Delete, RegisterAccount, GetCard, RegisterDigitalCard,
	}
}

const (
	consumerPath = "/issuers/{issuerId}/consumers/{consumerId}"
	cardPath     = "/issuers/{issuerId}/cards/{cardId}"
)

// accessRecord is the access of operations that record one.
var accessRecord = api.Access{Table: retention.Operations, Actions: []string{"PutItem", "UpdateItem"}}

// accessIndex is the access of operations that list children.
var accessIndex = api.Access{Table: Consumers, Index: byConsumer, Actions: []string{"Query"}}

func accessConsumers(actions ...string) api.Access {
	return api.Access{Table: Consumers, Actions: actions}
}

// Register registers a consumer.
var Register = api.Operation[Store, RegisterInput, consumers.Empty]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "consumer/register", OperationID: "registerConsumer", Method: http.MethodPut, Path: consumerPath,
			Summary: "Register a consumer", Tag: "Consumers",
			Product: consumers.Product, Scopes: consumers.Writers, Status: http.StatusNoContent,
			Description: "Registers an end user and records a REGISTER operation. Repeating it changes and records nothing.",
			Problems:    []problem.Code{consumers.ConsumerDeleted, consumers.OperationInProgress},
			Access:      []api.Access{accessConsumers("GetItem", "PutItem"), accessRecord},
			Settings:    []string{ReuseSetting, retention.Setting},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *RegisterInput) (*consumers.Empty, error) {
		return &consumers.Empty{}, s.register(ctx, ID{IssuerID: in.IssuerID, ConsumerID: in.ConsumerID})
	},
}

// RegisterCards registers a consumer with cards.
var RegisterCards = api.Operation[Store, RegisterCardsInput, consumers.Empty]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "consumer/register-cards", OperationID: "registerConsumerCards", Method: http.MethodPut, Path: consumerPath + "/cards",
			Summary: "Register a consumer with cards", Tag: "Consumers",
			Product: consumers.Product, Scopes: consumers.Writers, Status: http.StatusNoContent,
			Description: "Registers cards and the accounts they name under a consumer. " +
				"A consumer that is not registered yet is registered too. Either everything is registered or nothing.",
			Problems: []problem.Code{consumers.ConsumerDeleted, consumers.OperationInProgress, consumers.IDInUse},
			Access:   []api.Access{accessConsumers("BatchGetItem", "GetItem", "PutItem", "UpdateItem"), accessRecord},
			Settings: []string{ReuseSetting, retention.Setting},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *RegisterCardsInput) (*consumers.Empty, error) {
		return &consumers.Empty{}, s.registerCards(ctx, ID{IssuerID: in.IssuerID, ConsumerID: in.ConsumerID}, in.cards())
	},
}

// Get reads a consumer.
var Get = api.Operation[Store, ConsumerInput, ConsumerOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "consumer/get", OperationID: "getConsumer", Method: http.MethodGet, Path: consumerPath,
			Summary: "Get a consumer", Tag: "Consumers",
			Product: consumers.Product, Scopes: consumers.Readers, Status: http.StatusOK,
			Description: "A consumer's state, the numbers of its accounts, cards and digital cards, and what the caller may do with it. " +
				"While it is being deleted, also how much of it is gone. A deleted consumer is not found.",
			Problems: []problem.Code{consumers.ConsumerNotFound},
			Access:   []api.Access{accessConsumers("GetItem")},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ConsumerInput) (*ConsumerOutput, error) {
		c, err := s.getVisible(ctx, ID{IssuerID: in.IssuerID, ConsumerID: in.ConsumerID})
		if err != nil {
			return nil, err
		}
		return &ConsumerOutput{Body: c.view(ctx)}, nil
	},
}

// ListAccounts lists a consumer's accounts.
var ListAccounts = api.Operation[Store, ListAccountsInput, ListAccountsOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "consumer/list-accounts", OperationID: "getConsumerAccounts", Method: http.MethodGet, Path: consumerPath + "/accounts",
			Summary: "List a consumer's accounts", Tag: "Consumers",
			Product: consumers.Product, Scopes: consumers.Readers, Status: http.StatusOK,
			Description: "The consumer's accounts, by account id.",
			Problems:    []problem.Code{consumers.ConsumerNotFound},
			Access:      []api.Access{accessConsumers("GetItem"), accessIndex},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ListAccountsInput) (*ListAccountsOutput, error) {
		out := &ListAccountsOutput{}
		var err error
		id := ID{IssuerID: in.IssuerID, ConsumerID: in.ConsumerID}
		out.Body.Accounts, out.Body.RemainingAccounts, err = s.accounts(ctx, id, in.Offset, in.Limit)
		return out, err
	},
}

// ListCards lists a consumer's cards.
var ListCards = api.Operation[Store, ListCardsInput, ListCardsOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "consumer/list-cards", OperationID: "getConsumerCards", Method: http.MethodGet, Path: consumerPath + "/cards",
			Summary: "List a consumer's cards", Tag: "Consumers",
			Product: consumers.Product, Scopes: consumers.Readers, Status: http.StatusOK,
			Description: "The consumer's cards with their digital cards, by card id.",
			Problems:    []problem.Code{consumers.ConsumerNotFound},
			Access:      []api.Access{accessConsumers("GetItem"), accessIndex},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ListCardsInput) (*ListCardsOutput, error) {
		out := &ListCardsOutput{}
		var err error
		out.Body.Cards, out.Body.RemainingCards, err = s.cards(ctx, ID{IssuerID: in.IssuerID, ConsumerID: in.ConsumerID}, in.Offset, in.Limit)
		return out, err
	},
}

// Delete deletes a consumer with everything under it.
var Delete = api.Operation[Store, DeleteInput, DeleteOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "consumer/delete", OperationID: "deleteConsumer", Method: http.MethodPost, Path: consumerPath + "/operations:delete",
			Summary: "Delete a consumer", Tag: "Consumer operations",
			Product: consumers.Product, Scopes: consumers.Writers, Status: http.StatusOK,
			Description: "Deletes an end user with all accounts, cards and digital cards. A deletion cannot be reversed. " +
				"With up to 96 accounts, cards and digital cards it is done when the call returns (SUCCESSFUL). " +
				"With more it continues (PENDING), and a repeated call answers with the same operation.",
			Problems: []problem.Code{consumers.ConsumerNotFound},
			Access:   []api.Access{accessConsumers("DeleteItem", "GetItem", "PutItem", "UpdateItem"), accessIndex, accessRecord},
			Settings: []string{retention.Setting},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *DeleteInput) (*DeleteOutput, error) {
		reason, reasonCode := in.reason()
		d, err := s.delete(ctx, ID{IssuerID: in.IssuerID, ConsumerID: in.ConsumerID}, reason, reasonCode)
		if err != nil {
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
			ID: "account/register", OperationID: "registerAccount",
			Method: http.MethodPut, Path: "/issuers/{issuerId}/accounts/{accountId}",
			Summary: "Register an account", Tag: "Accounts",
			Product: consumers.Product, Scopes: consumers.Writers, Status: http.StatusNoContent,
			Description: "Registers an account under an active consumer, or changes its product and state.",
			Problems:    []problem.Code{consumers.ConsumerNotFound, consumers.OperationInProgress, consumers.IDInUse},
			Access:      []api.Access{accessConsumers("GetItem", "PutItem", "UpdateItem")},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *RegisterAccountInput) (*consumers.Empty, error) {
		owner := ID{IssuerID: in.IssuerID, ConsumerID: in.Body.ConsumerID}
		account := attributes{AccountID: in.AccountID, ProductID: in.Body.AccountProductID, State: in.Body.State}
		return &consumers.Empty{}, s.registerAccount(ctx, owner, account)
	},
}

// GetCard reads a card.
var GetCard = api.Operation[Store, CardInput, CardOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "card/get", OperationID: "getCard", Method: http.MethodGet, Path: cardPath,
			Summary: "Get a card", Tag: "Cards",
			Product: consumers.Product, Scopes: consumers.Readers, Status: http.StatusOK,
			Description: "A card with its digital cards; a deleted card is not found.",
			Problems:    []problem.Code{consumers.CardNotFound},
			Access:      []api.Access{accessConsumers("GetItem", "Query")},
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
			ID: "digitalcard/register", OperationID: "registerDigitalCard",
			Method: http.MethodPut, Path: cardPath + "/digitalCards/{digitalCardId}",
			Summary: "Register a digital card", Tag: "Cards",
			Product: consumers.Product, Scopes: consumers.Writers, Status: http.StatusNoContent,
			Description: "Registers a digital card of a card whose consumer is active, or changes its state.",
			Problems:    []problem.Code{consumers.CardNotFound, consumers.OperationInProgress},
			Access:      []api.Access{accessConsumers("ConditionCheckItem", "GetItem", "PutItem", "UpdateItem")},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *RegisterDigitalCardInput) (*consumers.Empty, error) {
		digitalCard := attributes{CardID: in.CardID, DigitalCardID: in.DigitalCardID, State: in.state()}
		return &consumers.Empty{}, s.registerDigitalCard(ctx, in.IssuerID, digitalCard)
	},
}
