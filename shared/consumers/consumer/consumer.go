// Package consumer is the end users of an issuer with their accounts, cards and
// digital cards: registered, read, and deleted with everything under them
// (Thales D1 v1, consumer operations).
package consumer

import (
	"time"

	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/table"
)

// consumer is the root item. Its counters move in the transactions that add and
// remove what they count, so they are exact.
type consumer struct {
	IssuerID      string          `dynamodbav:"issuerId"`
	ConsumerID    string          `dynamodbav:"consumerId"`
	State         lifecycle.State `dynamodbav:"state"`
	Version       int64           `dynamodbav:"version"`     // +1 with every accepted change
	Incarnation   int64           `dynamodbav:"incarnation"` // how often the id was registered
	CreatedAt     string          `dynamodbav:"createdAt,omitempty"`
	DeletedAt     string          `dynamodbav:"deletedAt,omitempty"`
	Accounts      int64           `dynamodbav:"accounts"`
	Cards         int64           `dynamodbav:"cards"`
	DigitalCards  int64           `dynamodbav:"digitalCards"`
	LastOperation string          `dynamodbav:"lastOperation"`
	// While DELETING: since when, for which call, and what the worker has removed so far.
	DeletingSince       string `dynamodbav:"deletingSince,omitempty"`
	CorrelationID       string `dynamodbav:"correlationId,omitempty"`
	DeletedAccounts     int64  `dynamodbav:"deletedAccounts,omitempty"`
	DeletedCards        int64  `dynamodbav:"deletedCards,omitempty"`
	DeletedDigitalCards int64  `dynamodbav:"deletedDigitalCards,omitempty"`
}

func (c *consumer) id() ID { return ID{c.IssuerID, c.ConsumerID} }

// state is the lifecycle state; that of no consumer is None.
func (c *consumer) state() lifecycle.State {
	if c == nil {
		return lifecycle.None
	}
	return c.State
}

func (c *consumer) children() int64 { return c.Accounts + c.Cards + c.DigitalCards }

// tombstone returns what stays of a consumer that was deleted at that time by that
// operation: enough to refuse its id and to order the operations of a later incarnation,
// nothing about the person.
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

// child is an account, card or digital card as stored.
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

// kind is the child's kind, by its key in the index.
func (c child) kind() kind {
	for _, k := range kinds {
		if len(c.OwnerSK) > len(k.prefix) && c.OwnerSK[:len(k.prefix)] == k.prefix {
			return k
		}
	}
	return kind{}
}

// kind is one kind of child: where it lies in the index, the counters that
// count it, and the error code of an operation that cannot remove it.
type kind struct {
	prefix, counter, deleted, failure string
	count                             func(*consumer) int64
}

// kinds lists the kinds, leaves first: the order in which they are removed.
var kinds = []kind{
	{digitalCardPrefix, "digitalCards", "deletedDigitalCards", "CASCADE_DIGITAL_CARD_FAILED", func(c *consumer) int64 { return c.DigitalCards }},
	{cardPrefix, "cards", "deletedCards", "CASCADE_CARD_FAILED", func(c *consumer) int64 { return c.Cards }},
	{accountPrefix, "accounts", "deletedAccounts", "CASCADE_ACCOUNT_FAILED", func(c *consumer) int64 { return c.Accounts }},
}
