package attribute

import (
	"context"
	"io"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/list"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// Store reads and adds attributes.
type Store struct {
	db      table.DB
	now     func() time.Time
	entropy io.Reader
	entries *list.Lists[interop.Named, interop.Row]
}

// NewStore makes a Store.
func NewStore(deps api.Deps) (*Store, error) {
	return &Store{db: deps.DB, now: deps.Now, entropy: deps.Entropy, entries: interop.NamedLists.New(deps.DB)}, nil
}

// Labels of the steps of a transaction.
const (
	labelAttribute = "attribute"
	labelCode      = "code"
)

// labelNames are the labels of the claims on a name.
var labelNames = []string{"name", "name as it was claimed"}

// claim is a name or a code in use.
type claim struct {
	AttributeID string `dynamodbav:"attributeId"`
}

// add gives a new attribute an id and a date and stores it. It returns AttributeDuplicate
// when an attribute of the kind has the name, or one of the certifier has the code.
func (s *Store) add(ctx context.Context, a *Attribute) error {
	id, err := interop.NewID(s.entropy)
	if err != nil {
		return err
	}
	a.ID = id
	a.CreatedAt = table.Stamp(s.now())
	// Its entry never changes.
	steps, _ := interop.NamedLists.Steps(id, "", nil, list.Listed[interop.Named]{listPK(a.Kind): {Name: a.Name}})
	steps = append(steps, table.Put(labelAttribute, Key(id), *a, table.NotExists()))
	for i, key := range nameKeys(a) {
		steps = append(steps, table.Put(labelNames[i], key, claim{AttributeID: id}, table.NotExists()))
	}
	if a.Kind == Certified {
		steps = append(steps, table.Put(labelCode, codeKey(a), claim{AttributeID: id}, table.NotExists()))
	}
	err = s.db.Write(ctx, steps...)
	refused := table.AsRefused(err)
	if refused == nil {
		return err
	}
	for _, label := range labelNames {
		if _, taken := refused.By(label); taken {
			return problem.New(interop.AttributeDuplicate, "An attribute with name %s already exists", a.Name)
		}
	}
	if _, taken := refused.By(labelCode); taken {
		return problem.New(interop.AttributeDuplicate, "An attribute with code %s of certifier %s already exists", a.Code, a.Origin)
	}
	return err
}

// get reads an attribute of a kind. It returns AttributeNotFound when there is none, and
// AttributeOtherKind for one of another kind.
func (s *Store) get(ctx context.Context, kind Kind, id string) (*Attribute, error) {
	item, err := s.db.Get(ctx, Key(id))
	if err != nil {
		return nil, err
	}
	a, err := table.As[Attribute](item)
	switch {
	case err != nil:
		return nil, err
	case a == nil:
		return nil, problem.New(interop.AttributeNotFound, "Attribute %s not found", id)
	case a.Kind != kind:
		return nil, problem.New(interop.AttributeOtherKind, "Attribute %s is a %s attribute; read it at %s/%s.",
			id, a.Kind.word(), a.Kind.path(), id)
	}
	return a, nil
}

// list returns a page of the attributes of a kind, by name regardless of case, then by id.
func (s *Store) list(ctx context.Context, kind Kind, p interop.Paged) ([]*Attribute, interop.Pagination, error) {
	return interop.NamedPage[Attribute](ctx, s.db, s.entries, listPK(kind), p, Key)
}
