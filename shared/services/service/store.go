package service

import (
	"context"
	"io"
	"strings"
	"time"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/blob"
	"ciclo/shared/platform/list"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
	"ciclo/shared/services"
	"ciclo/shared/services/subscription"
)

// Names of the environment variables that configure the product. Entries of their lists
// are separated by commas; the last two also accept blanks.
const (
	// RetiredTopicsSetting lists the ids of topics that services may no longer choose.
	RetiredTopicsSetting = "RETIRED_TOPICS"
	// TrustedOwnersSetting lists the owners whose services need no reviewer, "*" for all.
	TrustedOwnersSetting = "TRUSTED_OWNERS"
	// RelaxedServicesSetting lists the ids of services that may lack a privacy notice and contacts.
	RelaxedServicesSetting = "RELAXED_SERVICES"
)

// Store reads and changes services.
type Store struct {
	db            table.DB
	now           func() time.Time
	entropy       io.Reader
	vault         subscription.Vault
	logos         blob.Store
	retiredTopics []int
	policy        policy
	entries       *list.Lists[entry, listRow]
}

// NewStore returns the store of a deployment. Its error names a setting that is not valid.
func NewStore(deps api.Deps) (*Store, error) {
	retired, err := parseTopics(RetiredTopicsSetting, deps.Setting(RetiredTopicsSetting))
	if err != nil {
		return nil, err
	}
	return &Store{
		db: deps.DB, now: deps.Now, entropy: deps.Entropy, vault: subscription.NewVault(deps), logos: deps.Blobs,
		retiredTopics: retired, entries: entries.New(deps.DB),
		policy: policy{
			trustedOwners:   listSetting(deps, TrustedOwnersSetting),
			relaxedServices: listSetting(deps, RelaxedServicesSetting),
		},
	}, nil
}

func listSetting(deps api.Deps, name string) []string {
	return strings.FieldsFunc(deps.Setting(name), func(r rune) bool { return r == ',' || r == ' ' })
}

// get reads the service record for a caller with access to it.
func (s *Store) get(ctx context.Context, id string, a access) (*service, error) {
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
	return record, a.check(ctx, id, record)
}

// load reads both records of a service for a caller with access to it.
func (s *Store) load(ctx context.Context, id string, a access) (snapshot, error) {
	found, err := s.read(ctx, id)
	if err != nil {
		return found, err
	}
	return found, a.check(ctx, id, found.service)
}

// read reads both records of a service in one call, but not at one moment: a transaction
// may be in one of them and not in the other.
func (s *Store) read(ctx context.Context, id string) (found snapshot, err error) {
	if !isID(id) {
		return found, notFound(id)
	}
	items, err := s.db.BatchGet(ctx, []table.Key{lifecycleKey(id), publicationKey(id)})
	if err != nil {
		return found, err
	}
	if found.service, err = table.As[service](items[0]); err != nil {
		return found, err
	}
	found.publication, err = table.As[publication](items[1])
	return found, err
}

// access is what an operation requires of its caller. The owner of a service always has
// access to it, with the key of a group only to the services of that group.
type access struct {
	reviewers   bool // reviewers have access, too
	hideDeleted bool // a deleted service is not found
}

// check returns ServiceNotFound, NotAllowed or NoValidScopes unless the caller has access
// to the service; record is nil when it does not exist.
func (a access) check(ctx context.Context, id string, record *service) error {
	caller, _ := api.IdentityFrom(ctx)
	isReviewer := a.reviewers && caller.HasScope(services.GroupReview)
	switch {
	case record == nil:
		return notFound(id)
	case record.Owner != caller.Subject && !isReviewer:
		return problem.New(services.NotAllowed, "The service belongs to another owner.")
	case caller.Group != "" && record.Group != caller.Group && !isReviewer:
		return problem.New(services.NoValidScopes, "The key is for the services of the group %s.", caller.Group)
	case a.hideDeleted && record.State == Deleted:
		return notFound(id)
	}
	return nil
}

func notFound(id string) error { return problem.New(services.ServiceNotFound, "%s not found", id) }
