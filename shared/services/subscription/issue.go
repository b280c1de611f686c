package subscription

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strings"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
	"ciclo/shared/services"
)

// Issue makes the manage subscription that a platform operator asks for, or
// changes it; nobody but who may invoke the function can.
var Issue = api.Job[Issuer, Request, *Issued]{
	ID: "subscription/issue", Open: NewIssuer,
	Run: func(s *Issuer, ctx context.Context, r Request) (*Issued, error) { return s.Issue(ctx, r) },
	Access: func() []api.Access {
		return []api.Access{{Table: services.Table, Actions: []string{"GetItem", "PutItem"}}}
	},
	Needs: []api.Need{api.NeedSeal, api.NeedUnseal},
}

// Request says whose manage subscription is wanted. What is left out of a
// repeated request stays as it is.
type Request struct {
	Owner    string   `json:"owner"`              // required
	Group    string   `json:"group,omitempty"`    // for services of that group alone
	Role     string   `json:"role,omitempty"`     // "reviewer" for a key that reviews and does not write
	Scopes   []string `json:"scopes,omitempty"`   // more permission groups, of services.Groups
	CIDRs    []string `json:"cidrs,omitempty"`    // where the key may be used from; "any" alone lifts the limit
	UsageKey string   `json:"usageKey,omitempty"` // of an API Gateway key in a usage plan, for an allowance of its own
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

// ErrBusy says that two requests for one subscription met.
var ErrBusy = errors.New("the subscription was changed meanwhile; ask again")

// RoleReviewer is the Role of reviewers.
const RoleReviewer = "reviewer"

// Issuer makes manage subscriptions.
type Issuer struct {
	db    table.DB
	vault Vault
}

// NewIssuer makes an Issuer.
func NewIssuer(deps api.Deps) (*Issuer, error) {
	return &Issuer{db: deps.DB, vault: NewVault(deps)}, nil
}

// Issue returns the subscription that r describes; the first time it is made,
// later its keys stay as they are. The error names what is wrong with r.
func (s *Issuer) Issue(ctx context.Context, r Request) (*Issued, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	item, err := s.db.Get(ctx, Key(r.id()))
	if err != nil {
		return nil, err
	}
	sub, err := Decode(item)
	if err != nil {
		return nil, err
	}
	unchanged := table.NotExists()
	var keys Keys
	if sub == nil {
		sub = &Subscription{ID: r.id(), Owner: r.Owner, Kind: services.KindManage, Group: r.Group, Scopes: r.scopes()}
		keys, err = s.vault.New(ctx, sub)
	} else {
		if sub.Owner != r.Owner {
			return nil, errors.New("group: it belongs to another owner")
		}
		unchanged = table.Equals("version", sub.Version)
		sub.Version++
		keys, err = s.vault.Reveal(ctx, sub)
	}
	if err != nil {
		return nil, err
	}
	r.apply(sub)
	if err := s.db.Write(ctx, table.Put("subscription", Key(sub.ID), sub, unchanged)); err != nil {
		if table.AsRefused(err) != nil {
			return nil, ErrBusy
		}
		return nil, err
	}
	return &Issued{SubscriptionID: sub.ID, Keys: keys}, nil
}

// id is the name that App IO gives to the subscription.
func (r Request) id() string {
	switch {
	case r.Group != "":
		return "MANAGE-GROUP-" + r.Group
	case r.Role == RoleReviewer:
		return "MANAGE-REVIEW-" + r.Owner
	}
	return "MANAGE-" + r.Owner
}

func (r Request) scopes() []string {
	if r.Role == RoleReviewer {
		return []string{services.GroupReview}
	}
	return []string{"ApiMessageWrite", "ApiInfoRead", "ApiMessageRead", "ApiLimitedProfileRead", services.GroupWrite}
}

func (r Request) apply(sub *Subscription) {
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
}

const (
	anywhere = "any"
	maxCIDRs = 50 // they travel in the authorizer's answer
)

// check refuses ids that would name another subscription, and what no
// subscription can have.
func (r Request) check() error {
	switch {
	case !isName(r.Owner):
		return errors.New("owner: 1 to 64 letters, digits, - or _, not beginning with GROUP- or REVIEW-")
	case r.Group != "" && !isName(r.Group):
		return errors.New("group: 1 to 64 letters, digits, - or _")
	case r.Role != "" && r.Role != RoleReviewer:
		return errors.New("role: " + RoleReviewer + ", or none")
	case r.Role != "" && slices.Contains(r.Scopes, services.GroupWrite):
		return errors.New("scopes: a reviewer writes no services")
	case r.Role == "" && slices.Contains(r.Scopes, services.GroupReview):
		return errors.New("scopes: " + services.GroupReview + " comes with the role " + RoleReviewer)
	case r.Role != "" && r.Group != "":
		return errors.New("role: a reviewer has no group")
	case len(r.CIDRs) > maxCIDRs:
		return fmt.Errorf("cidrs: at most %d", maxCIDRs)
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

// isNetwork refuses what no caller's address is compared as: one with a zone, and
// an IPv4 address written as IPv6.
func isNetwork(s string) bool {
	if prefix, err := netip.ParsePrefix(s); err == nil {
		return !prefix.Addr().Is4In6()
	}
	address, err := netip.ParseAddr(s)
	return err == nil && address.Zone() == "" && !address.Is4In6()
}

func isName(s string) bool {
	return len(s) <= 64 && idPattern.MatchString(s) && !strings.HasPrefix(s, "GROUP-") && !strings.HasPrefix(s, "REVIEW-")
}
