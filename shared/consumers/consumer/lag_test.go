package consumer_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"ciclo/shared/consumers/consumer"
	"ciclo/shared/consumers/operation"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/table"
)

// frozen is an index that does not change after this call.
func (w *world) frozen(id string) hook {
	w.Helper()
	var items []table.Item
	q := table.Query{Table: consumer.Consumers.Name, Index: "byConsumer", PK: consumerKey(id).PK}
	if err := table.All(w.Context(), w.Tap.DB, q, func(item table.Item) error { items = append(items, item); return nil }); err != nil {
		w.Fatal(err)
	}
	return func(c *call) error {
		if !indexed(c) {
			return c.Run()
		}
		c.Page = table.Page{}
		for _, item := range items {
			var at struct {
				SK string `dynamodbav:"ownerSk"`
			}
			if err := table.Decode(item, &at); err != nil {
				return err
			}
			if at.SK < c.Query.From || c.Query.To != "" && at.SK > c.Query.To || at.SK <= c.Query.Cursor {
				continue
			}
			c.Page.Items = append(c.Page.Items, item)
			if len(c.Page.Items) == c.Query.Limit {
				c.Page.Next = at.SK
				break
			}
		}
		return nil
	}
}

// haunted is an index that shows the entries of stale before its own.
func haunted(stale hook) hook {
	return func(c *call) error {
		if !indexed(c) {
			return c.Run()
		}
		if err := stale(c); err != nil {
			return err
		}
		ghosts := c.Page.Items
		err := c.Run()
		c.Page.Items = append(ghosts, c.Page.Items...)
		return err
	}
}

// first passes the first n calls that read an index to h.
func first(n int, h hook) hook {
	return func(c *call) error {
		if indexed(c) {
			n--
		}
		if n < 0 {
			return c.Run()
		}
		return h(c)
	}
}

// TestDeleteWithAnIndexThatLags deletes a consumer that would fit one
// transaction while the index hides its children: the worker finishes it.
func TestDeleteWithAnIndexThatLags(t *testing.T) {
	each(t, func(w *world) {
		for id, lag := range map[string]func(id string) hook{
			"hides-all": func(string) hook { return blind },
			"hides-new": func(id string) hook { return w.frozen(id) },
		} {
			w.cards(id, id+"-0")
			h := lag(id)
			w.cards(id, id+"-1")
			w.Tap.Set(h)
			operationID := w.deleted(id, operation.Pending)
			w.Tap.Set(first(3, h))
			deliveries := 1
			for ; w.cascade(id) != nil; deliveries++ {
				w.sound(id)
			}
			w.Tap.Set(nil)
			if deliveries > 4 {
				w.Errorf("%s: finished by delivery %d although the index lagged for 3 calls", id, deliveries)
			}
			w.gone(id)
			if op := w.operations(id)[0]; w.removed(id) != "2 2 0" || op.OperationID != operationID {
				w.Errorf("%s: removed %s by %s, want 2 2 0 by %s", id, w.removed(id), op.OperationID, operationID)
			}
		}
	})
}

// reborn deletes a consumer with one card, which goes to another consumer, and
// registers it again with another card. It returns an index that still shows the
// first card under it, as many entries as it has now.
func (w *world) reborn(id, heir, card string) hook {
	w.Helper()
	w.cards(id, card)
	stale := w.frozen(id)
	w.deleted(id, operation.Successful)
	w.cards(heir, card)
	w.cards(id, card+"-2")
	return stale
}

// TestStaleIndexEntriesAreNotDeleted: a deletion leaves children that the index still shows,
// but that belong to another consumer now.
func TestStaleIndexEntriesAreNotDeleted(t *testing.T) {
	each(t, func(w *world) {
		w = w.withReuse()
		for _, tc := range []struct {
			id     string
			lag    int // calls
			status lifecycle.State
		}{{"ann", 1, operation.Successful}, {"bea", 1000, operation.Pending}} {
			heir := tc.id + "-heir"
			card := tc.id + "-card"
			stale := w.reborn(tc.id, heir, card)
			w.Tap.Set(first(tc.lag, stale))
			w.deleted(tc.id, tc.status)
			if tc.status == operation.Pending {
				if err := w.cascade(tc.id); err == nil {
					w.Error("the cascade finished although the index hides what is left")
				}
				w.sound(tc.id)
				w.Tap.Set(nil)
				if err := w.cascade(tc.id); err != nil {
					w.Error(err)
				}
			}
			w.Tap.Set(nil)
			w.gone(tc.id)
			if got := w.removed(tc.id); got != "1 1 0" {
				w.Errorf("removed %s, want 1 1 0", got)
			}
			w.answers(http.StatusOK, "GET", cardPath(card), "")
			w.sound(heir)
		}
	})
}

// TestStaleIndexEntriesAreNotCounted: children that are gone, but still in the index, are not
// counted as removed.
func TestStaleIndexEntriesAreNotCounted(t *testing.T) {
	each(t, func(w *world) {
		w = w.withReuse()
		stale := w.reborn("ann", "heir", "card")
		w.cards("ann", "another")
		w.Tap.Set(haunted(stale))
		w.deleted("ann", operation.Pending)
		err := w.cascade("ann")
		w.Tap.Set(nil)
		if err != nil {
			w.Error(err)
		}
		w.gone("ann")
		if got := w.removed("ann"); got != "2 2 0" {
			w.Errorf("removed %s, want 2 2 0", got)
		}
		w.sound("heir")
	})
}

// TestCascadeWithAnIndexThatLags removes more than one batch while the index
// goes on showing what was removed: one run is enough.
func TestCascadeWithAnIndexThatLags(t *testing.T) {
	each(t, func(w *world) {
		for i := range 3 {
			entries := make([]string, maxAtOnce/2)
			for n := range entries {
				entries[n] = fmt.Sprintf(`{"cardId":"c-%d-%d"}`, i, n)
			}
			w.answers(http.StatusNoContent, "PUT", consumerPath("ann")+"/cards", `{"cards":[`+strings.Join(entries, ",")+`]}`)
		}
		w.deleted("ann", operation.Pending)
		w.Tap.Set(w.frozen("ann"))
		err := w.cascade("ann")
		w.Tap.Set(nil)
		if err != nil {
			w.Errorf("the cascade did not get past what it had removed itself: %v", err)
		}
		w.gone("ann")
		if got := w.removed("ann"); got != "1 144 0" {
			w.Errorf("removed %s, want 1 144 0", got)
		}
	})
}
