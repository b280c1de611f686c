package api_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/blob"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/seal"
	"ciclo/shared/platform/sign"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/problemtest"
)

// sheetInput is an input with every part that can be malformed.
type sheetInput struct {
	ID string `path:"id" pattern:"^[a-z]{1,5}$"`
	api.Correlated
	Body *struct {
		Size int `json:"size,omitempty" maximum:"10"`
	}
}

// sheet returns an operation of p at PUT <Base>/sheets/{id}, with the changes of a test.
func sheet(p *api.Product, run func(context.Context, *sheetInput) error, changes ...func(*api.Spec)) api.Op {
	spec := api.Spec{
		ID: "sheet/put" + dashed(p), Method: "PUT", Path: p.Base + "/sheets/{id}", Tag: "Sheets", Product: p,
		Scopes: []string{"full"}, Status: http.StatusNoContent,
	}
	for _, change := range changes {
		change(&spec)
	}
	return api.Operation[store, sheetInput, struct{}]{
		Spec: func() api.Spec {
			return spec
		}, Open: func(d api.Deps) (*store, error) { return &store{d}, nil },
		Run: func(_ *store, ctx context.Context, in *sheetInput) (*struct{}, error) {
			return &struct{}{}, run(ctx, in)
		},
	}
}

// dashed makes ids of two products' operations differ.
func dashed(p *api.Product) string { return strings.ReplaceAll(p.Base, "/", "-") }

func fine(context.Context, *sheetInput) error { return nil }

func public(s *api.Spec) { s.Public = true }

// keyed returns a product like services, below /manage.
func keyed() *api.Product {
	return &api.Product{Product: problemtest.Product, Base: "/manage", Scheme: api.SubscriptionKey}
}

// unread is a body that must not be read.
type unread struct{ testing.TB }

func (u unread) Read([]byte) (int, error) {
	u.Error("the body was read")
	return 0, io.EOF
}

func TestEnterComesBeforeEverything(t *testing.T) {
	t.Parallel()
	var entered []string
	p := keyed()
	p.Enter = func(s api.Spec, id api.Identity) *problem.Problem {
		entered = append(entered, s.ID+" of "+id.Subject)
		p := problem.New(problemtest.Forbidden, "Not allowed.")
		p.RetryAfter = 7
		return p
	}
	p.Pass = func(context.Context, api.Spec, api.Identity, any) *problem.Problem {
		t.Error("Pass was called for a caller that Enter refused")
		return nil
	}
	w := apitest.New(nil, []api.Op{sheet(p, func(context.Context, *sheetInput) error {
		t.Error("the operation ran")
		return nil
	})})
	for name, send := range map[string]func() apitest.Response{
		"valid":     func() apitest.Response { return w.Call(t, me, "PUT", "/manage/sheets/a", `{"size":1}`) },
		"malformed": func() apitest.Response { return w.Call(t, me, "PUT", "/manage/sheets/a", `{"size":`) },
		"another media": func() apitest.Response {
			return w.Call(t, me, "PUT", "/manage/sheets/a", "<x/>", "Content-Type", "text/xml")
		},
		"bad parameter": func() apitest.Response { return w.Call(t, me, "PUT", "/manage/sheets/A1", `{}`) },
		"bad header": func() apitest.Response {
			return w.Call(t, me, "PUT", "/manage/sheets/a", `{}`, "x-correlation-id", "é")
		},
		"oversized body": func() apitest.Response {
			return w.Call(t, me, "PUT", "/manage/sheets/a", strings.Repeat(" ", api.MaxBodyBytes+1))
		},
		"unread body": func() apitest.Response {
			rec := httptest.NewRecorder()
			req := httptest.NewRequestWithContext(api.WithIdentity(t.Context(), *me), "PUT", "/manage/sheets/a", unread{t})
			w.Handler(t).ServeHTTP(rec, req)
			return apitest.Response{Status: rec.Code, Header: rec.Header(), Raw: rec.Body.String()}
		},
	} {
		entered = nil
		res := send()
		forbidden := res.Status == http.StatusForbidden && strings.Contains(res.Raw, "urn:ciclo:problem:FORBIDDEN")
		if !forbidden || res.Header.Get("Retry-After") != "7" {
			t.Errorf("%s = %d %s, want 403", name, res.Status, res.Raw)
		}
		if want := []string{"sheet/put-manage of me"}; !slices.Equal(entered, want) {
			t.Errorf("%s: Enter was called for %v, want %v", name, entered, want)
		}
	}
}

// TestEnterAndPass sends requests to a product that allows them.
func TestEnterAndPass(t *testing.T) {
	t.Parallel()
	var steps []string
	p := keyed()
	p.Enter = func(api.Spec, api.Identity) *problem.Problem {
		steps = append(steps, "enter")
		return nil
	}
	p.Pass = func(_ context.Context, s api.Spec, id api.Identity, in any) *problem.Problem {
		steps = append(steps, fmt.Sprint("pass ", s.ID, " ", id.Subject, " ", in.(*sheetInput).ID))
		if in.(*sheetInput).ID == "no" {
			return problem.New(s.Product.Forbidden, "Not this one.")
		}
		return nil
	}
	run := func(context.Context, *sheetInput) error {
		steps = append(steps, "run")
		return nil
	}
	for _, tc := range []struct {
		name    string
		as      *api.Identity
		id      string
		body    string
		changes []func(*api.Spec)
		want    string
	}{
		{"valid", me, "a", `{"size":1}`, nil, "204 [enter pass sheet/put-manage me a run]"},
		{"refused by Pass", me, "no", `{"size":1}`, nil, "403 [enter pass sheet/put-manage me no]"},
		{"malformed body", me, "no", `{"size":`, nil, "400 [enter]"},
		{"value out of bounds", me, "no", `{"size":11}`, nil, "400 [enter]"},
		{"bad parameter", me, "A1", `{}`, nil, "400 [enter]"},
		{"no credential", nil, "a", `{"size":`, nil, "401 []"},
		{"public, no credential", nil, "no", `{}`, []func(*api.Spec){public}, "204 [run]"},
		{"public, a caller", me, "no", `{}`, []func(*api.Spec){public}, "204 [run]"},
		{"public, malformed", nil, "a", `{"size":`, []func(*api.Spec){public}, "400 []"},
	} {
		steps = nil
		w := apitest.New(nil, []api.Op{sheet(p, run, tc.changes...)})
		res := w.Call(t, tc.as, "PUT", "/manage/sheets/"+tc.id, tc.body)
		if got := fmt.Sprint(res.Status, " ", steps); got != tc.want {
			t.Errorf("%s: %s, want %s\n%s", tc.name, got, tc.want, res.Raw)
		}
	}
}

func TestUnauthorizedNamesTheScheme(t *testing.T) {
	t.Parallel()
	w := apitest.New(nil, []api.Op{sheet(product, fine), sheet(keyed(), fine)})
	for path, want := range map[string]struct{ challenge, kind, detail string }{
		"/sheets/a":        {"Bearer", "urn:ciclo:problem:UNAUTHORIZED", "Send a valid access token as Authorization: Bearer <token>."},
		"/manage/sheets/a": {"Subscription-Key", "urn:ciclo:problem:UNAUTHORIZED", "Send a valid key as Ocp-Apim-Subscription-Key."},
	} {
		res := w.Call(t, nil, "PUT", path, "")
		challenge := res.Header.Get("WWW-Authenticate")
		described := res.Text("type") == want.kind && res.Text("detail") == want.detail
		if res.Status != http.StatusUnauthorized || challenge != want.challenge || !described {
			t.Errorf("PUT %s = %d, WWW-Authenticate %q, %s; want %+v", path, res.Status, challenge, res.Raw, want)
		}
		if res := w.Call(t, me, "PUT", path, ""); res.Header.Get("WWW-Authenticate") != "" {
			t.Errorf("PUT %s with a credential has WWW-Authenticate: %d", path, res.Status)
		}
	}
}

func TestMaxBody(t *testing.T) {
	t.Parallel()
	const small = 64
	limited := func(n int) *apitest.World {
		return apitest.New(nil, []api.Op{sheet(keyed(), fine, func(s *api.Spec) { s.MaxBody = n })})
	}
	// A body of n bytes.
	sized := func(n int) string { return `{"size":1` + strings.Repeat(" ", n-len(`{"size":1}`)) + `}` }
	for _, tc := range []struct{ limit, bytes, want int }{
		{small, small - 1, 204},
		{small, small, 204},
		{small, small + 1, 413},
		{small, api.MaxBodyBytes, 413},
		{0, api.MaxBodyBytes, 204},
		{0, api.MaxBodyBytes + 1, 413},
		{2 * api.MaxBodyBytes, 2 * api.MaxBodyBytes, 204},
		{2 * api.MaxBodyBytes, 2*api.MaxBodyBytes + 1, 413},
	} {
		res := limited(tc.limit).Call(t, me, "PUT", "/manage/sheets/a", sized(tc.bytes))
		if res.Status != tc.want {
			t.Errorf("%d bytes of %d = %d, want %d\n%s", tc.bytes, tc.limit, res.Status, tc.want, res.Raw)
		}
		if tc.want == http.StatusRequestEntityTooLarge && res.Text("type") != "urn:ciclo:problem:TOO_LARGE" {
			t.Errorf("%d bytes of %d: %s", tc.bytes, tc.limit, res.Raw)
		}
	}
	res := limited(small).Call(t, me, "PUT", "/manage/sheets/a", sized(small+1))
	if !strings.Contains(res.Text("detail"), "64 bytes") {
		t.Errorf("the detail has no limit: %s", res.Raw)
	}
}

func TestMediaTypes(t *testing.T) {
	t.Parallel()
	lenient := keyed()
	lenient.AnyMedia = true
	for kind, strict := range map[string]int{
		"application/json": 204, "": 204, "text/plain": 415, "application/x-www-form-urlencoded": 415,
		"multipart/form-data; boundary=x": 415, "application/octet-stream": 415, "image/png": 415,
		"garbage": 415, "a/b/c": 415, "application/json; charset": 204,
	} {
		for p, want := range map[*api.Product]int{lenient: 204, keyed(): strict} {
			w := apitest.New(nil, []api.Op{sheet(p, func(_ context.Context, in *sheetInput) error {
				if in.Body == nil || in.Body.Size != 3 {
					return errors.New("the body was not read as JSON")
				}
				return nil
			})})
			if res := w.Call(t, me, "PUT", "/manage/sheets/a", `{"size":3}`, "Content-Type", kind); res.Status != want {
				t.Errorf("AnyMedia %v, Content-Type %q = %d, want %d\n%s", p.AnyMedia, kind, res.Status, want, res.Raw)
			}
			if res := w.Call(t, me, "PUT", "/manage/sheets/a", `{"size":11}`, "Content-Type", kind); want == 204 && res.Status != 400 {
				t.Errorf("AnyMedia %v, Content-Type %q: a value out of bounds = %d", p.AnyMedia, kind, res.Status)
			}
		}
	}
}

func TestInputNamesTheBody(t *testing.T) {
	t.Parallel()
	missing := func(context.Context, *sheetInput) error { return problem.New(problemtest.NotFound, "No.") }
	quoted := func(s *api.Spec) { s.Input = "SheetPayload" }
	for _, tc := range []struct {
		name, body, want string
		changes          []func(*api.Spec)
	}{
		{"out of bounds", `{"size":11}`, "400 Invalid SheetPayload", []func(*api.Spec){quoted}},
		{"malformed", `{"size":`, "400 Invalid SheetPayload", []func(*api.Spec){quoted}},
		{"without a name", `{"size":11}`, "400 A field has a value that is not allowed.", nil},
		{"too large", strings.Repeat(" ", api.MaxBodyBytes+1), "413 The request body is too large.", []func(*api.Spec){quoted}},
		{"of the operation", `{}`, "404 The item does not exist.", []func(*api.Spec){quoted}},
	} {
		w := apitest.New(nil, []api.Op{sheet(keyed(), missing, tc.changes...)})
		res := w.Call(t, me, "PUT", "/manage/sheets/a", tc.body)
		if got := fmt.Sprint(res.Status, " ", res.Text("title")); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
}

func TestStoresOutOfReach(t *testing.T) {
	t.Parallel()
	for _, cause := range []error{blob.ErrUnavailable, seal.ErrUnavailable, sign.ErrUnavailable} {
		w := apitest.New(nil, []api.Op{sheet(keyed(), func(context.Context, *sheetInput) error {
			return fmt.Errorf("secret address: %w", cause)
		})})
		res := w.Call(t, me, "PUT", "/manage/sheets/a", "")
		if res.Status != http.StatusServiceUnavailable || res.Header.Get("Retry-After") != "1" || strings.Contains(res.Raw, "secret") {
			t.Errorf("%v = %d, Retry-After %q, %s", cause, res.Status, res.Header.Get("Retry-After"), res.Raw)
		}
		if line := w.Log.Lines(t)[0]; !strings.Contains(fmt.Sprint(line["cause"]), "secret address") {
			t.Errorf("%v is not logged: %v", cause, line)
		}
	}
	for _, cause := range []error{seal.ErrDamaged, sign.ErrMismatch} {
		w := apitest.New(nil, []api.Op{sheet(keyed(), func(context.Context, *sheetInput) error { return cause })})
		if res := w.Call(t, me, "PUT", "/manage/sheets/a", ""); res.Status != 500 || res.Header.Get("Retry-After") != "" {
			t.Errorf("%v, which a repeat cannot clear = %d, Retry-After %q", cause, res.Status, res.Header.Get("Retry-After"))
		}
	}
}
