package sample_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"ciclo/shared/platform/testing/apitest"
)

// arranging are the query parameters that leave nothing out: they say in which order
// and from where on.
var arranging = []string{"order", "continuationToken", "after"}

// befores are the operations whose events make what others list.
var befores = map[string]string{"client/token-events": "voucher/issue"}

// listed returns the entries of an answer that is a list; false for another answer.
func listed(res apitest.Response) ([]any, bool) {
	for _, member := range res.Body {
		if list, ok := member.([]any); ok {
			return list, true
		}
	}
	return nil, false
}

// filters lists the places in the query of an operation that lists something.
func (w *walk) filters(r request) []place {
	if r.Method != "GET" {
		return nil
	}
	return slices.DeleteFunc(w.places(r), func(p place) bool { return p.in != "query" || slices.Contains(arranging, p.at[0]) })
}

// nothing returns values of a parameter of which one at least matches nothing in the
// sample data.
func nothing(p place) []string {
	switch {
	case p.name() == "offset":
		return []string{"100000"}
	case p.schema["format"] == "uuid":
		return []string{uuid.NewString()}
	case p.schema["enum"] != nil:
		var values []string
		all, _ := p.schema["enum"].([]any)
		for _, v := range all {
			text, _ := v.(string)
			values = append(values, text)
		}
		return values
	default:
		return []string{"nothing is called that"}
	}
}

// spellings are the ways in which clients write the name of a parameter that is a
// filter where parameters are lists.
func spellings(p place) []string {
	name := p.at[0]
	return []string{name, name + "[]", name + "[0]", strings.ToUpper(name), strings.ToLower(name)}
}

// TestFilters: every documented query parameter of every list, set to what matches
// nothing, leaves nothing of a list that has something, however its name is written.
func TestFilters(t *testing.T) {
	t.Parallel()
	w, lists := one(t), 0
	w.each(func(r request) {
		filters := w.filters(r)
		if len(filters) == 0 {
			return
		}
		lists++
		w.seed(r)
		if before, ok := befores[r.ID]; ok {
			w.send(w.requests[before])
		}
		r.query = nil
		all, ok := listed(w.send(r))
		if !ok || len(all) == 0 {
			w.Errorf("%s lists nothing: it cannot show that a filter is applied", r.ID)
			return
		}
		for _, p := range filters {
			if first := p.at[0][:1]; first != strings.ToLower(first) && p.at[0] != "IPACode" {
				w.Errorf("%s: no published parameter but IPACode begins with a capital: %s", r.ID, p.at[0])
			}
			names := []string{p.at[0]}
			if r.Product.Lists {
				names = spellings(p)
			}
			for _, name := range names {
				w.leavesNothing(r, p, name)
			}
		}
		w.same(r, filters, all)
	})
	if lists < 30 {
		t.Errorf("there are %d lists", lists)
	}
}

// leavesNothing sets a parameter, by a name of it, to what matches nothing.
func (w *walk) leavesNothing(r request, p place, name string) {
	w.Helper()
	if p.name() == "limit" {
		r.query = url.Values{name: {"1"}}
		if some, ok := listed(w.send(r)); !ok || len(some) != 1 {
			w.Errorf("%s?%s=1 lists %d", r.ID, name, len(some))
		}
		return
	}
	fewest := 1
	for _, value := range nothing(p) {
		r.query = url.Values{name: {value}}
		some, ok := listed(w.send(r))
		if !ok {
			w.Errorf("%s?%s=%s is no list", r.ID, name, value)
		}
		fewest = min(fewest, len(some))
	}
	if fewest > 0 {
		w.Errorf("%s?%s= lists something, whatever is asked for", r.ID, name)
	}
}

// same sets the parameters that are UUIDs to those of the first entry, in all
// spellings: it is listed.
func (w *walk) same(r request, filters []place, all []any) {
	w.Helper()
	first, _ := all[0].(map[string]any)
	for _, p := range filters {
		id, _ := first[strings.TrimSuffix(p.at[0], "s")].(string)
		if p.schema["format"] != "uuid" || id == "" {
			continue
		}
		r.query = url.Values{p.at[0]: {id}}
		want := w.send(r)
		if some, _ := listed(want); len(some) == 0 {
			w.Errorf("%s?%s=%s lists nothing", r.ID, p.at[0], id)
		}
		for _, name := range spellings(p) {
			for _, values := range [][]string{{id}, {strings.ToUpper(id)}, {"", id}} {
				r.query = url.Values{name: values}
				if res := w.send(r); res.Status != want.Status || res.Raw != want.Raw {
					w.Errorf("%s?%s=%s differs from small letters:\n%.300s", r.ID, name, values, res.Raw)
				}
			}
			if p.at[len(p.at)-1] != "[]" {
				continue
			}
			r.query = url.Values{name: {uuid.NewString() + "," + strings.ToUpper(id), uuid.NewString()}}
			if res := w.send(r); res.Raw != want.Raw {
				w.Errorf("%s?%s with others differs:\n%.300s", r.ID, name, res.Raw)
			}
		}
	}
}
