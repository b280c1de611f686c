package catalog_test

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"testing"

	"ciclo/cmd/internal/catalog"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/host"
)

// routedHandler remembers the path that a function was asked for.
type routedHandler struct{ path string }

func (h *routedHandler) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	h.path = r.URL.EscapedPath()
}

func (h *routedHandler) Reject(http.ResponseWriter, *http.Request, string) { h.path = "rejected" }

// ask gives a function an event and returns the path that it sees.
func ask(t *testing.T, event map[string]any) string {
	t.Helper()
	seen := &routedHandler{}
	if err := answer(t.Context(), host.Proxy(seen), event); err != nil {
		t.Fatal(err)
	}
	return seen.path
}

// answer calls a function of Lambda with an event of its type.
func answer[E, R any](ctx context.Context, function func(context.Context, E) (R, error), event map[string]any) error {
	text, err := json.Marshal(event)
	if err != nil {
		return err
	}
	var e E
	if err := json.Unmarshal(text, &e); err != nil {
		return err
	}
	_, err = function(ctx, e)
	return err
}

// TestPathsOfTheGateway sends the event of every operation as API Gateway does below
// the base path of a custom domain, with the stage in the path, with a slash at the
// end, and from the console's test: the operation sees its own path each time.
func TestPathsOfTheGateway(t *testing.T) {
	t.Parallel()
	variants := map[string]func(path string) string{
		"as it is":             func(path string) string { return path },
		"base path":            func(path string) string { return "/banking/v1" + path },
		"base path of one":     func(path string) string { return "/v3" + path },
		"stage":                func(path string) string { return "/prod" + path },
		"slash at the end":     func(path string) string { return path + "/" },
		"base path and slash":  func(path string) string { return "/interop/v3" + path + "/" },
		"base path like route": func(path string) string { return path + path },
	}
	for _, op := range catalog.Operations() {
		spec := op.Describe()
		var event map[string]any
		readJSON(t, eventOf(t, spec.ID), &event)
		own, _ := event["path"].(string)
		for name, variant := range variants {
			sent := maps.Clone(event)
			sent["path"] = variant(own)
			if seen := ask(t, sent); seen != own {
				t.Errorf("%s, %s: the function sees %q, want %q", spec.ID, name, seen, own)
			}
		}
	}
}

// TestPathsOfOthers keeps a function from answering a path that is not its operation's.
func TestPathsOfOthers(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ resource, path, want string }{
		{"/agreements/{agreementId}", "/agreements", "/agreements"},
		{"/agreements/{agreementId}", "/purposes/1", "/purposes/1"},
		{"/agreements/{agreementId}/submit", "/agreements/1/approve", "/agreements/1/approve"},
		{"/agreements/{agreementId}", "/x/agreements/a/b", "/x/agreements/a/b"}, // a decoded slash in the id
		{
			"/issuers/{issuerId}/consumers/{consumerId}/operations:delete", "/banking/v1/issuers/A/consumers/b/operations%3Adelete",
			"/issuers/A/consumers/b/operations%3Adelete",
		},
		{"", "/v3/agreements/", "/v3/agreements/"},
		{"/agreements", "", "/"},
		{"/agreements", "//agreements", "/agreements"},
	} {
		seen := ask(t, map[string]any{"httpMethod": http.MethodGet, "resource": tc.resource, "path": tc.path})
		if seen != tc.want {
			t.Errorf("%s for %s: the function sees %q, want %q", tc.path, tc.resource, seen, tc.want)
		}
	}
}

// TestGatewayEventFiles checks the sample events of events/gateway: each is for a known
// operation, which answers it as it answers its own event's path.
func TestGatewayEventFiles(t *testing.T) {
	t.Parallel()
	known := map[string]api.Spec{}
	products := map[string]int{}
	for _, op := range catalog.Operations() {
		spec := op.Describe()
		known[spec.Method+" "+spec.Path] = spec
	}
	files := glob(t, "events/gateway/*.json", func(p string) string { return strings.TrimPrefix(p, root+"/") })
	for _, file := range files {
		var event map[string]any
		readJSON(t, file, &event)
		method, _ := event["httpMethod"].(string)
		want, _ := event["resource"].(string)
		spec, ok := known[method+" "+want]
		if !ok {
			t.Errorf("%s: no operation is %s %s", file, method, want)
			continue
		}
		products[spec.Product.Name]++
		parameters, _ := event["pathParameters"].(map[string]any)
		for name, value := range parameters {
			text, _ := value.(string)
			want = strings.ReplaceAll(want, "{"+name+"}", text)
		}
		if seen := ask(t, event); seen != want {
			t.Errorf("%s: the function sees %q, want %q", file, seen, want)
		}
	}
	for _, product := range []string{"consumers", "services", "interop"} {
		if products[product] != 3 {
			t.Errorf("events/gateway has %d events of %s, want a custom domain's, a console test's and one with a slash at the end",
				products[product], product)
		}
	}
}
