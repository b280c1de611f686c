package sample_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"

	"ciclo/cmd/internal/catalog"
	"ciclo/cmd/internal/openapi"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/testing/hooked"
)

// TestListsAreBounded asks every list for everything that its filters take. It makes at
// most eight queries.
func TestListsAreBounded(t *testing.T) {
	t.Parallel()
	d := deploy(t)
	filters := arrays(t)
	var lists []visit
	for _, op := range catalog.Operations() {
		if spec := op.Describe(); len(filters[spec.Method+" "+spec.Path]) > 0 {
			d.seed(t, spec.ID)
			lists = append(lists, event(t, spec))
		}
	}
	if len(lists) < 4 {
		t.Fatalf("%d lists have filters of several values", len(lists))
	}
	eservices := d.eservices(t, 50)
	for _, r := range lists {
		// Callers differ in what is theirs; the producer has a part in all that is listed.
		for _, caller := range []api.Identity{r.caller, producer(r)} {
			all := full(filters[r.Method+" "+r.Path], caller, eservices)
			d.bounded(t, r, caller, all)
			for name := range all {
				fewer := maps.Clone(all)
				delete(fewer, name)
				d.bounded(t, r, caller, fewer)
			}
		}
	}
}

// full is a query with as many values of each filter as it takes, the caller and e-services
// that there are among them.
func full(filters map[string]filter, caller api.Identity, eservices []string) url.Values {
	query := url.Values{}
	for name, f := range filters {
		values := f.all
		switch {
		case name == "eserviceIds":
			values = eservices
		case f.all == nil:
			values = []string{caller.Subject}
			for len(values) < f.most {
				values = append(values, uuid.NewString())
			}
		}
		query.Set(name, strings.Join(values, ","))
	}
	return query
}

// bounded fails unless a list makes few enough queries.
func (d *deployment) bounded(t *testing.T, r visit, caller api.Identity, query url.Values) {
	t.Helper()
	var queries, others atomic.Int64
	d.tap.Set(func(c *hooked.Call) error {
		if c.Query == nil {
			others.Add(1)
		} else {
			queries.Add(1)
		}
		return c.Run()
	})
	defer d.tap.Set(nil)
	path, _, _ := strings.Cut(r.at, "?")
	rec := d.send(t, caller, r.Method, path+"?"+query.Encode(), "")
	if rec.Code != http.StatusOK && rec.Code != http.StatusForbidden {
		t.Errorf("%s = %d\n%s", r.ID, rec.Code, rec.Body)
	}
	if queries.Load() > 8 || others.Load() > 8 {
		t.Errorf("%s takes %d queries and %d other calls", r.ID, queries.Load(), others.Load())
	}
}

func producer(r visit) api.Identity {
	p := r.caller
	p.Subject = "69e2865e-65ab-4e48-a638-2037a9ee2ee7"
	return p
}

func (d *deployment) send(t *testing.T, caller api.Identity, method, path, body string) *httptest.ResponseRecorder {
	t.Helper()
	req := httptest.NewRequestWithContext(api.WithIdentity(t.Context(), caller), method, path, strings.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Correlation-Id", "sample")
	rec := httptest.NewRecorder()
	d.handler.ServeHTTP(rec, req)
	return rec
}

// eservices makes e-services of the producer, and returns their ids.
func (d *deployment) eservices(t *testing.T, n int) []string {
	t.Helper()
	var ids []string
	for _, op := range catalog.Operations() {
		spec := op.Describe()
		if spec.ID != "eservice/create" {
			continue
		}
		r := event(t, spec)
		for i := range n {
			var body map[string]any
			if err := json.Unmarshal([]byte(r.body), &body); err != nil {
				t.Fatal(err)
			}
			body["name"] = fmt.Sprint("One of many ", i)
			text, err := json.Marshal(body)
			if err != nil {
				t.Fatal(err)
			}
			rec := d.send(t, producer(r), r.Method, r.at, string(text))
			var made struct{ ID string }
			if err := json.Unmarshal(rec.Body.Bytes(), &made); err != nil || rec.Code != spec.Status {
				t.Fatalf("%d %s, %v", rec.Code, rec.Body, err)
			}
			ids = append(ids, made.ID)
		}
	}
	return ids
}

// filter is a query parameter that takes several values.
type filter struct {
	all  []string // that there are; nil for ids
	most int
}

// arrays are the filters of several values, by method and path, then by name, as the API
// document has them.
func arrays(t *testing.T) map[string]map[string]filter {
	t.Helper()
	text, err := openapi.Together(catalog.Products(), openapi.Address)
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Paths map[string]map[string]struct {
			Parameters []struct {
				Name, In string
				Schema   struct {
					Type     any
					MaxItems int
					Items    struct{ Enum []string }
				}
			}
		}
	}
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	found := map[string]map[string]filter{}
	for path, methods := range document.Paths {
		for method, op := range methods {
			for _, p := range op.Parameters {
				if !strings.Contains(fmt.Sprint(p.Schema.Type), "array") || p.In != "query" {
					continue
				}
				id := strings.ToUpper(method) + " " + path
				if found[id] == nil {
					found[id] = map[string]filter{}
				}
				found[id][p.Name] = filter{p.Schema.Items.Enum, p.Schema.MaxItems}
			}
		}
	}
	return found
}
