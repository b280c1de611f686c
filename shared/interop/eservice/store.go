package eservice

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/list"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// Store reads and changes e-services.
type Store struct {
	db        table.DB
	now       func() time.Time
	entropy   io.Reader
	audiences audienceSettings
	entries   *list.Lists[entry, row]
}

// NewStore makes a Store. It returns an error for settings that are not valid.
func NewStore(deps api.Deps) (*Store, error) {
	audiences, err := readAudienceSettings(deps)
	return &Store{db: deps.DB, now: deps.Now, entropy: deps.Entropy, audiences: audiences, entries: entries.New(deps.DB)}, err
}

// Load reads an e-service with its descriptors and their use. EService is nil when
// there is none of that id.
//
// The root is read before the descriptors, as a query does not read its items at one
// moment. A write is conditional on the version of the root: it is refused when the
// descriptors that were read are newer than the root, and it would pass when they were
// older (TestTornReads). The use of a descriptor does not move the version; a write that
// relies on it has a condition of its own.
func Load(ctx context.Context, db table.DB, id string) (Catalogue, error) {
	return load(ctx, db, table.Query{Table: interop.Table.Name, PK: eservicePK(id)})
}

// LoadSince is [Load] of the descriptors of that number and above, without their use. A
// write may rely on them under the condition of [Catalogue.VersionCheck].
func LoadSince(ctx context.Context, db table.DB, id string, number int64) (Catalogue, error) {
	return load(ctx, db, table.Query{Table: interop.Table.Name, PK: eservicePK(id), From: descriptorKey(id, number).SK, To: eserviceSK})
}

func load(ctx context.Context, db table.DB, q table.Query) (Catalogue, error) {
	c := Catalogue{uses: map[int64]int64{}}
	q.Consistent = true
	q.Descending = true
	err := table.All(ctx, db, q, c.add)
	slices.Reverse(c.Descriptors)
	return c, err
}

// add adds an item of the partition of an e-service.
func (c *Catalogue) add(item table.Item) error {
	var at struct {
		SK string `dynamodbav:"sk"`
	}
	if err := table.Decode(item, &at); err != nil {
		return err
	}
	var err error
	switch {
	case at.SK == eserviceSK:
		c.EService, err = table.As[EService](item)
	case strings.HasPrefix(at.SK, descriptorPrefix):
		var d *Descriptor
		d, err = table.As[Descriptor](item)
		c.Descriptors = append(c.Descriptors, d)
	case strings.HasPrefix(at.SK, usePrefix):
		var u *use
		if u, err = table.As[use](item); err == nil {
			c.uses[u.Number] = u.Count
		}
	}
	return err
}

// getVisible reads an e-service that the caller may see. Drafts of other producers are
// left out.
func (s *Store) getVisible(ctx context.Context, id string) (Catalogue, error) {
	c, err := Load(ctx, s.db, id)
	if err != nil {
		return c, err
	}
	caller := interop.Caller(ctx)
	if c.EService == nil || !c.IsVisibleTo(caller) {
		return c, notFound(id)
	}
	if c.EService.ProducerID != caller {
		c.Descriptors = slices.DeleteFunc(c.Descriptors, func(d *Descriptor) bool { return d.State == Draft })
	}
	return c, nil
}

func notFound(id string) error {
	return problem.New(interop.EServiceNotFound, "EService %s not found", id)
}

// descriptorNotFound returns the problem of a descriptor that does not exist. The code
// depends on the operation: PDND's gateway looks up some descriptors itself and leaves
// others to the catalogue.
func descriptorNotFound(code problem.Code, id, descriptorID string) error {
	return problem.New(code, "Descriptor %s for EService %s not found", descriptorID, id)
}

// ListByIDs reads the root items of e-services, by id. Unknown ids are missing in the
// result. It takes at most 100 distinct ids.
func ListByIDs(ctx context.Context, db table.DB, ids []string) (map[string]*EService, error) {
	return getByIDs[EService](ctx, db, ids, Key)
}

// IDsByDescriptor returns the ids of e-services by the ids of their descriptors. Unknown
// ids are missing in the result. It takes at most 100 ids.
func IDsByDescriptor(ctx context.Context, db table.DB, ids ...string) (map[string]string, error) {
	pointers, err := getByIDs[pointer](ctx, db, slices.Compact(slices.Sorted(slices.Values(ids))), pointerKey)
	if err != nil {
		return nil, err
	}
	found := make(map[string]string, len(pointers))
	for id, p := range pointers {
		found[id] = p.EServiceID
	}
	return found, nil
}

// getByIDs reads the items at the keys of distinct ids in one batch, by id.
func getByIDs[T any](ctx context.Context, db table.DB, ids []string, key func(id string) table.Key) (map[string]*T, error) {
	found := make(map[string]*T, len(ids))
	if len(ids) == 0 {
		return found, nil
	}
	keys := make([]table.Key, len(ids))
	for i, id := range ids {
		keys[i] = key(id)
	}
	items, err := db.BatchGet(ctx, keys)
	if err != nil {
		return nil, err
	}
	for i, item := range items {
		if item == nil {
			continue
		}
		if found[ids[i]], err = table.As[T](item); err != nil {
			return nil, err
		}
	}
	return found, nil
}
