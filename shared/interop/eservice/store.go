package eservice

import (
	"context"
	"io"
	"reflect"
	"slices"
	"strings"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/names"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// Store reads and changes e-services.
type Store struct {
	db        table.DB
	now       func() time.Time
	entropy   io.Reader
	audiences audiences
}

// NewStore makes the store. It refuses settings that are not valid.
func NewStore(deps api.Deps) (*Store, error) {
	known, err := audiencesFrom(deps)
	return &Store{db: deps.DB, now: deps.Now, entropy: deps.Entropy, audiences: known}, err
}

// Load reads an e-service with its descriptors and their use, which lie in one
// partition; EService is nil when there is none of that id.
func Load(ctx context.Context, db table.DB, id string) (Catalogue, error) {
	c := Catalogue{uses: map[int64]int64{}}
	// The e-service is read before its descriptors, as a query is no snapshot: a
	// write is refused when they are newer than it, not when they are older. Their
	// use is not its; a write that relies on it holds it against the count.
	q := table.Query{Table: interop.Table.Name, PK: eservicePK(id), Consistent: true, Descending: true}
	err := table.All(ctx, db, q, func(item table.Item) error {
		var at struct {
			SK string `dynamodbav:"sk"`
		}
		err := table.Decode(item, &at)
		switch {
		case err != nil:
			return err
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
	})
	slices.Reverse(c.Descriptors)
	return c, err
}

// see reads an e-service that the caller may see: its own, or one that was
// published. Of others' the caller sees no drafts.
func (s *Store) see(ctx context.Context, id string) (Catalogue, error) {
	c, err := Load(ctx, s.db, id)
	if err != nil {
		return c, err
	}
	if c.EService == nil || c.EService.ProducerID != interop.Caller(ctx) && !c.isPublic() {
		return c, notFound(id)
	}
	if c.EService.ProducerID != interop.Caller(ctx) {
		c.Descriptors = slices.DeleteFunc(c.Descriptors, func(d *Descriptor) bool { return d.State == Draft })
	}
	return c, nil
}

func notFound(id string) error {
	return problem.New(interop.EServiceNotFound, "EService %s not found", id)
}

// descriptorNotFound refuses a descriptor that there is not. The code depends on the
// operation: PDND's gateway looks some up itself and leaves others to the catalogue.
func descriptorNotFound(code problem.Code, id, descriptorID string) error {
	return problem.New(code, "Descriptor %s for EService %s not found", descriptorID, id)
}

// A change is what an action makes of an e-service and its descriptors at an
// instant, or the problem that refuses it. It reads and writes nothing.
type change func(before Catalogue, at string) (Catalogue, error)

const maxRounds = 8

// apply makes a change to one of the caller's e-services.
func (s *Store) apply(ctx context.Context, id string, c change) (Catalogue, error) {
	return s.carryOut(ctx, c, func() (Catalogue, error) {
		before, err := s.see(ctx, id)
		if err == nil {
			err = before.requireProducer(ctx)
		}
		return before, err
	})
}

// requireProducer refuses callers other than the producer.
func (c Catalogue) requireProducer(ctx context.Context) error {
	if c.EService.ProducerID == interop.Caller(ctx) {
		return nil
	}
	return problem.New(interop.NotTheEServiceProducer, "The e-service belongs to another producer.")
}

// rename changes the name of an e-service that others have seen. The same name is
// refused before the caller is looked at, as published.
func (s *Store) rename(ctx context.Context, id, name string) (Catalogue, error) {
	edit := editPublished(func(d *Data) { d.Name = name })
	return s.carryOut(ctx, edit, func() (Catalogue, error) {
		before, err := s.see(ctx, id)
		switch {
		case err != nil:
		case before.EService.Name == name:
			err = problem.New(interop.UnchangedName, "EService %s has this name already. Send another one.", id)
		default:
			err = before.requireProducer(ctx)
		}
		return before, err
	})
}

// carryOut makes a change to what read returns; it is read and planned again while
// others change it too.
func (s *Store) carryOut(ctx context.Context, c change, read func() (Catalogue, error)) (Catalogue, error) {
	var refused *table.Refused
	known := s.audiences
	known.taken = map[string]bool{}
	for range maxRounds {
		before, err := read()
		if err != nil {
			return before, err
		}
		before.audiences = known
		after, err := c(before, table.Stamp(s.now()))
		if err != nil {
			return before, err
		}
		err = s.write(ctx, before, after)
		if refused = table.AsRefused(err); refused == nil {
			return after, err
		}
		if _, overtaken := refused.By(LabelEService); overtaken {
			continue
		}
		if isNameTaken(refused) { // by another e-service, then
			return before, duplicateName(after.EService.Name)
		}
		if err := after.refusedAudience(refused); err != nil {
			return before, err
		}
	}
	return Catalogue{}, &table.Error{Kind: table.Conflict, Op: "write", Err: refused}
}

func isNameTaken(refused *table.Refused) bool {
	return slices.ContainsFunc(refused.Steps, func(s table.RefusedStep) bool { return strings.HasPrefix(s.Label, labelName) })
}

func duplicateName(name string) error {
	return problem.New(interop.EServiceNameDuplicate, "An EService with name %s already exists", name)
}

// Labels of the steps of a transaction. LabelEService refuses when an e-service
// has changed since it was read.
const (
	LabelEService = "e-service"
	labelName     = "name " // and the key
)

// write stores the difference of two catalogues, under the condition that nothing
// has changed since before was read.
func (s *Store) write(ctx context.Context, before, after Catalogue) error {
	steps := difference(before, after)
	if len(steps) == 0 {
		return nil
	}
	return s.db.Write(ctx, steps...)
}

// difference is the transaction that leads from before to after: the records that
// differ, the name that is claimed or freed, and the entries of the lists.
func difference(before, after Catalogue) []table.Step {
	after.EService = after.EService.claiming(before.EService)
	stored, wanted := before.items(), after.items()
	var steps []table.Step
	for k := range stored {
		if _, stays := wanted[k]; !stays {
			steps = append(steps, table.Delete("remove "+k.PK+" "+k.SK, k))
		}
	}
	for k, item := range wanted {
		if had, there := stored[k]; there && reflect.DeepEqual(had, item) {
			continue
		}
		if k.SK == nameSK {
			steps = append(steps, table.Put(labelName+k.PK, k, item, table.NotExists()))
		} else {
			steps = append(steps, table.Put("put "+k.PK+" "+k.SK, k, item))
		}
	}
	if len(steps) == 0 && reflect.DeepEqual(before.EService, after.EService) {
		return nil
	}
	for _, number := range after.relied {
		steps = append(steps, before.useUnchanged(number))
	}
	steps = append(steps, audienceSteps(before, after)...)
	unchanged := table.NotExists()
	if before.EService != nil {
		unchanged = table.Equals("version", before.EService.Version)
	}
	if after.EService == nil {
		return append(steps, table.Delete(LabelEService, Key(before.EService.ID), unchanged))
	}
	root := *after.EService
	root.Version, root.Descriptors = root.Version+1, after.live()
	return append(steps, table.Put(LabelEService, Key(root.ID), root, unchanged))
}

// claiming returns the e-service with how its name is claimed: as before, while the name is.
func (e *EService) claiming(before *EService) *EService {
	if e == nil || before != nil && before.Name == e.Name {
		return e
	}
	named := *e
	named.Folded = len(names.Claims(e.Name)) > 1
	return &named
}

// claim is a name in use.
type claim struct {
	EServiceID string `dynamodbav:"eserviceId"`
}

// pointer tells where a descriptor is.
type pointer struct {
	EServiceID string `dynamodbav:"eserviceId"`
	Number     int64  `dynamodbav:"number"`
}

// items is what is stored of an e-service besides its root and its use, by key.
func (c Catalogue) items() map[table.Key]any {
	items := map[table.Key]any{}
	e := c.EService
	if e == nil {
		return items
	}
	for _, key := range nameKeys(e) {
		items[key] = claim{e.ID}
	}
	for _, d := range c.Descriptors {
		items[descriptorKey(e.ID, d.Number)] = *d
		items[pointerKey(d.ID)] = pointer{e.ID, d.Number}
	}
	listed := entry{EService: *e, Public: c.isPublic()}
	listed.Version, listed.EService.Descriptors = 0, nil // an entry does not change with every descriptor
	items[interop.Key(ownPK(e.ProducerID), interop.Listed(e.Name, e.ID))] = listed
	if listed.Public {
		items[interop.Key(publicPK(e.Technology, e.Mode), interop.Listed(e.Name, e.ID))] = listed
	}
	return items
}
