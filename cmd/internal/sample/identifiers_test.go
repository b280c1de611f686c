package sample_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"ciclo/shared/platform/testing/apitest"
)

// identifiers lists the places of a request where UUIDs stand.
func (w *walk) identifiers(r request) []place {
	return slices.DeleteFunc(w.places(r), func(p place) bool { return p.schema["format"] != "uuid" })
}

// capitals returns the request with the UUIDs that it has in capitals.
func (w *walk) capitals(r request) request {
	for _, p := range w.identifiers(r) {
		value := strings.ToUpper(w.value(r, p))
		if value == "" {
			continue
		}
		if p.in == "body" {
			value = fmt.Sprintf("%q", value)
		}
		r = w.with(r, p, value)
	}
	return r
}

// passing is what differs between two calls that do the same: the ids and times that
// they make, hashes of names with times in them, and from when on a list is read.
var passing = regexp.MustCompile(`[0-9a-f]{64}|@([0-9a-f]{16})?|\d\d/\d\d/\d{4} [0-9:]{8}|` +
	`[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9A-HJKMNP-TV-Z]{26}|\d{4}-\d\d-\d\d(T[0-9:.]+Z)?`)

// did is the answer to a request and what it came to in storage, but for what passes.
func (w *walk) did(res apitest.Response) string {
	lines := append([]string{fmt.Sprint(res.Status, " ", res.Raw)}, w.db.calls...)
	for i := range lines {
		lines[i] = passing.ReplaceAllStringFunc(lines[i], func(s string) string {
			if strings.HasPrefix(s, "5f8d7a10") || s == "69e2865e-65ab-4e48-a638-2037a9ee2ee7" {
				return s // of the sample data
			}
			return "~"
		})
	}
	slices.Sort(lines[1:]) // some are asked for at once, some in the order of a map
	return strings.Join(lines, "\n")
}

// TestCapitals: a request with its UUIDs in capitals does and answers what it does and
// answers with small letters, in every operation.
func TestCapitals(t *testing.T) {
	t.Parallel()
	around, signer := surround(t), newSigner(t)
	w := newWalk(t, around, signer)
	w.each(func(r request) {
		other := w.capitals(r)
		if bytes.Equal(other.body, r.body) && other.path == r.path && other.query.Encode() == r.query.Encode() {
			return
		}
		w.seed(r)
		want := w.did(w.send(r))
		w.seed(r)
		if diff := cmp.Diff(want, w.did(w.send(other))); diff != "" {
			w.Errorf("%s with UUIDs in capitals (-small +capital):\n%s", r.ID, diff)
		}
		if !strings.HasPrefix(want, fmt.Sprint(r.Status)) {
			w.Errorf("%s: %s", r.ID, want)
		}
	})
}

// TestOtherNotations: what is not written in groups of 8-4-4-4-12 digits is no UUID, at
// every place that has one.
func TestOtherNotations(t *testing.T) {
	t.Parallel()
	w, places := one(t), 0
	w.each(func(r request) {
		for _, p := range w.identifiers(r) {
			places++
			id := uuid.NewString()
			digits := strings.ReplaceAll(id, "-", "")
			for _, other := range []string{"{" + id + "}", "urn:uuid:" + id, digits, strings.ToUpper(digits), id + "\u0130"} {
				value := other
				switch quoted, err := json.Marshal(other); {
				case err != nil:
					w.Fatal(err)
				case p.in == "body":
					value = string(quoted)
				}
				w.refused(w.with(r, p, value), 400, other, p.String())
			}
		}
	})
	if places < 150 {
		t.Errorf("there are UUIDs at %d places of requests", places)
	}
}
