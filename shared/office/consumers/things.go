package consumers

import (
	"slices"

	"ciclo/shared/office"
)

// consumer is what the pages show of a consumer.
type consumer struct {
	ConsumerID     string    `json:"consumerId"`
	State          string    `json:"state"`
	CreatedAt      string    `json:"createdAt"`
	Accounts       int64     `json:"accounts"`
	Cards          int64     `json:"cards"`
	DigitalCards   int64     `json:"digitalCards"`
	AllowedActions []string  `json:"allowedActions"`
	Deletion       *deletion `json:"deletion"`
}

// deletion is how far the deletion of a consumer has come.
type deletion struct {
	OperationID         string `json:"operationId"`
	StartTime           string `json:"startTime"`
	DeletedAccounts     int64  `json:"deletedAccounts"`
	DeletedCards        int64  `json:"deletedCards"`
	DeletedDigitalCards int64  `json:"deletedDigitalCards"`
}

// Chip returns the state.
func (c *consumer) Chip() office.Chip { return chipOf(states, c.State) }

// IsDeleting reports whether its deletion is in progress.
func (c *consumer) IsDeleting() bool { return c.State == stateDeleting }

// HasFailed reports whether its deletion could not be finished.
func (c *consumer) HasFailed() bool { return c.State == stateFailed }

// mayBeDeleted reports whether the page asks about a deletion. While one is in progress the
// API answers a repeat with the same operation, so there is nothing to ask.
func (c *consumer) mayBeDeleted() bool {
	return slices.Contains(c.AllowedActions, actionDelete) && !c.IsDeleting()
}

// gone is how much of one kind is gone.
type gone struct {
	Name        office.Text
	Gone, Whole int64
}

// Progress returns how much is gone, first of everything, then of each kind in the order in
// which they go.
func (c *consumer) Progress() []gone {
	var d deletion
	if c.Deletion != nil {
		d = *c.Deletion
	}
	kinds := []gone{
		{office.T("Carte digitali", "Digital cards"), d.DeletedDigitalCards, d.DeletedDigitalCards + c.DigitalCards},
		{office.T("Carte", "Cards"), d.DeletedCards, d.DeletedCards + c.Cards},
		{office.T("Conti", "Accounts"), d.DeletedAccounts, d.DeletedAccounts + c.Accounts},
	}
	all := gone{Name: office.T("In tutto", "In all")}
	for _, k := range kinds {
		all.Gone += k.Gone
		all.Whole += k.Whole
	}
	return append([]gone{all}, kinds...)
}

// account is what the pages show of an account.
type account struct {
	AccountID string `json:"accountId"`
	State     string `json:"state"`
}

// Chip returns the state.
func (a account) Chip() office.Chip { return chipOf(accountStates, a.State) }

// card is what the pages show of a card.
type card struct {
	ConsumerID    string        `json:"consumerId"`
	AccountID     string        `json:"accountId"`
	CardID        string        `json:"cardId"`
	CardProductID string        `json:"cardProductId"`
	State         string        `json:"state"`
	DigitalCards  []digitalCard `json:"digitalCards"`
}

// Chip returns the state.
func (c card) Chip() office.Chip { return chipOf(cardStates, c.State) }

// digitalCard is what the pages show of a digital card.
type digitalCard struct {
	DigitalCardID string `json:"digitalCardId"`
	State         string `json:"state"`
}

// Chip returns the state.
func (c digitalCard) Chip() office.Chip { return chipOf(cardStates, c.State) }

// operation is what the pages show of an operation.
type operation struct {
	OperationID   string   `json:"operationId"`
	Operation     string   `json:"operation"`
	Status        string   `json:"status"`
	StartTime     string   `json:"startTime"`
	EndTime       string   `json:"endTime"`
	RequestorType string   `json:"requestorType"`
	RequestorID   string   `json:"requestorId"`
	Reason        string   `json:"reason"`
	ReasonCode    string   `json:"reasonCode"`
	Details       *details `json:"details"`
	ErrorCode     string   `json:"errorCode"`
	Error         string   `json:"error"`
	ExpiresAt     string   `json:"expiresAt"`
}

// details are the details of an operation; a deletion has numbers.
type details struct {
	DeletedAccounts     *int64 `json:"deletedAccounts"`
	DeletedCards        *int64 `json:"deletedCards"`
	DeletedDigitalCards *int64 `json:"deletedDigitalCards"`
	Scheme              string `json:"scheme"`
	AuthenticatorID     string `json:"authenticatorId"`
}

// Name returns the kind of the operation.
func (o operation) Name() office.Text { return textOf(operations, o.Operation) }

// Chip returns the status.
func (o operation) Chip() office.Chip { return chipOf(statuses, o.Status) }

// By returns who asked for it.
func (o operation) By() office.Text { return textOf(requestors, o.RequestorType) }

// Because returns the reason that its code stands for.
func (o operation) Because() office.Text { return textOf(reasons, o.ReasonCode) }

// Failure returns what its error code stands for.
func (o operation) Failure() office.Text { return textOf(failures, o.ErrorCode) }

// Removed returns what went with the consumer, "" unless it is a deletion that has ended.
func (o operation) Removed() office.Text {
	d := o.Details
	if d == nil || d.DeletedAccounts == nil || d.DeletedCards == nil || d.DeletedDigitalCards == nil {
		return office.Text{}
	}
	return counted(*d.DeletedAccounts, *d.DeletedCards, *d.DeletedDigitalCards)
}

// isDeletion reports whether it has deleted the consumer.
func (o operation) isDeletion() bool { return o.Operation == "DELETE" && o.Status == "SUCCESSFUL" }
