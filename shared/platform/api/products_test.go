package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/problemtest"
)

// together returns operations of three products. The paths of one are below another's.
func together() []api.Op {
	fail := func(_ context.Context, in *sheetInput) error { return outcomes[in.ID]() }
	inner := keyed()
	inner.Base = "/manage/inner"
	inner.Product = styled("inner")
	return []api.Op{sheet(product, fail), sheet(keyed(), fail), sheet(inner, fail)}
}

// styled returns a product with error bodies of its own.
func styled(name string) *problem.Product {
	p := *problemtest.Product
	p.Body = func(p *problem.Problem, _ string) any {
		return struct {
			Type string `json:"type"`
		}{name + ":" + p.Code.Name}
	}
	return &p
}

// TestProductsShareAHandler checks that errors outside of an operation have the form of the
// product with the longest matching base path, in any order of mounting.
func TestProductsShareAHandler(t *testing.T) {
	t.Parallel()
	for order, change := range map[string]func([]api.Op){"as is": func([]api.Op) {}, "reversed": slices.Reverse[[]api.Op]} {
		mounted := together()
		change(mounted)
		w := apitest.New(nil, mounted)
		for _, tc := range []struct{ method, path, want string }{
			{"GET", "/nothing", "404 urn:ciclo:problem:NO_ROUTE"},
			{"GET", "/", "404 urn:ciclo:problem:NO_ROUTE"},
			{"GET", "/manage/nothing", "404 urn:ciclo:problem:NO_ROUTE"},
			{"GET", "/manage/../nothing", "404 urn:ciclo:problem:NO_ROUTE"},
			{"GET", "/manage/inner/nothing", "404 inner:NO_ROUTE"},
			{"GET", "/sheets/ok", "405 urn:ciclo:problem:NO_METHOD errorCode"},
			{"GET", "/manage/sheets/ok", "405 urn:ciclo:problem:NO_METHOD"},
			{"HEAD", "/manage/sheets/ok", "405 urn:ciclo:problem:NO_METHOD"},
			{"GET", "/manage/inner/sheets/ok", "405 inner:NO_METHOD"},
			{"PUT", "/sheets/panic", "500 urn:ciclo:problem:INTERNAL errorCode"},
			{"PUT", "/manage/sheets/panic", "500 urn:ciclo:problem:INTERNAL"},
			{"PUT", "/manage/inner/sheets/panic", "500 inner:INTERNAL"},
			{"PUT", "/manage/sheets/A1", "400 urn:ciclo:problem:INVALID_FORMAT"},
			{"PUT", "/manage/inner/sheets/A1", "400 inner:INVALID_FORMAT"},
			{"PUT", "/manage/sheets/ok", "204 "},
		} {
			res := w.Call(t, me, tc.method, tc.path, "")
			got := fmt.Sprint(res.Status, " ", res.Text("type"))
			if strings.HasSuffix(tc.want, "errorCode") && res.Text("errorCode") != "" {
				got += " errorCode" // both products have the code
			}
			if got != tc.want {
				t.Errorf("%s: %s %s = %s, want %s", order, tc.method, tc.path, got, tc.want)
			}
			if allow := res.Header.Get("Allow"); (allow == "PUT") != (res.Status == http.StatusMethodNotAllowed) {
				t.Errorf("%s: %s %s = %d with Allow %q", order, tc.method, tc.path, res.Status, allow)
			}
		}
	}
}

func TestRejectLooksLikeTheProduct(t *testing.T) {
	t.Parallel()
	mounted := together()
	for name, tc := range map[string]struct {
		ops        []api.Op
		path, want string
	}{
		"consumers":            {mounted, "/sheets/a", "urn:ciclo:problem:INVALID_FORMAT"},
		"services":             {mounted, "/manage/sheets/a", "urn:ciclo:problem:INVALID_FORMAT"},
		"inner":                {mounted, "/manage/inner", "inner:INVALID_FORMAT"},
		"unknown path":         {mounted, "/", "urn:ciclo:problem:INVALID_FORMAT"},
		"one product's":        {mounted[1:2], "/manage/sheets/a", "urn:ciclo:problem:INVALID_FORMAT"},
		"one product, no path": {mounted[1:2], "/", "urn:ciclo:problem:INVALID_FORMAT"},
	} {
		w := apitest.New(nil, tc.ops)
		rec := httptest.NewRecorder()
		w.Handler(t).(*api.Handler).Reject(rec, httptest.NewRequestWithContext(t.Context(), "PUT", tc.path, http.NoBody), "Not HTTP.")
		if rec.Code != http.StatusBadRequest || !strings.Contains(rec.Body.String(), `"`+tc.want+`"`) {
			t.Errorf("%s = %d %s, want %s", name, rec.Code, rec.Body, tc.want)
		}
	}
}

// TestOneProductAnswersEveryPath checks the answers to other paths than that of the only
// operation, which arrive only from a wrongly configured gateway.
func TestOneProductAnswersEveryPath(t *testing.T) {
	t.Parallel()
	w := apitest.New(nil, together()[1:2])
	for path, want := range map[string]string{
		"/nothing":          "404 urn:ciclo:problem:NO_ROUTE",
		"/manage":           "404 urn:ciclo:problem:NO_ROUTE",
		"/manage/sheets/ok": "405 urn:ciclo:problem:NO_METHOD",
	} {
		res := w.Call(t, me, "DELETE", path, "")
		if got := fmt.Sprint(res.Status, " ", res.Text("type")); got != want {
			t.Errorf("DELETE %s = %s, want %s", path, got, want)
		}
	}
}

// dropped is a response writer that panics the first time a status is sent, as if the
// client had gone.
type dropped struct {
	http.ResponseWriter
	once bool
}

func (d *dropped) WriteHeader(status int) {
	if !d.once {
		d.once = true
		panic("dropped")
	}
	d.ResponseWriter.WriteHeader(status)
}

// TestPanicOutsideAnOperation checks that a panic on an unknown path is logged like any
// other.
func TestPanicOutsideAnOperation(t *testing.T) {
	t.Parallel()
	w := apitest.New(nil, together())
	rec := httptest.NewRecorder()
	w.Handler(t).ServeHTTP(&dropped{ResponseWriter: rec}, httptest.NewRequestWithContext(t.Context(), "GET", "/manage/nothing", http.NoBody))
	if line := w.Log.Lines(t)[0]; line["cause"] != "panic: dropped" || line["problem"] != "INTERNAL" {
		t.Errorf("log line = %v", line)
	}
}

type pictureOutput struct {
	ContentType string `header:"Content-Type"`
	Body        []byte
}

// picture returns an operation that answers with bytes.
func picture(changes ...func(*api.Spec)) api.Op {
	spec := api.Spec{
		ID: "picture/get", Method: "GET", Path: "/manage/picture", Tag: "Pictures", Product: keyed(),
		Status: http.StatusOK, Produces: "image/png",
	}
	for _, change := range changes {
		change(&spec)
	}
	return api.Operation[store, struct{}, pictureOutput]{
		Spec: func() api.Spec {
			return spec
		}, Open: func(d api.Deps) (*store, error) { return &store{d}, nil },
		Run: func(*store, context.Context, *struct{}) (*pictureOutput, error) {
			return &pictureOutput{"image/png", []byte("\x89PNG\x00")}, nil
		},
	}
}

// document is the part of an OpenAPI document that the tests read.
type document struct {
	Paths map[string]map[string]struct {
		Security  []map[string][]string
		Scopes    []string `json:"x-scopes"`
		Responses map[string]struct {
			Content map[string]struct{ Schema map[string]any }
		}
	}
	Components struct {
		Schemas         map[string]struct{ Properties map[string]any }
		SecuritySchemes map[string]map[string]any
	}
}

// documented returns the OpenAPI document of ops.
func documented(t *testing.T, ops ...api.Op) document {
	t.Helper()
	var doc document
	h, err := api.NewHandler(apitest.New(nil, nil).Deps(), ops...)
	if err != nil {
		t.Fatal(err)
	}
	text, err := h.OpenAPI()
	if err == nil {
		err = json.Unmarshal(text, &doc)
	}
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestProduces(t *testing.T) {
	t.Parallel()
	w := apitest.New(nil, []api.Op{picture()})
	res := w.Call(t, me, "GET", "/manage/picture", "", "Accept", "application/json")
	if res.Status != 200 || res.Header.Get("Content-Type") != "image/png" || res.Raw != "\x89PNG\x00" {
		t.Errorf("answer = %d %s %q", res.Status, res.Header.Get("Content-Type"), res.Raw)
	}
	answers := documented(t, picture()).Paths["/manage/picture"]["get"].Responses
	ok := answers["200"].Content
	if len(ok) != 1 || ok["image/png"].Schema["type"] != "string" || ok["image/png"].Schema["format"] != "binary" {
		t.Errorf("documented for 200: %v", ok)
	}
	if _, json := answers["401"].Content["application/problem+json"]; !json {
		t.Errorf("documented for 401: %v", answers["401"])
	}
	if _, media := answers["415"]; media {
		t.Error("415 is documented for an operation without a body")
	}
}

func TestPublicIsDocumented(t *testing.T) {
	t.Parallel()
	forbidding := func(s *api.Spec) { s.Problems = []problem.Code{problemtest.Forbidden} }
	for _, p := range []*api.Product{product, keyed()} {
		for name, tc := range map[string]struct {
			changes []func(*api.Spec)
			refused bool
		}{
			"public":                       {[]func(*api.Spec){public}, false},
			"private":                      {nil, true},
			"public with a 403 of its own": {[]func(*api.Spec){public, forbidding}, false},
		} {
			doc := documented(t, sheet(p, fine, tc.changes...))
			checkDocumented(t, p, name, doc, tc.refused)
		}
	}
}

// checkDocumented checks that the document of an operation on sheets names a credential, its
// scopes and refusals if the operation needs a credential, and otherwise none of them.
func checkDocumented(t *testing.T, p *api.Product, name string, doc document, refused bool) {
	t.Helper()
	op := doc.Paths[p.Base+"/sheets/{id}"]["put"]
	if secured := len(op.Security) == 1 && op.Security[0][p.Scheme.Name] != nil; secured != refused || !refused && op.Security != nil {
		t.Errorf("%s %s: security %v", p.Name, name, op.Security)
	}
	if (len(op.Scopes) > 0) != refused {
		t.Errorf("%s %s: scopes %v", p.Name, name, op.Scopes)
	}
	_, unauthorized := op.Responses["401"]
	_, forbidden := op.Responses["403"]
	if unauthorized != refused || forbidden != (refused || strings.Contains(name, "403")) {
		t.Errorf("%s %s: 401 %v, 403 %v", p.Name, name, unauthorized, forbidden)
	}
	for _, status := range []string{"204", "400", "413", "415", "500", "503"} {
		if _, ok := op.Responses[status]; !ok {
			t.Errorf("%s %s: %s is not documented", p.Name, name, status)
		}
	}
	if _, known := doc.Components.SecuritySchemes[p.Scheme.Name]; known != refused || len(doc.Components.SecuritySchemes) > 1 {
		t.Errorf("%s %s: schemes %v", p.Name, name, doc.Components.SecuritySchemes)
	}
}

func TestSchemesOfAllProducts(t *testing.T) {
	t.Parallel()
	schemes := documented(t, together()...).Components.SecuritySchemes
	key := schemes["subscriptionKey"]
	if len(schemes) != 2 || schemes["bearer"]["scheme"] != "bearer" || key["in"] != "header" || key["name"] != "Ocp-Apim-Subscription-Key" {
		t.Errorf("schemes = %v", schemes)
	}
}
