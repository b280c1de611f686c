package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ciclo/cmd/internal/catalog"
	"ciclo/shared/platform/api"
)

var parameterName = regexp.MustCompile(`\{[^}]+\}`)

// misspelt are ways to write the path of an operation that no operation has.
func misspelt(path string) []string {
	some := parameterName.ReplaceAllString(path, "5f8d7a10-0000-4000-8000-000000000005")
	all := []string{"/v4" + some, strings.ToUpper(some[:3]) + some[3:]}
	segments := strings.Split(some, "/")
	for i, segment := range strings.Split(path, "/") {
		var typos []string
		switch {
		case i == 0, i+1 == len(segments) && strings.HasPrefix(segment, "{"):
		case strings.HasPrefix(segment, "{"):
			typos = []string{""} // an id that a script lost
		case len(segment) >= 4:
			typos = []string{segment[1:], segment[:len(segment)-1], segment + "s", segment[:1] + "x" + segment[2:]}
		}
		for _, typo := range typos {
			wrong := slices.Clone(segments)
			wrong[i] = typo
			all = append(all, strings.Join(wrong, "/"))
		}
	}
	return all
}

// TestMisspeltPaths sends the paths of all operations with mistakes. Each is answered
// 404 in the shape of the operation's product, with the operation's path and where all
// of them are described.
func TestMisspeltPaths(t *testing.T) {
	t.Parallel()
	box, err := newSandbox(embedded(t), "http://localhost:3000", nothing, quiet())
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, op := range catalog.Operations() {
		paths = append(paths, parameterName.ReplaceAllString(op.Describe().Path, "[^/]+"))
	}
	right := regexp.MustCompile("^(" + strings.Join(paths, "|") + ")$")
	for _, op := range catalog.Operations() {
		spec := op.Describe()
		for _, wrong := range misspelt(spec.Path) {
			if right.MatchString(wrong) {
				continue
			}
			rec := httptest.NewRecorder()
			box.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), spec.Method, "http://localhost:3000"+wrong, http.NoBody))
			checkNearest(t, spec, wrong, rec)
		}
	}
}

func checkNearest(t *testing.T, spec api.Spec, wrong string, rec *httptest.ResponseRecorder) {
	t.Helper()
	var answer map[string]any
	if err := json.Unmarshal(rec.Body.Bytes(), &answer); err != nil || rec.Code != http.StatusNotFound {
		t.Errorf("%s %s = %d %s", spec.Method, wrong, rec.Code, rec.Body)
		return
	}
	detail, _ := answer["detail"].(string)
	if !strings.Contains(detail, " "+spec.Path+" (") || !strings.Contains(detail, spec.Method) || !strings.Contains(detail, "/docs") {
		t.Errorf("%s %s, meant as %s: %s", spec.Method, wrong, spec.Path, detail)
	}
	if strings.Contains(wrong, "//") != strings.Contains(detail, "empty segment") {
		t.Errorf("%s %s: %s", spec.Method, wrong, detail)
	}
	shape := "type title status detail correlationId"
	switch spec.Product.Name {
	case "consumers":
		shape += " errorCode error"
	case "interop", "authorization":
		shape += " errors"
	}
	for member := range strings.FieldsSeq(shape) {
		if answer[member] == nil {
			t.Errorf("%s %s lacks %s: %s", spec.Method, wrong, member, rec.Body)
		}
		delete(answer, member)
	}
	if len(answer) > 0 {
		t.Errorf("%s %s has more than its product's members: %v", spec.Method, wrong, answer)
	}
}

// TestNoRedirects: API Gateway does not redirect, whatever the path.
func TestNoRedirects(t *testing.T) {
	t.Parallel()
	box, err := newSandbox(embedded(t), "http://localhost:3000", nothing, quiet())
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{
		"//", "//eservices", "/eservices//", "/eservices/../clients", "/./eservices",
		"/docs//index.html", "/_local//health", "/api/v1/manage//services",
	} {
		for _, method := range []string{"GET", "POST", "DELETE"} {
			rec := httptest.NewRecorder()
			r := httptest.NewRequestWithContext(t.Context(), method, "http://localhost:3000"+path, http.NoBody)
			box.ServeHTTP(rec, r)
			if rec.Code != http.StatusNotFound || !strings.Contains(rec.Body.String(), "nearest path") {
				t.Errorf("%s %s = %d %s", method, path, rec.Code, rec.Body)
			}
		}
	}
	rec := httptest.NewRecorder()
	box.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), "GET", "http://localhost:3000/docs", http.NoBody))
	if rec.Code != http.StatusFound {
		t.Errorf("GET /docs = %d", rec.Code)
	}
}

// TestMethodsOfPaths asks every path for its methods: the answer has those that the
// path itself has, and no other path that matches it as well.
func TestMethodsOfPaths(t *testing.T) {
	t.Parallel()
	box, err := newSandbox(embedded(t), "http://localhost:3000", nothing, quiet())
	if err != nil {
		t.Fatal(err)
	}
	methods := map[string][]string{}
	for _, op := range catalog.Operations() {
		spec := op.Describe()
		methods[spec.Path] = append(methods[spec.Path], spec.Method)
	}
	for path, want := range methods {
		some := parameterName.ReplaceAllString(path, "5f8d7a10-0000-4000-8000-000000000005")
		rec := ask(t, box, http.MethodOptions, some, "")
		got := strings.Split(rec.Header().Get("Allow"), ", ")
		slices.Sort(got)
		slices.Sort(want)
		if rec.Code != http.StatusMethodNotAllowed || !slices.Equal(got, want) {
			t.Errorf("OPTIONS %s = %d, Allow %s; want %s", path, rec.Code, got, want)
		}
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
			if slices.Contains(want, method) {
				continue
			}
			if rec := ask(t, box, method, some, ""); rec.Code != http.StatusMethodNotAllowed {
				t.Errorf("%s %s = %d, want 405", method, path, rec.Code)
			}
		}
	}
}
