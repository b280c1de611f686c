package operation_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/consumers/operation"
	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/table"
)

// TestListsAreSeparate: two issuers with the same consumer id have separate lists, and so
// have consumers of which one id begins with the other.
func TestListsAreSeparate(t *testing.T) {
	each(t, func(w *world) {
		owners := []operation.Owner{owner("ann"), {IssuerID: "ISSUER-002", ConsumerID: "ann"}, owner("an"), owner("ann-2")}
		ids := make([][]string, len(owners))
		for i, o := range owners {
			last := ""
			for range i + 1 {
				last = w.next(o, last)
				ids[i] = append(ids[i], last)
			}
		}
		for i, o := range owners {
			for offset := range len(ids[i]) + 2 {
				for limit := 1; limit <= len(ids[i])+1; limit++ {
					if d := cmp.Diff(cut(ids[i], offset, limit), w.list(o, offset, limit)); d != "" {
						w.Errorf("%v: list(%d, %d) (-want +got):\n%s", o, offset, limit, d)
					}
				}
			}
		}
	})
}

// broken is a storage that cannot read.
type broken struct{ table.DB }

var errBroken = errors.New("disk on fire")

func (broken) Get(context.Context, table.Key) (table.Item, error) { return nil, errBroken }

func (broken) Query(context.Context, table.Query) (table.Page, error) {
	return table.Page{}, errBroken
}

// TestReadFailure: List and Get return the error of the storage.
func TestReadFailure(t *testing.T) {
	t.Parallel()
	w := &world{suite.On(t, broken{})}
	if _, _, err := w.log().List(t.Context(), owner("ann"), 0, 10); !errors.Is(err, errBroken) {
		t.Errorf("List: %v", err)
	}
	if _, found, err := w.log().Get(t.Context(), owner("ann"), "any"); found || !errors.Is(err, errBroken) {
		t.Errorf("Get: %t, %v", found, err)
	}
}

// TestUnreadableDetails: details that cannot be read are an error, not an operation without
// details.
func TestUnreadableDetails(t *testing.T) {
	each(t, func(w *world) {
		id := w.next(owner("ann"), "")
		key := table.Key{Table: retention.Operations.Name, PK: "ISS#" + issuer + "#CON#ann", SK: "OP#" + id}
		if err := w.DB.Write(w.Context(), table.Update("test", key, table.Changes{Set: map[string]any{"details": "{"}})); err != nil {
			w.Fatal(err)
		}
		if _, found, err := w.log().Get(w.Context(), owner("ann"), id); found || err == nil {
			w.Errorf("Get: %t, %v", found, err)
		}
		if ops, _, err := w.log().List(w.Context(), owner("ann"), 0, 10); len(ops) > 0 || err == nil {
			w.Errorf("List: %v, %v", ops, err)
		}
	})
}

func TestLogRefusesTooShortARetention(t *testing.T) {
	t.Parallel()
	w := &world{suite.On(t, nil)}
	w.Settings[retention.Setting] = "2"
	if _, err := operation.NewLog(w.Deps()); err == nil {
		t.Error("accepts 2 months")
	}
}
