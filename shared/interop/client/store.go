package client

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
)

// Store reads and changes clients and their keys.
type Store struct {
	db      table.DB
	now     func() time.Time
	entropy io.Reader
}

// NewStore makes the store.
func NewStore(deps api.Deps) (*Store, error) {
	return &Store{db: deps.DB, now: deps.Now, entropy: deps.Entropy}, nil
}

// create stores a new client of the caller.
func (s *Store) create(ctx context.Context, in *CreateInput) (*Client, error) {
	id, err := interop.NewID(s.entropy)
	if err != nil {
		return nil, err
	}
	c := &Client{
		ID: id, ConsumerID: interop.Caller(ctx), Name: in.Body.Name, Description: in.Body.Description,
		Members: in.Body.Members, CreatedAt: table.Stamp(s.now()),
	}
	steps := []table.Step{table.Put(LabelClient, ClientKey(id), *c, table.NotExists())}
	for key, listed := range c.entries() {
		steps = append(steps, table.Put(fmt.Sprint("entry ", len(steps)), key, listed)) // labels say no names
	}
	return c, s.db.Write(ctx, steps...)
}

// find reads a client, nil when there is none.
func (s *Store) find(ctx context.Context, id string) (*Client, error) {
	item, err := s.db.Get(ctx, ClientKey(id))
	if err != nil {
		return nil, err
	}
	return table.As[Client](item)
}

// get reads a client.
func (s *Store) get(ctx context.Context, id string) (*Client, error) {
	c, err := s.find(ctx, id)
	if err == nil && c == nil {
		err = notFound(id)
	}
	return c, err
}

const maxRounds = 8

// delete removes a client of the caller with its keys and its links. The first
// transaction takes the client itself away, from which on no key of it is one and
// nothing can be given to it any more; what does not fit is removed by more of them.
// Until then there is a mark by which who repeats a deletion that broke off goes on
// with it.
func (s *Store) delete(ctx context.Context, id string) error {
	caller, begun := interop.Caller(ctx), false
	var refused *table.Refused
	for overtaken := 0; overtaken < maxRounds; {
		r, err := s.remains(ctx, id)
		if err != nil {
			return err
		}
		if begun && r.owner() == nil { // another call has done the rest
			return nil
		}
		if err := Refusal(r.owner(), id, caller); err != nil {
			return err
		}
		// A client whose keys keep changing is taken away without them.
		steps, more := r.removal(overtaken > 0)
		err = s.db.Write(ctx, steps...)
		if refused = table.AsRefused(err); refused != nil {
			overtaken++
			continue
		}
		if err != nil || !more {
			return err
		}
		begun = true
	}
	return &table.Error{Kind: table.Conflict, Op: "write", Err: refused}
}

// remains is what there is of a client, as far as one transaction could remove it.
type remains struct {
	client, deleted *Client  // nil where there is none; of a client being deleted there is the latter
	others          []string // sort keys of its keys and links
	more            bool
}

// owner is the client, or what is left to say whose it was.
func (r *remains) owner() *Client {
	if r.client != nil {
		return r.client
	}
	return r.deleted
}

func (s *Store) remains(ctx context.Context, id string) (*remains, error) {
	q := table.Query{Table: interop.Table.Name, PK: clientPK(id), Limit: table.MaxSteps, Consistent: true}
	page, err := s.db.Query(ctx, q)
	if err != nil {
		return nil, err
	}
	r := &remains{more: page.Next != ""}
	for _, item := range page.Items {
		sk, err := sortKey(item)
		switch {
		case err != nil:
		case sk == clientSK:
			r.client, err = table.As[Client](item)
		case sk == deletedSK:
			r.deleted, err = table.As[Client](item)
		default:
			r.others = append(r.others, sk)
		}
		if err != nil {
			return nil, err
		}
	}
	return r, nil
}

// removal is the next transaction of a deletion, and whether another must follow.
// bare removes the client alone, whatever it has.
func (r *remains) removal(bare bool) (steps []table.Step, more bool) {
	more = r.more
	if c := r.client; c != nil {
		unchanged := table.Equals("version", c.Version)
		if bare {
			unchanged, more, r.others = table.Exists(), true, nil
		}
		steps = append(steps, table.Delete(LabelClient, ClientKey(c.ID), unchanged))
		for key := range c.entries() {
			steps = append(steps, table.Delete(fmt.Sprint("entry ", len(steps)), key))
		}
	}
	for _, sk := range r.others {
		part := []table.Step{table.Delete(fmt.Sprint("part ", len(steps)), interop.Key(clientPK(r.owner().ID), sk), table.Exists())}
		if kid, ok := strings.CutPrefix(sk, keyPrefix); ok {
			// Under the condition on the other: it may be another client's by now.
			part = append(part, table.Delete(fmt.Sprint("holder ", len(steps)), holderKey(kid)))
		}
		if len(steps)+len(part) > table.MaxSteps-1 { // one is for the mark
			more = true
			break
		}
		steps = append(steps, part...)
	}
	switch {
	case more && r.client != nil:
		mark := Client{ID: r.client.ID, ConsumerID: r.client.ConsumerID}
		steps = append(steps, table.Put("mark", deletedKey(mark.ID), mark))
	case !more && r.deleted != nil:
		steps = append(steps, table.Delete("mark", deletedKey(r.deleted.ID)))
	}
	return steps, more
}
