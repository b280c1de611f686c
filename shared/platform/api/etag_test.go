package api_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/problemtest"
)

type matchedInput struct {
	api.Correlated
	api.Matched
}

// versioned returns an operation that changes version 3 of a thing.
func versioned(p *api.Product) api.Op {
	return api.Operation[store, matchedInput, struct{}]{
		Spec: func() api.Spec {
			return api.Spec{
				ID: "thing/change" + dashed(p), Method: "DELETE", Path: p.Base + "/thing", Tag: "Things", Product: p,
				Scopes: []string{"full"}, Status: http.StatusNoContent,
			}
		},
		Open: func(d api.Deps) (*store, error) { return &store{d}, nil },
		Run: func(_ *store, _ context.Context, in *matchedInput) (*struct{}, error) {
			if !in.Matches(3) {
				p := problem.New(problemtest.NotInVersion, "It has another version.")
				p.Version = 3
				return nil, p
			}
			return &struct{}{}, nil
		},
	}
}

func TestIfMatch(t *testing.T) {
	t.Parallel()
	w := apitest.New(nil, []api.Op{versioned(keyed())})
	for sent, want := range map[string]int{
		"*": 204, " * ": 204, `"3"`: 204, ` "3" `: 204, `"1","3"`: 204, `"3", "4"`: 204, "\"1\" ,\t\"3\" ,\"4\"": 204,
		`"x","3"`: 204, `"a,b","3"`: 204, `W/"1", "3"`: 204, `"3",`: 204, `,, "3"`: 204,
		// Another version, or none that we give out.
		`"2"`: 412, `"33"`: 412, `"-3"`: 412, `"x"`: 412, `""`: 412, `"1","2"`: 412, `"99999999999999999999"`: 412,
		`"03"`: 412, `"+3"`: 412, `"3.0"`: 412, `"0x3"`: 412, `"*"`: 412, `"1,3"`: 412, `"é"`: 412,
		// A weak one matches nothing.
		`W/"3"`: 412, `W/"3", W/"3"`: 412,
		// No entity tags.
		"": 400, " ": 400, ",": 400, "3": 400,
		`"3`: 400, `3"`: 400, `"`: 400, `'3'`: 400,
		`W/`: 400, `W/3`: 400, `W/"`: 400, `w/"3"`: 400, `W/W/"3"`: 400,
		`"3" "4"`: 400, `"3""4"`: 400, `""3""`: 400, `"3""`: 400, `*, "3"`: 400, `"3", *`: 400,
		`"3", 4`: 400, "**": 400, `"3 "`: 400, `" 3"`: 400,
		`"` + strings.Repeat("3", 300) + `"`: 400,
	} {
		res := w.Call(t, me, "DELETE", "/manage/thing", "", "If-Match", sent)
		if res.Status != want {
			t.Errorf("If-Match: %s = %d, want %d\n%s", sent, res.Status, want, res.Raw)
		}
		fields, _ := res.Body["errors"].([]any)
		if want == 400 && (len(fields) != 1 || fields[0].(map[string]any)["field"] != "header.If-Match") {
			t.Errorf("If-Match: %s names %v, want header.If-Match", sent, fields)
		}
		if tag := res.Header.Get("ETag"); (tag == `"3"`) != (want == 412) {
			t.Errorf("If-Match: %s: %d with ETag %q", sent, res.Status, tag)
		}
	}
	if res := w.Call(t, me, "DELETE", "/manage/thing", ""); res.Status != 204 {
		t.Errorf("without If-Match = %d", res.Status)
	}
}

// TestIfMatchInSeveralLines checks that several headers are one list (RFC 9110 §5.3).
func TestIfMatchInSeveralLines(t *testing.T) {
	t.Parallel()
	w := apitest.New(nil, []api.Op{versioned(keyed())})
	for _, tc := range []struct {
		lines []string
		want  int
	}{
		{[]string{`"1"`, `"3"`}, 204},
		{[]string{`"3"`, `"1"`}, 204},
		{[]string{`"1"`, `"2"`}, 412},
		{[]string{`"3"`, ""}, 204},
		{[]string{`"3"`, "*"}, 400},
		{[]string{"*", "*"}, 400},
	} {
		req := httptest.NewRequestWithContext(api.WithIdentity(t.Context(), *me), "DELETE", "/manage/thing", http.NoBody)
		req.Header["If-Match"] = tc.lines
		rec := httptest.NewRecorder()
		if w.Handler(t).ServeHTTP(rec, req); rec.Code != tc.want {
			t.Errorf("If-Match: %q = %d, want %d", tc.lines, rec.Code, tc.want)
		}
	}
}

func TestETagIsTheVersion(t *testing.T) {
	t.Parallel()
	for version, want := range map[int64]string{1: `"1"`, 42: `"42"`, 1 << 62: `"4611686018427387904"`} {
		if got := api.ETag(version); got != want {
			t.Errorf("ETag(%d) = %s, want %s", version, got, want)
		}
	}
}

// TestProblemHasTheVersion checks that a 412 has the current version in the ETag, and in the
// body.
func TestProblemHasTheVersion(t *testing.T) {
	t.Parallel()
	w := apitest.New(nil, []api.Op{versioned(keyed()), versioned(product)})
	for path, version := range map[string]any{"/manage/thing": 3.0, "/thing": 3.0} {
		res := w.Call(t, me, "DELETE", path, "", "If-Match", `"2"`)
		if got := fmt.Sprint(res.Status, " ", res.Header.Get("ETag"), " ", res.Body["version"]); got != fmt.Sprint(`412 "3" `, version) {
			t.Errorf("DELETE %s = %s\n%s", path, got, res.Raw)
		}
	}
}
