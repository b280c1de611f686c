package subscription

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"time"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/change"
	"ciclo/shared/platform/table"
	"ciclo/shared/services"
)

// Issue makes or changes a manage subscription. It is not part of the API: only platform
// operators may invoke its function.
var Issue = api.Job[Issuer, Request, *Issued]{
	ID: "subscription/issue", Open: NewIssuer,
	Run: func(s *Issuer, ctx context.Context, r Request) (*Issued, error) { return s.Issue(ctx, r) },
	Access: func() []api.Access {
		return []api.Access{{Table: services.Table, Actions: []string{"GetItem", "PutItem"}}}
	},
	Needs: []api.Need{api.NeedSeal, api.NeedUnseal},
}

// Request describes a manage subscription. Members that a repeated request leaves out stay
// as they are.
type Request struct {
	Owner    string   `json:"owner"`              // required
	Group    string   `json:"group,omitempty"`    // only for services of that group
	Role     string   `json:"role,omitempty"`     // "reviewer" for a key that reviews and does not write, or "operator"
	Scopes   []string `json:"scopes,omitempty"`   // more permission groups, of services.Groups
	CIDRs    []string `json:"cidrs,omitempty"`    // networks the key may be used from; "any" alone lifts the limit
	UsageKey string   `json:"usageKey,omitempty"` // an API Gateway key in a usage plan of its own
}

// Issued is a subscription with its keys.
type Issued struct {
	SubscriptionID string `json:"subscriptionId"`
	Keys
}

// LogValue keeps the keys out of logs.
func (i *Issued) LogValue() slog.Value {
	if i == nil {
		return slog.Value{}
	}
	return slog.StringValue(i.SubscriptionID)
}

// ErrBusy is the error of a request that lost against another one for the same subscription.
var ErrBusy = errors.New("another request for the subscription came first; repeat the request")

// Roles of a request. Keys without a role are of owners and write services.
const (
	RoleReviewer = "reviewer" // approves and rejects services
	RoleOperator = "operator" // sees who has keys
)

// Issuer makes manage subscriptions.
type Issuer struct {
	db    table.DB
	now   func() time.Time
	vault Vault
}

// NewIssuer returns the issuer of a deployment.
func NewIssuer(deps api.Deps) (*Issuer, error) {
	return &Issuer{db: deps.DB, now: deps.Now, vault: NewVault(deps)}, nil
}

// snapshot is what a request is decided on.
type snapshot struct {
	stored *Subscription // nil when there is none
	fresh  *Subscription // with new keys, nil when there is a stored one
	keys   Keys          // of either, in clear
}

// outcome is what a request leads to.
type outcome struct {
	subscription *Subscription
	keys         Keys
}

// Issue returns the subscription that r describes. The first request makes it; later ones
// change it and leave its keys as they are. The error names the member of r that is not
// valid, or is ErrBusy.
func (s *Issuer) Issue(ctx context.Context, r Request) (*Issued, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	after, err := change.Do(ctx, s.db, change.Change[snapshot, outcome]{
		Read:   func(ctx context.Context, _ change.Round) (snapshot, error) { return s.read(ctx, r) },
		Decide: func(before snapshot) (outcome, error) { return r.decide(before), nil },
		Steps: func(before snapshot, after outcome) ([]table.Step, error) {
			unchanged := table.NotExists()
			if before.stored != nil {
				unchanged = table.Equals("version", before.stored.Version)
			}
			return []table.Step{
				table.Put("subscription", Key(r.id()), after.subscription, unchanged),
				// Again with every change: earlier releases made no entries.
				table.Put("entry", listKey(r.id()), listed{ID: r.id()}),
			}, nil
		},
		Lost: func(snapshot, outcome, *table.Refused) error { return ErrBusy },
	})
	if err != nil {
		return nil, err
	}
	return &Issued{SubscriptionID: r.id(), Keys: after.keys}, nil
}

// read reads the subscription that r describes, or makes a new one with its keys.
func (s *Issuer) read(ctx context.Context, r Request) (found snapshot, err error) {
	item, err := s.db.Get(ctx, Key(r.id()))
	if err != nil {
		return found, err
	}
	if found.stored, err = table.As[Subscription](item); err != nil {
		return found, err
	}
	if found.stored == nil {
		found.fresh, found.keys, err = s.vault.New(ctx, Subscription{
			ID: r.id(), Owner: r.Owner, Kind: services.KindManage, Group: r.Group, Scopes: r.scopes(), CreatedAt: table.Stamp(s.now()),
		})
		return found, err
	}
	if found.stored.Owner != r.Owner {
		return found, errors.New("group: it belongs to another owner")
	}
	found.keys, err = s.vault.Reveal(ctx, found.stored)
	return found, err
}

// decide returns the subscription after the request.
func (r Request) decide(before snapshot) outcome {
	if before.stored == nil {
		return outcome{subscription: r.merge(*before.fresh), keys: before.keys}
	}
	after := r.merge(*before.stored)
	after.Version++
	return outcome{subscription: after, keys: before.keys}
}

// id returns the id that App IO gives to the subscription. App IO has no operators; their ids
// begin otherwise than those of owners, whatever these are called.
func (r Request) id() string {
	switch {
	case r.Group != "":
		return "MANAGE-GROUP-" + r.Group
	case r.Role == RoleReviewer:
		return "MANAGE-REVIEW-" + r.Owner
	case r.Role == RoleOperator:
		return "OPERATOR-" + r.Owner
	}
	return "MANAGE-" + r.Owner
}

// groupsOfRoles are the permission groups that come with a role, and with no other key, in the
// order in which requests are checked.
var groupsOfRoles = []struct{ role, group string }{
	{RoleReviewer, services.GroupReview},
	{RoleOperator, services.GroupSubscriptions},
}

// groupOf returns the permission group that comes with a role, "" for another text.
func groupOf(role string) string {
	for _, of := range groupsOfRoles {
		if of.role == role {
			return of.group
		}
	}
	return ""
}

func (r Request) scopes() []string {
	if group := groupOf(r.Role); group != "" {
		return []string{group}
	}
	return []string{"ApiMessageWrite", "ApiInfoRead", "ApiMessageRead", "ApiLimitedProfileRead", services.GroupWrite}
}

// merge returns sub with what the request adds or replaces.
func (r Request) merge(sub Subscription) *Subscription {
	sub.Scopes = slices.Clone(sub.Scopes)
	for _, scope := range r.Scopes {
		if !slices.Contains(sub.Scopes, scope) {
			sub.Scopes = append(sub.Scopes, scope)
		}
	}
	switch {
	case slices.Equal(r.CIDRs, []string{anywhere}):
		sub.Networks = nil
	case len(r.CIDRs) > 0:
		sub.Networks = r.CIDRs
	}
	if r.UsageKey != "" {
		sub.UsageKey = r.UsageKey
	}
	return &sub
}

const (
	anywhere = "any"
	maxCIDRs = 50 // the answer of an authorizer, which has them, is limited in size
)

// check returns an error that names the member of the request that is not valid. An owner
// may not begin like the id of a group's or a reviewer's subscription: the request would get
// the keys of that one.
func (r Request) check() error {
	switch {
	case !isName(r.Owner):
		return errors.New("owner: 1 to 64 letters, digits, - or _, not beginning with GROUP- or REVIEW-")
	case r.Group != "" && !isName(r.Group):
		return errors.New("group: 1 to 64 letters, digits, - or _")
	case r.Role != "" && groupOf(r.Role) == "":
		return errors.New("role: expected " + RoleReviewer + ", " + RoleOperator + " or none")
	case r.Role != "" && slices.Contains(r.Scopes, services.GroupWrite):
		return errors.New("scopes: a key of a role must not write services")
	case r.Role != "" && r.Group != "":
		return errors.New("role: a key of a role cannot have a group")
	case len(r.CIDRs) > maxCIDRs:
		return fmt.Errorf("cidrs: at most %d", maxCIDRs)
	}
	for _, of := range groupsOfRoles {
		if r.Role != of.role && slices.Contains(r.Scopes, of.group) {
			return errors.New("scopes: " + of.group + " comes with the role " + of.role)
		}
	}
	for _, scope := range r.Scopes {
		if !slices.Contains(services.Groups, scope) {
			return errors.New("scopes: one of " + strings.Join(services.Groups, ", "))
		}
	}
	for _, c := range r.CIDRs {
		if !isNetwork(c) && (c != anywhere || len(r.CIDRs) > 1) {
			return errors.New("cidrs: networks such as 192.0.2.0/24, addresses, or \"any\" alone")
		}
	}
	return nil
}

// isNetwork reports whether s is a network or an address that a caller's address can be in.
// Callers' addresses have no zone, and are never IPv4 addresses written as IPv6.
func isNetwork(s string) bool {
	if prefix, err := netip.ParsePrefix(s); err == nil {
		return !prefix.Addr().Is4In6()
	}
	address, err := netip.ParseAddr(s)
	return err == nil && address.Zone() == "" && !address.Is4In6()
}

func isName(s string) bool {
	return len(s) <= 64 && isID(s) && !strings.HasPrefix(s, "GROUP-") && !strings.HasPrefix(s, "REVIEW-")
}
