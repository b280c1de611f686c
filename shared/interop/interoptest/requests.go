package interoptest

import (
	"errors"
	"slices"
	"strings"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/hooked"
)

// Request is one operation with a request that succeeds.
type Request struct {
	api.Spec
	As   *api.Identity // the caller
	At   string        // the path with its query
	Body string
}

// Requests adds the operations of the suite to the requests, which are by the id of
// the operation.
func (w *World) Requests(all map[string]Request) map[string]Request {
	w.Helper()
	for _, op := range w.suite.ops {
		spec := op.Describe()
		r, ok := all[spec.ID]
		if !ok {
			continue // an operation of another package
		}
		r.Spec = spec
		all[spec.ID] = r
	}
	for id, r := range all {
		if r.ID != id {
			w.Fatalf("there is no operation %s", id)
		}
	}
	return all
}

// Send sends a request.
func (w *World) Send(r Request, header ...string) apitest.Response {
	w.Helper()
	return w.As(r.As, r.Method, r.At, r.Body, header...)
}

// By returns the request by another caller.
func (r Request) By(caller *api.Identity) Request {
	r.As = caller
	return r
}

// Replace returns the request with another text in its path and body.
func (r Request) Replace(old, text string) Request {
	r.At = strings.Replace(r.At, old, text, 1)
	r.Body = strings.Replace(r.Body, old, text, 1)
	return r
}

// Succeed sends the requests and checks that they succeed.
func (w *World) Succeed(all map[string]Request) {
	w.Helper()
	for id, r := range all {
		if res := w.Send(r); res.Status != r.Status {
			w.Errorf("%s = %d, want %d\n%s", id, res.Status, r.Status, res.Raw)
		}
	}
}

// DeclaredCodes checks that every operation answers with every code that it declares,
// and with no other. own makes the refusals of one operation that others do not have.
func (w *World) DeclaredCodes(all map[string]Request, own func(r Request) []apitest.Response) {
	w.Helper()
	for id, r := range all {
		declared := map[string]problem.Code{}
		for _, c := range r.Codes() {
			declared[c.Name] = c
		}
		produced := map[string]bool{}
		for _, res := range slices.Concat(w.commonRefusals(r), own(r)) {
			name := CodeOf(res)
			if want, ok := declared[name]; !ok || res.Status != want.Status || res.Text("title") != want.Title {
				w.Errorf("%s answered %d with a code that it does not declare:\n%s", id, res.Status, res.Raw)
			}
			w.WellFormed(id, res)
			produced[name] = true
		}
		if r.Body == "" { // it reads no body
			delete(declared, interop.MediaNotSupported.Name)
		}
		for name := range declared {
			if !produced[name] {
				w.Errorf("%s never answered with %s, which it declares", id, name)
			}
		}
	}
}

// WellFormed checks the members that every refusal has; what names the request.
func (w *World) WellFormed(what string, res apitest.Response) {
	w.Helper()
	correlation := res.Text("correlationId")
	hasType := res.Header.Get("Content-Type") == "application/problem+json" && res.Text("type") == "about:blank"
	hasText := res.Text("title") != "" && res.Text("detail") != "" && res.Body["status"] == float64(res.Status)
	if !hasType || !hasText || correlation == "" || correlation != res.Header.Get("X-Correlation-Id") {
		w.Errorf("%s is refused without a type, title, detail, status or correlation id:\n%s", what, res.Raw)
	}
	all, _ := res.Body["errors"].([]any)
	for _, one := range all {
		entry, _ := one.(Object)
		if entry["code"] == "" || entry["detail"] == "" || len(entry) != 2 {
			w.Errorf("%s is refused with the error %v", what, entry)
		}
	}
	if len(all) == 0 {
		w.Errorf("%s is refused without errors:\n%s", what, res.Raw)
	}
}

// commonRefusals makes the refusals that operations have in common.
func (w *World) commonRefusals(r Request) []apitest.Response {
	w.Helper()
	issuer := &api.Identity{Subject: r.As.Subject, Kind: "issuer", Scopes: r.As.Scopes}
	answers := []apitest.Response{
		w.Send(r.By(nil)),
		w.Send(r.By(issuer)),
		w.As(r.As, r.Method, apitest.Unreadable(r.At), r.Body),
		w.As(r.As, r.Method, r.At, strings.Repeat(" ", 2<<20)),
	}
	if r.Body != "" {
		answers = append(answers, w.Send(r, "Content-Type", "text/plain"))
	}
	for _, err := range []error{hooked.ErrDown, errors.New("secret of the storage")} {
		w.Tap.Set(func(*hooked.Call) error { return err })
		res := w.Send(r)
		w.Tap.Set(nil)
		if (res.Status == 503) != (res.Header.Get("Retry-After") == "1") || strings.Contains(res.Raw, "secret") {
			w.Errorf("%s on a broken storage = %d, Retry-After %q\n%s", r.ID, res.Status, res.Header.Get("Retry-After"), res.Raw)
		}
		answers = append(answers, res)
	}
	return answers
}
