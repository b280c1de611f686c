package purpose

import (
	"cmp"
	"context"
	"io"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// Store reads and changes purposes.
type Store struct {
	db      table.DB
	now     func() time.Time
	entropy io.Reader
}

// NewStore makes the store.
func NewStore(deps api.Deps) (*Store, error) {
	return &Store{db: deps.DB, now: deps.Now, entropy: deps.Entropy}, nil
}

func notFound(id string) error {
	return problem.New(interop.PurposeNotFound, "Purpose %s not found", id)
}

func notYours(ctx context.Context, id string) error {
	return problem.New(interop.PurposeNotAllowed, "Tenant %s has no part in purpose %s.", interop.Caller(ctx), id)
}

// see reads a purpose that the caller may see.
func (s *Store) see(ctx context.Context, id string) (*purpose, error) {
	item, err := s.db.Get(ctx, Key(id))
	if err != nil {
		return nil, err
	}
	return seen(ctx, id, item)
}

// seen is a purpose that was read, if the caller may see it.
func seen(ctx context.Context, id string, item table.Item) (*purpose, error) {
	p, err := table.As[purpose](item)
	switch {
	case err != nil:
		return nil, err
	case p == nil:
		return nil, notFound(id)
	case !p.visibleTo(interop.Caller(ctx)):
		return nil, notYours(ctx, id)
	}
	return p, nil
}

// target is what a change is about: a purpose, or the e-service of a new one.
type target struct {
	purposeID  string
	eserviceID string       // of the agreement that is needed, where it is not the purpose's own
	besides    table.Key    // an item that is read with the purpose
	notParty   problem.Code // refuses a caller without a part in the purpose; zero for PurposeNotAllowed
}

const (
	// maxRounds is how often a change is decided. At a threshold that others cross back and
	// forth a version may fit when it is read and not when it is written: of activations
	// there, one in two hundred was refused eight times.
	maxRounds = 16
	// assertedRounds is how many rounds assert that a version has to wait.
	assertedRounds = 4
)

// apply makes a change for the caller; it is planned again while others change what
// it is decided on.
func (s *Store) apply(ctx context.Context, on target, c change) (*purpose, error) {
	var refused *table.Refused
	for round := range maxRounds {
		sit, err := s.situation(ctx, on)
		if err != nil {
			return nil, err
		}
		sit.round = round
		d, err := s.decide(ctx, sit, on, c)
		if table.IsKind(err, table.Conflict) && round < maxRounds-1 {
			continue // a snapshot that writes kept from being taken
		}
		if err != nil {
			return nil, err
		}
		err = s.write(ctx, d)
		if refused = table.AsRefused(err); refused == nil {
			return d.after, err
		}
		if d.taken(refused) {
			return nil, problem.New(interop.PurposeTitleDuplicate, "Consumer %s has another purpose with the title %s on e-service %s.",
				d.after.ConsumerID, d.after.Title, d.after.EServiceID)
		}
	}
	return nil, &table.Error{Kind: table.Conflict, Op: "write", Err: refused}
}

// decide lets a change decide, and reads what it asks for.
func (s *Store) decide(ctx context.Context, sit situation, on target, c change) (d decision, err error) {
	err = s.complete(ctx, &sit, sit.relation(on), func() (missing error) {
		d, missing = c(sit)
		return missing
	})
	return d, err
}

// situation reads what a change begins with.
func (s *Store) situation(ctx context.Context, on target) (situation, error) {
	sit := situation{caller: interop.Caller(ctx)}
	var err error
	for i := range sit.ids {
		if sit.ids[i], err = interop.NewID(s.entropy); err != nil {
			return sit, err
		}
	}
	if on.purposeID != "" {
		keys := []table.Key{Key(on.purposeID)}
		if on.besides != (table.Key{}) {
			keys = append(keys, on.besides)
		}
		items, err := s.read(ctx, keys)
		if err != nil {
			return sit, err
		}
		if sit.purpose, err = table.As[purpose](items[0]); err != nil {
			return sit, err
		}
		if sit.purpose == nil {
			return sit, notFound(on.purposeID)
		}
		if len(items) > 1 {
			sit.besides = items[1]
		}
		return sit, sit.requireParty(cmp.Or(on.notParty, interop.PurposeNotAllowed))
	}
	return sit, nil
}

func (s *Store) read(ctx context.Context, keys []table.Key) ([]table.Item, error) {
	if len(keys) > 1 {
		return s.db.BatchGet(ctx, keys)
	}
	item, err := s.db.Get(ctx, keys[0])
	return []table.Item{item}, err
}

// relation is the consumer and the e-service of a change.
func (s situation) relation(on target) relation {
	r := relation{s.caller, on.eserviceID}
	if s.purpose != nil {
		r.consumerID = s.purpose.ConsumerID
		if r.eserviceID == "" {
			r.eserviceID = s.purpose.EServiceID
		}
	}
	return r
}

// relation is a consumer and an e-service.
type relation struct{ consumerID, eserviceID string }
