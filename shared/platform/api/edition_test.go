package api_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/problemtest"
)

// published is a product with a closed edition that answers nothing with 204, and an open
// one.
func published() *api.Product {
	rename := func(name string) string { return "OLD_" + name }
	return &api.Product{Product: problemtest.Product, Scheme: api.Bearer, Editions: []api.Edition{
		{Name: "v3", Base: "/v3", Closed: true, Strict: true},
		{Name: "v2", Base: "/v2", Closed: true, Strict: true, NoContent: true, Code: rename},
		{},
	}}
}

type member struct {
	Name  string `json:"name"`
	Extra string `json:"extra,omitempty" edition:"ciclo"`
	Old   string `json:"old,omitempty" edition:"v2"`
}

type editionInput struct{}

type editionOutput struct {
	Body struct {
		One  *member  `json:"one,omitempty"`
		Many []member `json:"many"`
	}
}

// edited answers members of every edition, or err.
func edited(p *api.Product, err error, without ...string) api.Op {
	return api.Operation[struct{}, editionInput, editionOutput]{
		Spec: func() api.Spec {
			return api.Spec{
				ID: "sheet/get", Method: http.MethodGet, Path: "/sheets", Product: p, Public: true, Status: http.StatusOK, Without: without,
			}
		},
		Open: func(api.Deps) (*struct{}, error) { return &struct{}{}, nil },
		Run: func(*struct{}, context.Context, *editionInput) (*editionOutput, error) {
			if err != nil {
				return nil, err
			}
			all := member{Name: "a", Extra: "b", Old: "c"}
			out := &editionOutput{}
			out.Body.One = &all
			out.Body.Many = []member{all}
			return out, nil
		},
	}
}

func editions(t *testing.T, op api.Op, base, prefer string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(api.WithBase(t.Context(), base), http.MethodGet, "/sheets", http.NoBody)
	if prefer != "" {
		r.Header.Set("Prefer", prefer)
	}
	rec := httptest.NewRecorder()
	apitest.New(nil, []api.Op{op}).Handler(t).ServeHTTP(rec, r)
	return rec
}

// TestMembersOfEditions checks that an answer has the members of the edition that the
// request asks for.
func TestMembersOfEditions(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ base, prefer, want, applied string }{
		{"", "", `{"name":"a","extra":"b"}`, ""},
		{"/other", "", `{"name":"a","extra":"b"}`, ""},
		{"/v3", "", `{"name":"a"}`, ""},
		{"/prod/v3", "", `{"name":"a"}`, ""},
		{"/v3", "respond-async", `{"name":"a"}`, ""},
		{"/v3", "respond-async, CICLO-Extensions; x=1", `{"name":"a","extra":"b"}`, api.Preference},
		{"", api.Preference, `{"name":"a","extra":"b"}`, ""},
		{"/v2", "", `{"name":"a","old":"c"}`, ""},
	} {
		rec := editions(t, edited(published(), nil), tc.base, tc.prefer)
		want := `{"one":` + tc.want + `,"many":[` + tc.want + `]}`
		if got := strings.TrimSpace(rec.Body.String()); got != want || rec.Header().Get("Preference-Applied") != tc.applied {
			t.Errorf("%s, Prefer %q: %s, applied %q, want %s", tc.base, tc.prefer, got, rec.Header().Get("Preference-Applied"), want)
		}
	}
}

// TestRefusalsOfEditions checks the codes and members of a refusal, and that no edition
// loses what is allowed.
func TestRefusalsOfEditions(t *testing.T) {
	t.Parallel()
	refused := problem.Allowing(problem.New(problemtest.Product.Forbidden, "No."), "OPEN", []string{"close", "lock"}, "")
	name := problemtest.Product.Forbidden.Name
	for base, want := range map[string]string{"": name, "/v3": name, "/v2": "OLD_" + name} {
		body := editions(t, edited(published(), refused), base, "").Body.String()
		closed := base != ""
		if !strings.Contains(body, `"`+want+`"`) || strings.Contains(body, "allowedActions") == closed ||
			strings.Contains(body, "Allowed: close, lock.") != closed {
			t.Errorf("%q: %s", base, body)
		}
	}
	for base, want := range map[string]int{"": http.StatusUnsupportedMediaType, "/v3": http.StatusBadRequest} {
		if rec := editions(t, edited(published(), problem.New(problemtest.Product.Media, "No.")), base, ""); rec.Code != want {
			t.Errorf("%q: a body of another type = %d, want %d", base, rec.Code, want)
		}
	}
	if refused.State == "" || refused.Code.Name != name {
		t.Errorf("the problem was changed: %+v", refused)
	}
}

// TestOperationsOfEditions checks that an edition which lacks an operation answers as for an
// unknown path.
func TestOperationsOfEditions(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]int{"": http.StatusOK, "/v3": http.StatusOK, "/v2": problemtest.Product.NoRoute.Status} {
		if rec := editions(t, edited(published(), nil, "v2"), base, ""); rec.Code != want {
			t.Errorf("%q: %d, want %d", base, rec.Code, want)
		}
	}
}

type emptyOutput struct {
	Status int
	Body   struct{}
}

func (o *emptyOutput) SetStatus(status int) { o.Status = status }

// TestEmptyAnswersOfEditions checks that an answer without content is 204 in an edition
// that has it so, and the object without members in the others.
func TestEmptyAnswersOfEditions(t *testing.T) {
	t.Parallel()
	op := api.Operation[struct{}, editionInput, emptyOutput]{
		Spec: func() api.Spec {
			return api.Spec{
				ID: "sheet/delete", Method: http.MethodGet, Path: "/sheets", Product: published(), Public: true, Status: http.StatusOK,
			}
		},
		Open: func(api.Deps) (*struct{}, error) { return &struct{}{}, nil },
		Run:  func(*struct{}, context.Context, *editionInput) (*emptyOutput, error) { return &emptyOutput{}, nil },
	}
	for base, want := range map[string]string{"": "200 {}", "/v3": "200 {}", "/v2": "204 "} {
		rec := editions(t, op, base, "")
		if got := strconv.Itoa(rec.Code) + " " + strings.TrimSpace(rec.Body.String()); got != want {
			t.Errorf("%q: %s, want %s", base, got, want)
		}
	}
}
