package issuer_test

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"ciclo/shared/consumers"
	"ciclo/shared/consumers/consumerstest"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/hooked"
)

// request is an operation with a request that succeeds in the fixture.
type request struct {
	api.Spec
	as       *api.Identity
	at, body string
	success  int
}

// fixture registers a key of an issuer and returns a request for each operation.
func (w *world) fixture() map[string]request {
	w.Helper()
	w.register(card, kid, keys()[0])
	requests := map[string]request{
		"issuer/register-key": {
			as: operator, at: keyPath(card, kid), body: keyBody(keys()[0], consumers.ScopeRead, consumers.ScopeFull),
			success: 204,
		},
		"issuer/list-keys":  {as: operator, at: keysPath(card), success: 200},
		"issuer/delete-key": {as: operator, at: keyPath(card, kid), success: 204},
		"issuer/token":      {at: endpoint, body: changed(set{"grant_type": jwtGrant, "assertion": w.assertion(nil, nil)}, nil), success: 200},
		"issuer/metadata":   {at: "/.well-known/oauth-authorization-server/oauth2", success: 200},
	}
	for _, op := range ops {
		spec := op.Describe()
		if r, ok := requests[spec.ID]; ok {
			r.Spec = spec
			requests[spec.ID] = r
		}
	}
	return requests
}

func (w *world) send(r request, header ...string) apitest.Response {
	w.Helper()
	return w.As(r.as, r.Method, r.at, r.body, header...)
}

// TestGrants sends malformed requests for a token.
func TestGrants(t *testing.T) {
	embedded(t, func(w *world) {
		w.register(card, kid, keys()[0])
		assertion := w.assertion(nil, nil)
		good := set{"grant_type": jwtGrant, "assertion": assertion}
		w.Want(w.As(nil, "POST", endpoint, changed(good, set{"scope": "d1-api:account:full", "client_id": "x"})), 200) // RFC 6749 §3.2
		for _, grantType := range []string{"", "client_credentials", jwtGrant + " ", strings.ToUpper(jwtGrant), "jwt-bearer"} {
			w.Refused(grantType, w.As(nil, "POST", endpoint, changed(good, set{"grant_type": grantType})), consumers.UnsupportedGrantType, jwtGrant)
		}
		for _, changes := range []set{
			{"grant_type": absent},
			{"grant_type": nil},
			{"grant_type": 7},
			{"grant_type": []string{jwtGrant}},
			{"grant_type": strings.Repeat("g", 257)},
			{"assertion": absent},
			{"assertion": nil},
			{"assertion": 7},
			{"assertion": []string{assertion}},
			{"assertion": strings.Repeat("a", 8193)},
		} {
			code := consumers.FieldInvalidFormat
			if changes["grant_type"] == absent || changes["assertion"] == absent {
				code = consumers.FieldInvalidValue
			}
			w.Refused(fmt.Sprint(changes), w.As(nil, "POST", endpoint, changed(good, changes)), code, "body.")
		}
		form := url.Values{"grant_type": {jwtGrant}, "assertion": {assertion}}.Encode()
		for _, body := range []string{"", "x", "assertion=" + assertion} {
			w.Refused(body, w.As(nil, "POST", endpoint, body, "Content-Type", formType), consumers.FieldInvalidValue, "body.grant_type")
		}
		for _, body := range []string{
			form + "&assertion=x", form + "&grant_type=" + url.QueryEscape(jwtGrant), form + "&%zz",
			strings.ReplaceAll(form, "&", ";"),
		} {
			w.Refused(body, w.As(nil, "POST", endpoint, body, "Content-Type", formType), consumers.FieldInvalidFormat, "")
		}
		for _, kind := range []string{"text/plain", "", "multipart/form-data", "application/jwt"} {
			w.Refused(kind, w.As(nil, "POST", endpoint, form, "Content-Type", kind), consumers.MediaTypeUnsupported, "")
		}
		fits := changed(good, nil) + strings.Repeat(" ", 16<<10-len(changed(good, nil)))
		w.Want(w.As(nil, "POST", endpoint, fits), 200)
		w.Refused("a byte more", w.As(nil, "POST", endpoint, fits+" "), consumers.PayloadTooLarge, "16384 bytes")
		// A credential of the caller is ignored.
		w.Want(w.As(caller(other), "POST", endpoint, changed(good, nil), "Authorization", "Basic eDp5"), 200)
		w.Want(w.As(nil, "POST", endpoint, form, "Content-Type", formType+"; charset=UTF-8"), 200)
	})
}

// TestRoles calls the operations of the operator in all roles.
func TestRoles(t *testing.T) {
	embedded(t, func(w *world) {
		as := func(kind string, tenants []string, scopes ...string) *api.Identity {
			return &api.Identity{Subject: card, Tenants: tenants, Scopes: scopes, Kind: kind}
		}
		all := append([]string{"operator"}, consumers.Readers...)
		for name, role := range map[string]struct {
			as     *api.Identity
			status int // 0 for success
		}{
			"no token":                {nil, 401},
			"operator":                {operator, 0},
			"operator with more":      {as("operator", []string{card}, all...), 0},
			"operator, no scope":      {as("operator", nil), 403},
			"operator, other scopes":  {as("operator", nil, "OPERATOR", "m2m-admin"), 403},
			"the issuer":              {caller(card), 403},
			"the issuer, such scope":  {as("issuer", []string{card}, all...), 403},
			"another issuer":          {caller(other), 403},
			"its aggregator":          {as("aggregator", []string{card, other}, all...), 403},
			"an organization":         {as("organization", nil, all...), 403},
			"an operator in capitals": {as("OPERATOR", nil, all...), 403},
			"a key of manage":         {as("MANAGE", nil, all...), 403},
			"nothing":                 {as("", nil, all...), 403},
		} {
			for id, r := range w.fixture() {
				if r.Public {
					continue
				}
				r.as = role.as
				w.inRole(id+" as "+name, r, role.status)
				w.register(card, kid, keys()[0])
			}
		}
	})
}

// inRole sends a request of the operator in a role; refused is the status of its refusal, 0 for
// none.
func (w *world) inRole(what string, r request, refused int) {
	w.Helper()
	before := w.listed(card, "")
	res := w.send(r)
	if want := cmp.Or(refused, r.success); res.Status != want {
		w.Errorf("%s = %d, want %d\n%s", what, res.Status, want, res.Raw)
	}
	if challenge := res.Header.Get("WWW-Authenticate"); (res.Status == 401) != (challenge == "Bearer") {
		w.Errorf("%s: WWW-Authenticate %q", what, challenge)
	}
	if after := w.listed(card, ""); refused != 0 && after != before {
		w.Errorf("%s changed what is stored: %s", what, after)
	}
	// Only the operator learns that a request is malformed.
	malformed := cmp.Or(refused, 400)
	for _, m := range []request{
		{as: r.as, Spec: r.Spec, at: strings.Replace(r.at, card, "SHORT", 1), body: r.body},
		{as: r.as, Spec: r.Spec, at: r.at + "?limit=x", body: `{"scopes":[{}]}`},
	} {
		if m.Method == "DELETE" && strings.Contains(m.at, "?") {
			continue // takes neither a body nor parameters
		}
		if res := w.send(m); res.Status != malformed {
			w.Errorf("%s, malformed, = %d, want %d", what, res.Status, malformed)
		}
	}
}

// TestStrangersLearnNothing: for other callers the answers about an issuer with keys and about
// one without are the same.
func TestStrangersLearnNothing(t *testing.T) {
	embedded(t, func(w *world) {
		for id, r := range w.fixture() {
			if r.Public {
				continue
			}
			r.as = caller(card)
			there := w.send(r, "x-correlation-id", "same")
			r.at = strings.Replace(r.at, card, "NOBODY-001", 1)
			if nothing := w.send(r, "x-correlation-id", "same"); nothing.Raw != there.Raw {
				w.Errorf("%s tells %s from %s", id, there.Raw, nothing.Raw)
			}
		}
	})
}

// TestEveryProblemIsDeclaredAndProduced: every operation answers with each code that it
// declares, and with no other code.
func TestEveryProblemIsDeclaredAndProduced(t *testing.T) {
	embedded(t, func(w *world) {
		for id, r := range w.fixture() {
			if id == "issuer/metadata" {
				continue // it reads neither a request nor storage, see TestMetadata
			}
			declared := map[string]problem.Code{}
			for _, c := range r.Codes() {
				declared[c.Name] = c
			}
			produced := w.produced(id, r, declared)
			if r.body == "" {
				delete(declared, consumers.MediaTypeUnsupported.Name)
			}
			if id == "issuer/delete-key" { // an id is malformed or fine
				delete(declared, consumers.FieldInvalidValue.Name)
			}
			for code := range declared {
				if !produced[code] {
					w.Errorf("%s never answered with %s, which it declares", id, code)
				}
			}
		}
	})
}

// produced provokes all refusals of an operation and returns their codes. It fails unless they
// are declared.
func (w *world) produced(id string, r request, declared map[string]problem.Code) map[string]bool {
	w.Helper()
	produced := map[string]bool{}
	for _, res := range append(w.frameProblems(r), w.ownProblems(id)...) {
		code := consumerstest.CodeOf(res)
		want, ok := declared[code]
		if !ok || res.Status != want.Status || res.Text("title") != want.Title {
			w.Errorf("%s answered %d with a code it does not declare:\n%s", id, res.Status, res.Raw)
		}
		if kind := res.Header.Get("Content-Type"); !r.Token && kind != "application/problem+json" {
			w.Errorf("%s: Content-Type %s", id, kind)
		}
		produced[code] = true
	}
	return produced
}

// frameProblems makes the refusals that operations have in common.
func (w *world) frameProblems(r request) []apitest.Response {
	answers := []apitest.Response{w.send(r, "x-correlation-id", "a/b"), w.As(r.as, r.Method, r.at, strings.Repeat(" ", 2<<20))}
	if !r.Public {
		stranger := r
		nobody := r
		stranger.as = caller(card)
		nobody.as = nil
		answers = append(answers, w.send(stranger), w.send(nobody))
	}
	if r.body != "" {
		answers = append(answers, w.send(r, "Content-Type", "text/plain"))
	}
	for _, err := range []error{hooked.ErrDown, errors.New("secret of the storage")} {
		w.Tap.Set(func(*hooked.Call) error { return err })
		res := w.send(r)
		w.Tap.Set(nil)
		if (res.Status == 503) != (res.Header.Get("Retry-After") == "1") || strings.Contains(res.Raw, "secret") {
			w.Errorf("%s on a broken storage = %d, Retry-After %q\n%s", r.ID, res.Status, res.Header.Get("Retry-After"), res.Raw)
		}
		answers = append(answers, res)
	}
	return answers
}

// ownProblems makes the refusals of one operation.
func (w *world) ownProblems(id string) []apitest.Response {
	switch id {
	case "issuer/register-key":
		return []apitest.Response{w.As(operator, "PUT", keyPath(card, kid), keyBody(keys()[0], "x"))}
	case "issuer/list-keys":
		return []apitest.Response{w.As(operator, "GET", keysPath(card)+"?limit=51", "")}
	case "issuer/delete-key":
		return []apitest.Response{w.As(operator, "DELETE", keyPath(card, "unknown"), "")}
	}
	return []apitest.Response{
		w.grant("x"), w.As(nil, "POST", endpoint, `{}`),
		w.As(nil, "POST", endpoint, `{"grant_type":"x","assertion":"x"}`),
	}
}
