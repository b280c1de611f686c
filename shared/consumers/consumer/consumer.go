// Package consumer registers, reads and deletes the end users of an issuer together with
// their accounts, cards and digital cards (Thales D1 v1, consumer operations).
package consumer

import (
	"strings"
	"time"

	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/table"
)

// consumer is a stored consumer.
//
// Its counters change in the same transactions that add and remove children, so they are
// exact. The deletion relies on it: the index lags, and only the counters tell whether it
// shows all children. Without exact counters a deletion would leave children behind.
// TestDeleteWithAnIndexThatLags proves it.
type consumer struct {
	IssuerID      string          `dynamodbav:"issuerId"`
	ConsumerID    string          `dynamodbav:"consumerId"`
	State         lifecycle.State `dynamodbav:"state"`
	Version       int64           `dynamodbav:"version"`     // 1 at first, +1 with every change
	Incarnation   int64           `dynamodbav:"incarnation"` // how many times the id was registered
	CreatedAt     string          `dynamodbav:"createdAt,omitempty"`
	DeletedAt     string          `dynamodbav:"deletedAt,omitempty"`
	Accounts      int64           `dynamodbav:"accounts"`
	Cards         int64           `dynamodbav:"cards"`
	DigitalCards  int64           `dynamodbav:"digitalCards"`
	LastOperation string          `dynamodbav:"lastOperation"`
	// While DELETING: when the deletion began, the correlation id of the delete call, and
	// how many children the worker has removed so far.
	DeletingSince       string `dynamodbav:"deletingSince,omitempty"`
	CorrelationID       string `dynamodbav:"correlationId,omitempty"`
	DeletedAccounts     int64  `dynamodbav:"deletedAccounts,omitempty"`
	DeletedCards        int64  `dynamodbav:"deletedCards,omitempty"`
	DeletedDigitalCards int64  `dynamodbav:"deletedDigitalCards,omitempty"`
}

func (c *consumer) id() ID { return ID{IssuerID: c.IssuerID, ConsumerID: c.ConsumerID} }

// state returns the lifecycle state; None for no consumer.
func (c *consumer) state() lifecycle.State {
	if c == nil {
		return lifecycle.None
	}
	return c.State
}

func (c *consumer) children() int64 { return c.Accounts + c.Cards + c.DigitalCards }

// tombstone returns what remains of the consumer after its deletion: enough to refuse its
// id and to order the operations of a later incarnation, nothing about the person.
func (c *consumer) tombstone(operationID string, at time.Time) consumer {
	return consumer{
		IssuerID: c.IssuerID, ConsumerID: c.ConsumerID, State: Deleted,
		Version: c.Version + 1, Incarnation: c.Incarnation, DeletedAt: table.Stamp(at), LastOperation: operationID,
	}
}

// attributes are what the caller sends about an account, card or digital card.
type attributes struct {
	AccountID     string `dynamodbav:"accountId,omitempty"`
	CardID        string `dynamodbav:"cardId,omitempty"`
	DigitalCardID string `dynamodbav:"digitalCardId,omitempty"`
	ProductID     string `dynamodbav:"accountProductId,omitempty"`
	CardProductID string `dynamodbav:"cardProductId,omitempty"`
	State         string `dynamodbav:"state"`
}

// child is a stored account, card or digital card.
type child struct {
	attributes
	PK         string `dynamodbav:"pk"`
	SK         string `dynamodbav:"sk"`
	ConsumerID string `dynamodbav:"consumerId"`
	OwnerPK    string `dynamodbav:"ownerPk"`
	OwnerSK    string `dynamodbav:"ownerSk"`
}

func newChild(owner ID, k table.Key, ownerSK string, a attributes) child {
	return child{attributes: a, PK: k.PK, SK: k.SK, ConsumerID: owner.ConsumerID, OwnerPK: owner.pk(), OwnerSK: ownerSK}
}

func newAccount(owner ID, a attributes) child {
	return newChild(owner, accountKey(owner.IssuerID, a.AccountID), accountPrefix+a.AccountID, a)
}

func newCard(owner ID, a attributes) child {
	return newChild(owner, cardKey(owner.IssuerID, a.CardID), cardPrefix+a.CardID, a)
}

func newDigitalCard(owner ID, a attributes) child {
	return newChild(owner, digitalCardKey(owner.IssuerID, a.CardID, a.DigitalCardID), digitalCardPrefix+a.CardID+"#"+a.DigitalCardID, a)
}

func (c child) key() table.Key { return key(c.PK, c.SK) }

// kind returns the kind of the child, found by its key in the index.
func (c child) kind() kind {
	for _, k := range kinds {
		if strings.HasPrefix(c.OwnerSK, k.prefix) {
			return k
		}
	}
	return kind{}
}

// kind is a kind of child.
type kind struct {
	prefix  string                // of its keys in the index
	counter string                // attribute of the consumer: how many there are
	deleted string                // attribute of the consumer: how many the worker has removed
	failure string                // error code of an operation that cannot remove one
	count   func(*consumer) int64 // reads counter
}

// kinds lists the kinds in the order in which they are removed: leaves first.
var kinds = []kind{
	{
		prefix: digitalCardPrefix, counter: "digitalCards", deleted: "deletedDigitalCards",
		failure: "CASCADE_DIGITAL_CARD_FAILED", count: func(c *consumer) int64 { return c.DigitalCards },
	},
	{
		prefix: cardPrefix, counter: "cards", deleted: "deletedCards",
		failure: "CASCADE_CARD_FAILED", count: func(c *consumer) int64 { return c.Cards },
	},
	{
		prefix: accountPrefix, counter: "accounts", deleted: "deletedAccounts",
		failure: "CASCADE_ACCOUNT_FAILED", count: func(c *consumer) int64 { return c.Accounts },
	},
}
