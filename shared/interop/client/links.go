package client

import (
	"context"
	"strings"

	"ciclo/shared/interop"
	"ciclo/shared/interop/agreement"
	"ciclo/shared/interop/purpose"
	"ciclo/shared/platform/change"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

const linkPrefix = "PURPOSE#"

// Link is a purpose that a client may ask vouchers for. The link to an archived purpose
// stays stored and gives no right.
type Link struct {
	PurposeID string `dynamodbav:"purposeId"`
	LinkedAt  string `dynamodbav:"linkedAt"`
}

// LinkKey returns the key of the link of a client to a purpose.
func LinkKey(id, purposeID string) table.Key { return interop.Key(clientPK(id), linkPrefix+purposeID) }

const (
	labelLink  = "link"
	labelInUse = "agreement in use"
)

// linkSnapshot is everything that a new link is decided on.
type linkSnapshot struct {
	client       *Client          // nil when there is none
	purpose      *purpose.Summary // nil when there is none
	isLinked     bool             // the client is linked to the purpose already
	hasAgreement bool             // the consumer has an agreement that is ACTIVE or SUSPENDED
	caller       string
	at           string
}

// link links a client of the caller to a purpose, so that it gets vouchers. Refusals come in the
// order of PDND's addClientPurpose.
func (s *Store) link(ctx context.Context, id, purposeID string) error {
	_, err := change.Do(ctx, s.db, change.Change[linkSnapshot, Link]{
		Read: func(ctx context.Context, _ change.Round) (linkSnapshot, error) { return s.readLink(ctx, id, purposeID) },
		Decide: func(l linkSnapshot) (Link, error) {
			return Link{PurposeID: purposeID, LinkedAt: l.at}, l.requireInUse()
		},
		Steps: func(l linkSnapshot, link Link) ([]table.Step, error) {
			var conditions change.Conditions
			conditions.Require(
				l.purpose.VersionCheck(),
				table.Check(labelInUse, agreement.SubscriptionKey(l.purpose.ConsumerID, l.purpose.EServiceID), table.Exists()),
			)
			return conditions.With(
				ChangeStep(id, l.caller, 0),
				table.Put(labelLink, LinkKey(id, purposeID), link, table.NotExists()),
			), nil
		},
	})
	return err
}

// readLink reads the client, the purpose and their link, and, unless these refuse the link,
// whether there is an agreement.
func (s *Store) readLink(ctx context.Context, id, purposeID string) (linkSnapshot, error) {
	l := linkSnapshot{caller: interop.Caller(ctx), at: table.Stamp(s.now())}
	items, err := s.db.BatchGet(ctx, []table.Key{ClientKey(id), purpose.Key(purposeID), LinkKey(id, purposeID)})
	if err != nil {
		return l, err
	}
	if l.client, err = table.As[Client](items[0]); err != nil {
		return l, err
	}
	if err := RequireOwner(l.client, id, l.caller); err != nil {
		return l, err
	}
	if !l.client.takesPurposes() {
		return l, problem.New(interop.ClientKindNotAllowed, "Client %s is of the kind API: its vouchers are for this API and no purpose.", id)
	}
	if l.purpose, err = purpose.DecodeSummary(items[1]); err != nil {
		return l, err
	}
	l.isLinked = items[2] != nil
	if err := l.requireLinkable(purposeID); err != nil {
		return l, err
	}
	inUse, err := s.db.Get(ctx, agreement.SubscriptionKey(l.purpose.ConsumerID, l.purpose.EServiceID))
	l.hasAgreement = inUse != nil
	return l, err
}

// requireLinkable refuses a purpose that the client may not be linked to. The agreement is
// not read yet.
func (l *linkSnapshot) requireLinkable(purposeID string) error {
	p := l.purpose
	switch {
	case p == nil:
		return problem.New(interop.ClientPurposeNotFound, "Purpose %s not found", purposeID)
	case p.ConsumerID != l.caller:
		return problem.New(interop.NotYourPurpose, "Tenant %s is not the consumer of purpose %s.", l.caller, purposeID)
	case l.isLinked && p.State != purpose.Archived:
		return problem.New(interop.PurposeAlreadyLinked, "Purpose %s is linked to client %s already.", purposeID, l.client.ID)
	}
	return nil
}

// requireInUse refuses a purpose without an agreement, or without a version in use.
func (l *linkSnapshot) requireInUse() error {
	p := l.purpose
	switch {
	case !l.hasAgreement:
		return problem.New(interop.NoLiveAgreement,
			"Consumer %s has no agreement for e-service %s that is active or suspended.", p.ConsumerID, p.EServiceID)
	case !p.IsInUse():
		return problem.New(interop.NoLivePurposeVersion,
			"Purpose %s is %s. Only a purpose that is ACTIVE or SUSPENDED can be linked.", p.ID, p.State)
	}
	return nil
}

// unlink removes the link of a client of the caller to a purpose. A purpose that is not
// linked is no error (PDND).
func (s *Store) unlink(ctx context.Context, id, purposeID string) error {
	caller := interop.Caller(ctx)
	err := s.db.Write(ctx, ChangeStep(id, caller, 0), table.Delete(labelLink, LinkKey(id, purposeID)))
	refused := table.AsRefused(err)
	if refused == nil {
		return err
	}
	return clientRefusal(refused, func(c *Client) error { return RequireOwner(c, id, caller) })
}

// links returns the purposes of a client of the caller that are not archived.
func (s *Store) links(ctx context.Context, in *PurposesInput) ([]purpose.View, error) {
	c, err := s.find(ctx, in.ClientID)
	if err == nil {
		err = RequireOwner(c, in.ClientID, interop.Caller(ctx))
	}
	if err != nil {
		return nil, err
	}
	var ids []string
	q := table.Query{Table: interop.Table.Name, PK: clientPK(in.ClientID), From: linkPrefix, To: linkPrefix + "\uffff", Consistent: true}
	err = table.All(ctx, s.db, q, func(item table.Item) error {
		sk, err := sortKey(item)
		ids = append(ids, strings.TrimPrefix(sk, linkPrefix))
		return err
	})
	if err != nil {
		return nil, err
	}
	return purpose.ListByIDs(ctx, s.db, ids, in.EServiceIDs, in.States)
}
