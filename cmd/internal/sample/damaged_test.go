package sample

import (
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"
	"testing"

	"ciclo/cmd/internal/catalog"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/host"
	"ciclo/shared/platform/testing/engine"
	"ciclo/shared/platform/testing/hooked"
)

// damagedContexts are contexts of an authorizer in which no caller is, or one is and a
// refusal. whole is that of a caller who may call the operation.
func damagedContexts(whole map[string]any) map[string]map[string]any {
	with := func(changes map[string]any) map[string]any {
		m := maps.Clone(whole)
		maps.Copy(m, changes)
		return m
	}
	only := func(name string, value any) map[string]any { return map[string]any{name: value} }
	return map[string]map[string]any{
		"none": nil, "empty": {}, "a principal": only("principalId", whole["subject"]), "claims": only("claims", whole),
		"no subject": with(map[string]any{"subject": ""}), "subject is null": with(map[string]any{"subject": nil}),
		"subject is a number": with(map[string]any{"subject": 7}), "subject is a list": with(map[string]any{"subject": []any{whole["subject"]}}),
		"another case": only("Subject", whole["subject"]), "nested": only("identity", whole),
		"a refusal": only("refusalCode", "017-0044"), "a refusal and a caller": with(map[string]any{"refusalCode": "017-0044"}),
		"a refusal without a code":     with(map[string]any{"refusal": "used"}),
		"an empty refusal":             with(map[string]any{"refusalCode": "", "refusal": ""}),
		"a refusal that is no text":    with(map[string]any{"refusalCode": 44}),
		"a refusal that is null":       with(map[string]any{"refusalCode": nil}),
		"a refusal of another product": with(map[string]any{"refusalCode": "001-0001"}),
	}
}

// TestNobodyComesInByADamagedContext sends the event of every operation with contexts that an
// authorizer does not make, or makes for a refusal: the interop product's authorizer allows
// every request, so that nothing but this keeps an operation from running without a caller.
// Headers by which a client could claim to be identified change nothing.
func TestNobodyComesInByADamagedContext(t *testing.T) {
	t.Parallel()
	around, err := Surround(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer around.Stop()
	calls := 0
	tap := &hooked.DB{DB: engine.Bolt(t, catalog.Schemas())}
	tap.Set(func(c *hooked.Call) error {
		calls++
		return c.Run()
	})
	deps := around.Deps(tap)
	deps.Log = slog.New(slog.DiscardHandler)
	for _, op := range catalog.Operations() {
		spec := op.Describe()
		if _, known := examples()[spec.ID]; spec.Public || !known { // make gen fails without an example
			continue
		}
		h, err := api.NewHandler(deps, op)
		if err != nil {
			t.Fatal(err)
		}
		whole := caller(spec, examples()[spec.ID]).AuthorizerContext()
		if status := invoke(t, host.Proxy(h), spec, whole); status == http.StatusUnauthorized {
			t.Errorf("%s: the caller of its event is refused: %d", spec.ID, status)
		}
		for name, found := range damagedContexts(whole) {
			calls = 0
			status := invoke(t, host.Proxy(h), spec, found)
			if status != http.StatusUnauthorized || calls > 0 {
				t.Errorf("%s: %s: %d after %d calls of the storage", spec.ID, name, status, calls)
			}
		}
	}
}

// invoke sends the event of an operation with a context of its authorizer.
func invoke[I, O any](t *testing.T, handle func(context.Context, I) (O, error), spec api.Spec, found map[string]any) int {
	t.Helper()
	text, err := Event(spec)
	if err != nil {
		t.Fatal(err)
	}
	var e map[string]any
	if err := json.Unmarshal(text, &e); err != nil {
		t.Fatal(err)
	}
	requestContext, _ := e["requestContext"].(map[string]any)
	requestContext["authorizer"] = found
	headers, _ := e["multiValueHeaders"].(map[string]any)
	for name, value := range caller(spec, examples()[spec.ID]).AuthorizerContext() {
		headers[name] = []any{value}
		headers["X-Golambdaproxy-"+name] = []any{value}
	}
	text, err = json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	var in I
	if err := json.Unmarshal(text, &in); err != nil {
		t.Fatal(err)
	}
	out, err := handle(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	var res struct{ StatusCode int }
	if text, err = json.Marshal(out); err == nil {
		err = json.Unmarshal(text, &res)
	}
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode
}
