package api_test

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/go-cmp/cmp"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/problemtest"
)

// Paged is the page that a caller requests.
type Paged struct {
	Offset int `query:"offset" minimum:"0" default:"0"`
	Limit  int `query:"limit" minimum:"1" maximum:"50" default:"10"`
}

// Resolve implements [huma.Resolver].
func (Paged) Resolve(ctx huma.Context) []error { return api.WholeNumbers(ctx, "offset", "limit") }

// filterInput is a filtered list with pages.
type filterInput struct {
	IDs  []string `query:"ids" maxLength:"3"`
	Name string   `query:"name" maxLength:"9"`
	Kind string   `query:"kind" enum:"a,b"`
	Paged
}

type filterOutput struct {
	Body struct {
		IDs    []string `json:"ids,omitempty"`
		Name   string   `json:"name,omitempty"`
		Kind   string   `json:"kind,omitempty"`
		Offset int      `json:"offset"`
		Limit  int      `json:"limit"`
	}
}

// filter returns an operation that answers with its input.
func filter(p *api.Product) api.Op {
	return api.Operation[store, filterInput, filterOutput]{
		Spec: func() api.Spec {
			return api.Spec{ID: "thing/filter", Method: "GET", Path: "/things", Tag: "Things", Product: p, Status: 200}
		},
		Open: func(d api.Deps) (*store, error) { return &store{d}, nil },
		Run: func(_ *store, _ context.Context, in *filterInput) (*filterOutput, error) {
			out := &filterOutput{}
			out.Body.IDs, out.Body.Name, out.Body.Kind, out.Body.Offset, out.Body.Limit = in.IDs, in.Name, in.Kind, in.Offset, in.Limit
			return out, nil
		},
	}
}

// TestLists sends repeated parameters, joined by commas and empty, to a product with lists
// and to one without. "" is a refusal.
func TestLists(t *testing.T) {
	t.Parallel()
	listing := apitest.New(nil, []api.Op{filter(&api.Product{Product: problemtest.Product, Scheme: api.Bearer, Lists: true})})
	plain := apitest.New(nil, []api.Op{filter(&api.Product{Product: problemtest.Product, Scheme: api.Bearer})})
	const Paged = `"limit":10,"offset":0`
	for query, want := range map[string]struct{ lists, none string }{
		"":                           {`{` + Paged + `}`, `{` + Paged + `}`},
		"?ids=a,b":                   {`{"ids":["a","b"],` + Paged + `}`, `{"ids":["a","b"],` + Paged + `}`},
		"?ids=a&ids=b":               {`{"ids":["a","b"],` + Paged + `}`, `{"ids":["a"],` + Paged + `}`},
		"?ids=a%2Cb&ids=c":           {`{"ids":["a","b","c"],` + Paged + `}`, `{"ids":["a","b"],` + Paged + `}`},
		"?ids=a&name=x&ids=b,c":      {`{"ids":["a","b","c"],"name":"x",` + Paged + `}`, `{"ids":["a"],"name":"x",` + Paged + `}`},
		"?ids=&ids=a&ids=":           {`{"ids":["a"],` + Paged + `}`, `{` + Paged + `}`},
		"?ids=&name=&kind=":          {`{` + Paged + `}`, `{` + Paged + `}`},
		"?ids":                       {`{` + Paged + `}`, `{` + Paged + `}`},
		"?ids[]=a&ids[]=b":           {`{"ids":["a","b"],` + Paged + `}`, `{` + Paged + `}`},
		"?ids%5B%5D=a&ids=b,c":       {`{"ids":["b","c","a"],` + Paged + `}`, `{"ids":["b","c"],` + Paged + `}`},
		"?ids[0]=a&ids[1]=b":         {`{"ids":["a","b"],` + Paged + `}`, `{` + Paged + `}`},
		"?ids[x]=a&ids]=b&ids[=c":    {`{` + Paged + `}`, `{` + Paged + `}`},
		"?name[]=x&limit[]=2":        {`{"name":"x","offset":0,"limit":2}`, `{` + Paged + `}`},
		"?limit[]=2&limit=3":         {"", `{"offset":0,"limit":3}`},
		"?IDS=a&Name=x&LIMIT=2":      {`{"ids":["a"],"name":"x","offset":0,"limit":2}`, `{` + Paged + `}`},
		"?iDs[]=a":                   {`{"ids":["a"],` + Paged + `}`, `{` + Paged + `}`},
		"?name=%FF":                  {"", ""},
		"?other=%ED%A0%80":           {"", ""},
		"?name=a%00":                 {"", ""},
		"?a%C3=1":                    {"", ""},
		"?ids=a&ids=bcde":            {"", `{"ids":["a"],` + Paged + `}`},
		"?kind=a&kind=b":             {"", `{"kind":"a",` + Paged + `}`},
		"?kind=a&kind=":              {`{"kind":"a",` + Paged + `}`, `{"kind":"a",` + Paged + `}`},
		"?kind=a,b":                  {"", ""},
		"?name=a%26b%3D%2B+%25":      {`{"name":"a&b=+ %",` + Paged + `}`, `{"name":"a&b=+ %",` + Paged + `}`},
		"?offset=1&limit=2":          {`{"limit":2,"offset":1}`, `{"limit":2,"offset":1}`},
		"?offset=1&offset=2":         {"", ""},
		"?limit=1,2":                 {"", ""},
		"?limit=":                    {"", ""},
		"?offset=":                   {"", ""},
		"?ids=a;b":                   {"", ""},
		"?ids=%zz":                   {"", ""},
		"?unknown=&unknown=1&ids=a":  {`{"ids":["a"],` + Paged + `}`, `{"ids":["a"],` + Paged + `}`},
		"?name=0123456789":           {"", ""},
		"?name=01234&name=56789":     {"", `{"name":"01234",` + Paged + `}`},
		"?name=%C3%A0&name=%C3%A8,b": {`{"name":"à,è,b",` + Paged + `}`, `{"name":"à",` + Paged + `}`},
	} {
		for name, c := range map[string]struct {
			w    *apitest.World
			want string
		}{"lists": {listing, want.lists}, "none": {plain, want.none}} {
			res := c.w.Call(t, me, "GET", "/things"+query, "")
			if c.want == "" {
				if res.Status != 400 {
					t.Errorf("%s: %s = %d %s, want 400", name, query, res.Status, res.Raw)
				}
				continue
			}
			var wanted map[string]any
			if err := json.Unmarshal([]byte(c.want), &wanted); err != nil {
				t.Fatal(err)
			}
			delete(res.Body, "$schema")
			if diff := cmp.Diff(wanted, res.Body); res.Status != 200 || diff != "" {
				t.Errorf("%s: %s = %d, -want +got\n%s", name, query, res.Status, diff)
			}
		}
	}
}

// TestAnswersAreJSON checks that no answer is a merge patch.
func TestAnswersAreJSON(t *testing.T) {
	t.Parallel()
	w := apitest.New(nil, []api.Op{filter(&api.Product{Product: problemtest.Product, Scheme: api.Bearer})})
	for _, accept := range []string{"application/merge-patch+json", "application/json", "*/*", "text/html"} {
		if kind := w.Call(t, me, "GET", "/things", "", "Accept", accept).Header.Get("Content-Type"); kind != "application/json" {
			t.Errorf("Accept %s is answered with %s", accept, kind)
		}
	}
}

// TestTheRequestStaysAsItIs checks that the handler does not change the request.
func TestTheRequestStaysAsItIs(t *testing.T) {
	t.Parallel()
	w := apitest.New(nil, []api.Op{filter(&api.Product{Product: problemtest.Product, Scheme: api.Bearer, Lists: true})})
	const target = "/things?ids=b&ids=a&name="
	req := request(t, target)
	w.Handler(t).ServeHTTP(discard(), req)
	if got := req.URL.String(); got != target {
		t.Errorf("the request became %s", got)
	}
}

// TestMergePatchIsDocumented checks that a PATCH takes and documents both media types, and
// that a PUT documents JSON alone.
func TestMergePatchIsDocumented(t *testing.T) {
	t.Parallel()
	doc := bodies(t, sheet(product, fine), sheet(keyed(), fine, func(s *api.Spec) { s.Method = "PATCH" }))
	want := map[string][]string{"put": {"application/json"}, "patch": {"application/json", "application/merge-patch+json"}}
	if diff := cmp.Diff(want, doc); diff != "" {
		t.Errorf("media types (-want +got):\n%s", diff)
	}
	w := apitest.New(nil, []api.Op{sheet(product, fine, func(s *api.Spec) { s.Method = "PATCH" })})
	for kind, status := range map[string]int{
		"application/json": 204, "application/merge-patch+json": 204,
		"application/merge-patch+json; charset=utf-8": 204, "APPLICATION/MERGE-PATCH+JSON": 204,
		"application/merge-patch": 415, "text/plain": 415,
	} {
		if res := w.Call(t, me, "PATCH", "/sheets/ok", `{"size":1}`, "Content-Type", kind); res.Status != status {
			t.Errorf("%s = %d, want %d", kind, res.Status, status)
		}
		if res := w.Call(t, me, "PATCH", "/sheets/ok", `{"size":11}`, "Content-Type", kind); res.Status != max(status, 400) && res.Status != 415 {
			t.Errorf("%s with a bad size = %d", kind, res.Status)
		}
	}
}

func request(t *testing.T, target string) *http.Request {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), "GET", target, http.NoBody)
	return req.WithContext(api.WithIdentity(req.Context(), *me))
}

func discard() http.ResponseWriter { return httptest.NewRecorder() }

// bodies returns the media types of the documented bodies by method.
func bodies(t *testing.T, ops ...api.Op) map[string][]string {
	t.Helper()
	h, err := api.NewHandler(apitest.New(nil, ops).Deps(), ops...)
	if err != nil {
		t.Fatal(err)
	}
	text, err := h.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Paths map[string]map[string]struct {
			RequestBody struct{ Content map[string]any }
		}
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	found := map[string][]string{}
	for _, item := range doc.Paths {
		for method, op := range item {
			found[method] = slices.Sorted(maps.Keys(op.RequestBody.Content))
		}
	}
	return found
}
