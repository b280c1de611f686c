package subscription

import (
	"context"
	"errors"
	"fmt"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
	"ciclo/shared/services"
)

// ErrUnauthorized is wrapped by the error for every key that is not valid, with a reason
// that is safe to log.
var ErrUnauthorized = errors.New("unauthorized")

// Names of the environment variables with the API keys of API Gateway's usage plans, for
// subscriptions that have none of their own.
const (
	UsageStandard  = "USAGE_STANDARD"
	UsageRaised    = "USAGE_RAISED"
	UsageUnlimited = "USAGE_UNLIMITED"
)

// Authorizer checks the keys of subscriptions.
var Authorizer = api.Authorizer[*Checker]{
	ID: "authorizer/subscription", Open: NewChecker, Refusal: ErrUnauthorized,
	Access: []api.Access{{Table: services.Table, Actions: []string{"GetItem"}}},
}

// Checker finds the caller that a key identifies.
type Checker struct {
	db      table.DB
	setting func(name string) string
}

// NewChecker returns the checker of a deployment.
func NewChecker(deps api.Deps) (*Checker, error) {
	return &Checker{db: deps.DB, setting: deps.Setting}, nil
}

// Authenticate returns the caller that the value of the key's header identifies. The error
// wraps ErrUnauthorized when the key is not valid.
//
// The secret is compared before the state of the subscription: only the holder of a key
// gets to know the state. TestAuthenticateNeedsAnActiveSubscription proves it.
func (c *Checker) Authenticate(ctx context.Context, key string) (api.Identity, error) {
	if key == "" {
		return api.Identity{}, unauthorized("no key")
	}
	id, ok := subscriptionID(key)
	if !ok {
		return api.Identity{}, unauthorized("malformed")
	}
	item, err := c.db.Get(ctx, Key(id))
	if err != nil {
		return api.Identity{}, err
	}
	s, err := table.As[Subscription](item)
	switch {
	case err != nil:
		return api.Identity{}, err
	case s == nil:
		return api.Identity{}, unauthorized("no subscription")
	case !s.hasKey(key):
		return api.Identity{}, unauthorized("wrong key")
	case s.State != stateActive:
		return api.Identity{}, unauthorized("subscription is not active")
	}
	return api.Identity{
		Subject: s.Owner, Kind: s.Kind, Scopes: s.Scopes, Group: s.Group, Networks: s.Networks,
		UsageKey: c.usageKey(s),
	}, nil
}

func unauthorized(reason string) error { return fmt.Errorf("%w: %s", ErrUnauthorized, reason) }

// usageKey returns the API key of the usage plan that counts the caller's requests.
func (c *Checker) usageKey(s *Subscription) string {
	groups := api.Identity{Scopes: s.Scopes}
	switch {
	case s.UsageKey != "":
		return s.UsageKey
	case groups.HasScope(services.GroupNoRate):
		return c.setting(UsageUnlimited)
	case groups.HasScope(services.GroupRaisedRate):
		return c.setting(UsageRaised)
	}
	return c.setting(UsageStandard)
}
