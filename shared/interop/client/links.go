package client

import (
	"context"
	"strings"

	"ciclo/shared/interop"
	"ciclo/shared/interop/agreement"
	"ciclo/shared/interop/purpose"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

const linkPrefix = "PURPOSE#"

// Link is a purpose that a client asks for vouchers for. That of a purpose which was
// archived stays where it is and means nothing.
type Link struct {
	PurposeID string `dynamodbav:"purposeId"`
	LinkedAt  string `dynamodbav:"linkedAt"`
}

// LinkKey names the link of a client to a purpose.
func LinkKey(id, purposeID string) table.Key { return interop.Key(clientPK(id), linkPrefix+purposeID) }

const (
	labelLink  = "link"
	labelInUse = "agreement in use"
)

// link lets a client of the caller ask for vouchers for a purpose (PDND, addClientPurpose:
// refusals in its order).
func (s *Store) link(ctx context.Context, id, purposeID string) error {
	var refused *table.Refused
	for range maxRounds {
		p, err := s.linkable(ctx, id, purposeID)
		if err != nil {
			return err
		}
		err = s.db.Write(ctx,
			Changed(id, interop.Caller(ctx), 0),
			table.Put(labelLink, LinkKey(id, purposeID), Link{purposeID, table.Stamp(s.now())}, table.NotExists()),
			p.Unchanged(),
			table.Check(labelInUse, agreement.SubscriptionKey(p.ConsumerID, p.EServiceID), table.Exists()),
		)
		if refused = table.AsRefused(err); refused == nil {
			return err
		}
	}
	return &table.Error{Kind: table.Conflict, Op: "write", Err: refused}
}

// linkable is a purpose that a client of the caller may be linked to.
func (s *Store) linkable(ctx context.Context, id, purposeID string) (*purpose.Standing, error) {
	items, err := s.db.BatchGet(ctx, []table.Key{ClientKey(id), purpose.Key(purposeID), LinkKey(id, purposeID)})
	if err != nil {
		return nil, err
	}
	c, err := table.As[Client](items[0])
	if err != nil {
		return nil, err
	}
	caller := interop.Caller(ctx)
	if err := Refusal(c, id, caller); err != nil {
		return nil, err
	}
	p, err := purpose.StandingOf(items[1])
	switch {
	case err != nil:
		return nil, err
	case p == nil:
		return nil, problem.New(interop.ClientPurposeNotFound, "Purpose %s not found", purposeID)
	case p.ConsumerID != caller:
		return nil, problem.New(interop.NotYourPurpose, "Tenant %s is not the consumer of purpose %s.", caller, purposeID)
	case items[2] != nil && p.State != purpose.Archived:
		return nil, problem.New(interop.PurposeAlreadyLinked, "Purpose %s is linked to client %s already.", purposeID, id)
	}
	inUse, err := s.db.Get(ctx, agreement.SubscriptionKey(p.ConsumerID, p.EServiceID))
	switch {
	case err != nil:
		return nil, err
	case inUse == nil:
		return nil, problem.New(interop.NoLiveAgreement, "Consumer %s has no agreement for e-service %s that is active or suspended.", p.ConsumerID, p.EServiceID)
	case !p.InUse():
		return nil, problem.New(interop.NoLivePurposeVersion, "Purpose %s is %s; this takes one that is active or suspended.", purposeID, p.State)
	}
	return p, nil
}

// unlink takes a purpose from a client of the caller. One that is not linked is no
// error (PDND).
func (s *Store) unlink(ctx context.Context, id, purposeID string) error {
	caller := interop.Caller(ctx)
	err := s.db.Write(ctx, Changed(id, caller, 0), table.Delete(labelLink, LinkKey(id, purposeID)))
	refused := table.AsRefused(err)
	if refused == nil {
		return err
	}
	return byClient(refused, func(c *Client) error { return Refusal(c, id, caller) })
}

// links returns the purposes of a client of the caller that are not archived.
func (s *Store) links(ctx context.Context, in *PurposesInput) ([]purpose.View, error) {
	c, err := s.find(ctx, in.ClientID)
	if err == nil {
		err = Refusal(c, in.ClientID, interop.Caller(ctx))
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
	return purpose.Linked(ctx, s.db, ids, in.EServiceIDs, in.States)
}
