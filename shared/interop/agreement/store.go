package agreement

import (
	"context"
	"io"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/interop/eservice"
	"ciclo/shared/interop/tenant"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// Store reads and changes agreements.
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
	return problem.New(interop.AgreementNotFound, "Agreement %s not found", id)
}

// get reads an agreement.
func (s *Store) get(ctx context.Context, id string) (*agreement, error) {
	item, err := s.db.Get(ctx, agreementKey(id))
	if err != nil {
		return nil, err
	}
	if item == nil {
		return nil, notFound(id)
	}
	return table.As[agreement](item)
}

// see reads an agreement that the caller may see.
func (s *Store) see(ctx context.Context, id string) (*agreement, error) {
	a, err := s.get(ctx, id)
	if err != nil {
		return nil, err
	}
	if !visibleTo(interop.Caller(ctx), a.ConsumerID, a.ProducerID, a.State) {
		return nil, notYours(ctx, id)
	}
	return a, nil
}

func notYours(ctx context.Context, id string) error {
	return problem.New(interop.AgreementNotAllowed, "Tenant %s has no part in agreement %s.", interop.Caller(ctx), id)
}

// needs says what a change is decided on, besides the agreement.
type needs struct {
	facts  bool // the e-service and the consumer's attributes
	claims bool // which agreements of the e-service the consumer has already
	newID  bool
}

const maxRounds = 8

// apply makes a change to an agreement, for the caller; it is planned again while
// others change what it is decided on.
func (s *Store) apply(ctx context.Context, id string, n needs, c change) (*agreement, error) {
	return s.carryOut(ctx, n, c, func(sit *situation) error {
		var err error
		if sit.agreement, err = s.get(ctx, id); err == nil && n.facts {
			sit.catalogue, err = eservice.Load(ctx, s.db, sit.agreement.EServiceID)
		}
		return err
	})
}

// start makes a change that begins with an e-service instead of an agreement.
func (s *Store) start(ctx context.Context, eserviceID string, n needs, c change) (*agreement, error) {
	return s.carryOut(ctx, n, c, func(sit *situation) error {
		var err error
		sit.catalogue, err = eservice.Load(ctx, s.db, eserviceID)
		if err == nil && (sit.catalogue.EService == nil || !sit.catalogue.IsVisibleTo(sit.caller)) {
			err = problem.New(interop.AgreementEServiceNotFound, "EService %s not found", eserviceID)
		}
		return err
	})
}

func (s *Store) carryOut(ctx context.Context, n needs, c change, read func(*situation) error) (*agreement, error) {
	var refused *table.Refused
	var otherID string
	for range maxRounds {
		sit := situation{caller: interop.Caller(ctx)}
		if err := read(&sit); err != nil {
			return nil, err
		}
		if err := s.complete(ctx, &sit, n, otherID); err != nil {
			return nil, err
		}
		d, err := c(sit)
		if err != nil {
			return nil, err
		}
		err = s.write(ctx, d)
		if refused = table.AsRefused(err); refused == nil {
			if err == nil {
				err = d.refusal
			}
			return d.answer, err
		}
		var claimed bool
		if otherID, claimed, err = d.overtaken(refused); err != nil {
			return nil, err
		}
		n.claims = n.claims || claimed
	}
	return nil, &table.Error{Kind: table.Conflict, Op: "write", Err: refused}
}

// complete reads what else the change needs.
func (s *Store) complete(ctx context.Context, sit *situation, n needs, otherID string) (err error) {
	consumerID, eserviceID := sit.caller, ""
	if sit.agreement != nil {
		consumerID = sit.agreement.ConsumerID
	}
	if sit.catalogue.EService != nil {
		eserviceID = sit.catalogue.EService.ID
	}
	if n.facts {
		if sit.owned, err = tenant.Load(ctx, s.db, consumerID); err != nil {
			return err
		}
	}
	if n.claims {
		if sit.claimed, err = s.claimed(ctx, consumerID, eserviceID); err != nil {
			return err
		}
	}
	if n.newID {
		if sit.newID, err = interop.NewID(s.entropy); err != nil {
			return err
		}
	}
	if otherID != "" {
		item, err := s.db.Get(ctx, agreementKey(otherID))
		if err != nil {
			return err
		}
		if sit.other, err = table.As[agreement](item); err != nil {
			return err
		}
	}
	// Last, so that nothing counts as owned that expired while it was read.
	sit.at = table.Stamp(s.now())
	return nil
}
