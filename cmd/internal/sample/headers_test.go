package sample_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"ciclo/cmd/internal/catalog"
	"ciclo/cmd/internal/openapi"
	"ciclo/shared/platform/api"
)

// declared is the part of an OpenAPI document that says which headers answers have.
type declared struct {
	Paths      map[string]map[string]struct{ Responses map[string]declaredAnswer }
	Components struct{ Responses map[string]declaredAnswer }
}

type declaredAnswer struct {
	Ref     string `json:"$ref"`
	Headers map[string]any
}

// of returns the headers of an operation's answers with a status, none when the status is
// not documented.
func (d *declared) of(spec api.Spec, status int) map[string]bool {
	answer := d.Paths[spec.Path][strings.ToLower(spec.Method)].Responses[strconv.Itoa(status)]
	if name, ok := strings.CutPrefix(answer.Ref, "#/components/responses/"); ok {
		answer = d.Components.Responses[name]
	}
	headers := map[string]bool{}
	for name := range answer.Headers {
		headers[http.CanonicalHeaderKey(name)] = true
	}
	return headers
}

// declarations returns the OpenAPI document of each operation.
func declarations(t *testing.T) map[string]*declared {
	t.Helper()
	documents := map[string]*declared{}
	for _, p := range catalog.Products() {
		text, err := openapi.Document(p, "")
		d := &declared{}
		if err == nil {
			err = json.Unmarshal(text, d)
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, op := range p.Operations {
			documents[op.Describe().ID] = d
		}
	}
	return documents
}

// TestHeadersAreDeclared sends every operation requests that are refused, and one operation of
// each resource some that are not, and compares the headers of the answers with the OpenAPI
// document of the product.
func TestHeadersAreDeclared(t *testing.T) {
	t.Parallel()
	documents := declarations(t)
	w := one(t)
	sent, seeded := map[string]bool{}, map[string]bool{}
	w.each(func(r request) {
		all := refused(r)
		missing := documents[r.ID].of(r.Spec, r.Status)["Etag"] && !sent["Etag"] // the first of a resource may have none
		if resource, _, _ := strings.Cut(r.ID, "/"); !seeded[resource] || missing {
			seeded[resource] = true
			w.seed(r)
			maps.Copy(all, answered(r))
		}
		for what, variant := range all {
			res := w.send(variant)
			headers := documents[r.ID].of(r.Spec, res.Status)
			if len(headers) == 0 {
				w.Errorf("%s %s is answered with %d, which is not documented", r.ID, what, res.Status)
			}
			for _, name := range slices.Sorted(maps.Keys(res.Header)) {
				sent[name] = true
				if !headers[name] && name != "Content-Type" {
					w.Errorf("%s %s = %d: the header %s is not declared", r.ID, what, res.Status, name)
				}
			}
		}
	})
	for _, name := range []string{
		"X-Correlation-Id", "Cache-Control", "Www-Authenticate", "Accept-Encoding", "Etag", "X-Rate-Limit-Limit", "X-Rate-Limit-Remaining",
		"X-Rate-Limit-Interval",
	} {
		if !sent[name] {
			t.Errorf("no answer has the header %s", name)
		}
	}
}

// refused are requests that are refused before an operation runs.
func refused(r request) map[string]request {
	unknown := r
	unknown.as = api.Identity{}
	packed := r
	packed.header = r.header.Clone()
	packed.header.Set("Content-Encoding", "gzip")
	broken := r
	broken.body = []byte("{")
	all := map[string]request{"without a credential": unknown}
	if r.body != nil {
		all["with a compressed body"] = packed
		all["with a broken body"] = broken
	}
	return all
}

// answered are requests that the operation answers on its sample data.
func answered(r request) map[string]request {
	stale := r
	stale.header = r.header.Clone()
	stale.header.Set("If-Match", `"99"`)
	all := map[string]request{"of another version": stale, "as it is": r}
	if len(r.Product.Editions) > 0 && !r.Public {
		counted := r
		counted.as.Allowance = api.Allowance{Limit: 10, Remaining: 3, Interval: time.Second}
		all["of a caller with an allowance"] = counted
	}
	return all
}
