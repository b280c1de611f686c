package client

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/interop/user"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/change"
	"ciclo/shared/platform/list"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// Store reads and changes clients and their keys.
type Store struct {
	db      table.DB
	now     func() time.Time
	entropy io.Reader
	entries *list.Lists[entry, row]
}

// NewStore makes the store.
func NewStore(deps api.Deps) (*Store, error) {
	return &Store{db: deps.DB, now: deps.Now, entropy: deps.Entropy, entries: entries.New(deps.DB)}, nil
}

// create stores a new client of the caller. A user may be named once.
func (s *Store) create(ctx context.Context, in *CreateInput, kind Kind) (*Client, error) {
	if id := repeated(in.Body.Members); id != "" {
		return nil, problem.New(interop.MemberTwice, "User %s is twice in members; name each user once.", id)
	}
	id, err := interop.NewID(s.entropy)
	if err != nil {
		return nil, err
	}
	c := &Client{
		ID: id, Kind: kind, ConsumerID: interop.Caller(ctx), Name: in.Body.Name, Description: in.Body.Description,
		Members: in.Body.Members, CreatedAt: table.Stamp(s.now()),
	}
	steps, listed := entries.Steps(id, "", nil, c.listed())
	c.Listed = listed
	return c, s.db.Write(ctx, append(steps, table.Put(LabelClient, ClientKey(id), *c, table.NotExists()))...)
}

// find reads a client. It returns nil when there is none.
func (s *Store) find(ctx context.Context, id string) (*Client, error) {
	item, err := s.db.Get(ctx, ClientKey(id))
	if err != nil {
		return nil, err
	}
	return table.As[Client](item)
}

// get reads a client. It returns ClientNotFound when there is none.
func (s *Store) get(ctx context.Context, id string) (*Client, error) {
	c, err := s.find(ctx, id)
	if err == nil && c == nil {
		err = notFound(id)
	}
	return c, err
}

// getConsumer reads a client. It returns ConsumerClientNotFound for one of the kind API, also
// to its owner: PDND does not show these.
func (s *Store) getConsumer(ctx context.Context, id string) (*Client, error) {
	c, err := s.get(ctx, id)
	if err == nil && c.IsAPI() {
		err = problem.New(interop.ConsumerClientNotFound, "Client %s not found", id)
	}
	return c, err
}

// getAPI reads a client of the caller, which is of the kind API.
func (s *Store) getAPI(ctx context.Context, id string) (*Client, error) {
	c, err := s.find(ctx, id)
	if err == nil {
		err = RequireOwner(c, id, interop.Caller(ctx))
	}
	if err == nil && !c.IsAPI() {
		err = problem.New(interop.ClientKindNotAllowed, "Client %s is of the kind CONSUMER. Read it with GET /clients/{clientId}.", id)
	}
	return c, err
}

// delete removes a client of the caller with its keys and its links, in as many
// transactions as they take.
//
// The first transaction removes the client itself. From then on none of its keys is valid
// and nothing can be added to it, because every [ChangeStep] refuses. It also leaves a mark
// with the owner, so that a deletion that was interrupted can be repeated: without the mark
// the repetition would be refused with ClientNotFound, and the keys would stay taken
// (TestBrokenDeletion).
func (s *Store) delete(ctx context.Context, id string) error {
	for begun := false; ; begun = true {
		r, err := s.deletePart(ctx, id, begun)
		if err != nil || !r.more {
			return err
		}
	}
}

// deletePart makes the next transaction of a deletion. begun says that this call has made
// one before.
func (s *Store) deletePart(ctx context.Context, id string, begun bool) (removal, error) {
	contended := false
	return change.Do(ctx, s.db, change.Change[*remains, removal]{
		Read: func(ctx context.Context, r change.Round) (*remains, error) {
			contended = r.Number > 0
			return s.remains(ctx, id)
		},
		Decide: func(r *remains) (removal, error) {
			if begun && r.owner() == nil { // another call has done the rest
				return removal{}, nil
			}
			if err := RequireOwner(r.owner(), id, interop.Caller(ctx)); err != nil {
				return removal{}, err
			}
			return r.removal(contended), nil
		},
		Steps: func(_ *remains, r removal) ([]table.Step, error) { return r.steps, nil },
	})
}

// remains is what is stored of a client, as far as one transaction could remove it.
type remains struct {
	client  *Client  // nil when there is none
	mark    *Client  // of a deletion that has begun, nil when there is none
	others  []string // sort keys of its keys and links
	hasMore bool     // there is more than one transaction could remove
}

// owner returns the client, or the mark with its owner; nil when there is neither.
func (r *remains) owner() *Client {
	if r.client != nil {
		return r.client
	}
	return r.mark
}

// removal is the next transaction of a deletion.
type removal struct {
	steps []table.Step
	more  bool // another transaction has to follow
}

func (s *Store) remains(ctx context.Context, id string) (*remains, error) {
	q := table.Query{Table: interop.Table.Name, PK: clientPK(id), Limit: table.MaxSteps, Consistent: true}
	page, err := s.db.Query(ctx, q)
	if err != nil {
		return nil, err
	}
	r := &remains{hasMore: page.Next != ""}
	for _, item := range page.Items {
		sk, err := sortKey(item)
		switch {
		case err != nil:
		case sk == clientSK:
			r.client, err = table.As[Client](item)
		case sk == deletedSK:
			r.mark, err = table.As[Client](item)
		default:
			r.others = append(r.others, sk)
		}
		if err != nil {
			return nil, err
		}
	}
	return r, nil
}

// removal returns the next transaction of a deletion. contended says that others have
// changed the client since a round before: then the client is removed without its keys and
// links, so that changes of these cannot keep it from being deleted. It is removed together
// with what is stored of its admin, who must still be the one that was read.
func (r *remains) removal(contended bool) removal {
	next := removal{more: r.hasMore}
	others := r.others
	if c := r.client; c != nil {
		conditions := []table.Cond{table.Equals("version", c.Version)}
		if contended {
			conditions = []table.Cond{table.Exists(), adminIs(c.AdminID)}
			next.more = true
			others = nil
		}
		next.steps = append(next.steps, table.Delete(LabelClient, ClientKey(c.ID), conditions...))
		if c.AdminID != "" {
			next.steps = append(next.steps, user.ReleaseStep(c.ConsumerID, c.AdminID, c.ID))
		}
		unlist, _ := entries.Steps(c.ID, c.Listed, c.listed(), nil)
		next.steps = append(next.steps, unlist...)
	}
	for _, sk := range others {
		part := r.partSteps(sk, len(next.steps))
		if len(next.steps)+len(part) > table.MaxSteps-1 { // one is for the mark
			next.more = true
			break
		}
		next.steps = append(next.steps, part...)
	}
	switch {
	case next.more && r.client != nil:
		mark := Client{ID: r.client.ID, ConsumerID: r.client.ConsumerID}
		next.steps = append(next.steps, table.Put("mark", deletedKey(mark.ID), mark))
	case !next.more && r.mark != nil:
		next.steps = append(next.steps, table.Delete("mark", deletedKey(r.mark.ID)))
	}
	return next
}

// partSteps returns the steps that remove a key or a link, by its sort key. n makes their
// labels unique.
func (r *remains) partSteps(sk string, n int) []table.Step {
	part := []table.Step{table.Delete(fmt.Sprint("part ", n), interop.Key(clientPK(r.owner().ID), sk), table.Exists())}
	if kid, ok := strings.CutPrefix(sk, keyPrefix); ok {
		// The condition on the credential guards the holder, too: where the key was removed
		// from this client, it may belong to another one by now.
		part = append(part, table.Delete(fmt.Sprint("holder ", n), holderKey(kid)))
	}
	return part
}
