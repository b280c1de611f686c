package service

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/blob"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
	"ciclo/shared/services"
	"ciclo/shared/services/subscription"
)

// Names of the environment variables that configure the product.
const (
	// RetiredTopicsSetting has the ids of topics that services may no longer choose.
	RetiredTopicsSetting = "RETIRED_TOPICS"
	// TrustedOwnersSetting has the owners whose services no person looks at, "*" for all.
	TrustedOwnersSetting = "TRUSTED_OWNERS"
	// RelaxedServicesSetting has the ids of services that may lack a privacy notice and contacts.
	RelaxedServicesSetting = "RELAXED_SERVICES"
)

// Store reads and changes services.
type Store struct {
	db               table.DB
	now              func() time.Time
	entropy          io.Reader
	vault            subscription.Vault
	logos            blob.Store
	retired          []int
	trusted, relaxed []string
}

// NewStore makes the store. It refuses settings that are not valid.
func NewStore(deps api.Deps) (*Store, error) {
	retired, err := parseTopics(RetiredTopicsSetting, deps.Setting(RetiredTopicsSetting))
	if err != nil {
		return nil, err
	}
	words := func(setting string) []string {
		return strings.FieldsFunc(deps.Setting(setting), func(r rune) bool { return r == ',' || r == ' ' })
	}
	return &Store{
		db: deps.DB, now: deps.Now, entropy: deps.Entropy, vault: subscription.NewVault(deps), logos: deps.Blobs,
		retired: retired, trusted: words(TrustedOwnersSetting), relaxed: words(RelaxedServicesSetting),
	}, nil
}

// get reads the lifecycle record of a service that the caller may see.
func (s *Store) get(ctx context.Context, id string, who access) (*service, error) {
	if !isID(id) {
		return nil, notFound(id)
	}
	item, err := s.db.Get(ctx, lifecycleKey(id))
	if err != nil {
		return nil, err
	}
	record, err := table.As[service](item)
	if err != nil {
		return nil, err
	}
	return record, who.permits(ctx, id, record)
}

// load reads both records of a service that the caller may see, in one call.
func (s *Store) load(ctx context.Context, id string, who access) (snapshot, error) {
	items, err := s.together(ctx, id, lifecycleKey(id), publicationKey(id))
	if err != nil {
		return snapshot{}, err
	}
	record, err := table.As[service](items[0])
	if err != nil {
		return snapshot{}, err
	}
	published, err := table.As[publication](items[1])
	if err != nil {
		return snapshot{}, err
	}
	return snapshot{record, published}, who.permits(ctx, id, record)
}

// together reads items of a service whose id was not looked at yet.
func (s *Store) together(ctx context.Context, id string, keys ...table.Key) ([]table.Item, error) {
	if !isID(id) {
		return nil, notFound(id)
	}
	return s.db.BatchGet(ctx, keys)
}

// access says who may see a service: its owner always.
type access struct {
	reviewers bool // reviewers too
	alive     bool // a deleted service is not found
}

func (a access) permits(ctx context.Context, id string, record *service) error {
	caller, _ := api.IdentityFrom(ctx)
	reviewer := a.reviewers && caller.HasScope(services.GroupReview)
	switch {
	case record == nil:
		return notFound(id)
	case record.Owner != caller.Subject && !reviewer:
		return problem.New(services.NotAllowed, "The service belongs to another owner.")
	case caller.Group != "" && record.Group != caller.Group && !reviewer:
		return problem.New(services.NoValidScopes, "The key is for the services of the group %s.", caller.Group)
	case a.alive && record.State == Deleted:
		return notFound(id)
	}
	return nil
}

func notFound(id string) error { return problem.New(services.ServiceNotFound, "%s not found", id) }

// maxRounds bounds how often a change is planned again.
const maxRounds = 8

// request is a change that a caller asks for.
type request struct {
	id     string
	who    access
	asked  *api.Matched
	record kind // whose version is asked for
}

// apply makes a change to a service, if it is the version asked for.
func (s *Store) apply(ctx context.Context, r request, c change) (snapshot, error) {
	before, err := s.load(ctx, r.id, r.who)
	if err != nil {
		return before, err
	}
	return s.applyTo(ctx, before, r, c)
}

// applyTo is apply for a service as it was loaded. The change is refused when
// somebody else changes the service meanwhile, and planned again when only its
// publication changes.
func (s *Store) applyTo(ctx context.Context, before snapshot, r request, c change) (snapshot, error) {
	var refused *table.Refused
	seen := before.service.Version
	for range maxRounds {
		if err := before.matches(r); err != nil {
			return before, err
		}
		after, err := s.write(ctx, before, c)
		if refused = table.AsRefused(err); refused == nil {
			return after, err
		}
		if item, lost := refused.By(labelService); lost {
			current, err := table.As[service](item)
			if err != nil {
				return before, err
			}
			return before, overtaken(current)
		}
		if takenBy(refused, r.id) != nil {
			return before, err // another decision
		}
		if before, err = s.load(ctx, r.id, r.who); err != nil {
			return before, err
		}
		if r.record == kindLifecycle && before.service.Version != seen {
			return before, overtaken(before.service)
		}
	}
	return before, &table.Error{Kind: table.Conflict, Op: "write", Err: refused}
}

// write plans a change and writes it; one that changes nothing is not written.
func (s *Store) write(ctx context.Context, before snapshot, c change) (snapshot, error) {
	after, err := c(before, before.instant(s.now()))
	if err != nil {
		return before, err
	}
	all := steps(before, after)
	if len(all) == 0 {
		return after, nil
	}
	return after, s.db.Write(ctx, all...)
}

// instant is now, but never before what was written last: clocks differ, and the
// history is ordered by time.
func (s snapshot) instant(now time.Time) string {
	at := table.Stamp(now)
	if s.service != nil {
		at = max(at, s.service.ModifiedAt)
	}
	if s.publication != nil {
		at = max(at, s.publication.ModifiedAt)
	}
	return at
}

// plan finds the rule of the lifecycle for an action, or the problem that refuses it.
func plan(s snapshot, action lifecycle.Action, role lifecycle.Role, facts lifecycle.Facts) (lifecycle.Rule, error) {
	rule, err := Machine.Plan(s.state(), action, role, facts)
	return rule, refusal(err, Machine, role)
}

// planPublication is plan for what the owner does to the publication.
func planPublication(s snapshot, action lifecycle.Action) (lifecycle.Rule, error) {
	if s.publication == nil {
		return lifecycle.Rule{}, problem.New(services.PublicationNotFound, "no item with id %s found", s.service.ID)
	}
	rule, err := Publication.Plan(s.visibility(), action, Owner, nil)
	return rule, refusal(err, Publication, Owner)
}

// refusal answers an action that the state does not allow the role.
func refusal(err error, m *lifecycle.Machine, role lifecycle.Role) error {
	var r *lifecycle.Refusal
	if !errors.As(err, &r) {
		return err
	}
	p := problem.New(services.NoTransition, "No transition matched")
	return problem.Allowing(p, r.State, r.Allowed, lifecycle.WhoseTurn(m.Turns(r.State, role)...))
}

// matches refuses a change to another version than the current one.
func (s snapshot) matches(r request) error {
	state, version := s.state(), s.service.Version
	if r.record == kindPublication {
		if s.publication == nil {
			return nil // which the change refuses
		}
		state, version = s.visibility(), s.publication.Version
	}
	if r.asked.Matches(version) {
		return nil
	}
	p := problem.New(services.PreconditionFailed, "The %s record is in version %d, which If-Match does not name.", r.record.name, version)
	p.State, p.Version = string(state), version
	return p
}

// overtaken answers a change that lost against another one.
func overtaken(s *service) error {
	if s == nil {
		return fmt.Errorf("service: the record is gone")
	}
	p := problem.New(services.VersionConflict, "Somebody else changed the service meanwhile; it is in version %d now. Read it, and repeat the call.", s.Version)
	p.State, p.Version = string(s.State), s.Version
	return p
}

func (s *Store) trusts(owner string) bool {
	return slices.Contains(s.trusted, owner) || slices.Contains(s.trusted, "*")
}
