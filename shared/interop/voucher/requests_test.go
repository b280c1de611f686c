package voucher_test

import (
	"strings"
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/interop/voucher"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

const (
	metadataPath  = "/.well-known/oauth-authorization-server"
	discoveryPath = "/.well-known/openid-configuration"
	jwksPath      = "/.well-known/jwks.json"
)

// requests returns a request for each operation that succeeds.
func (w *world) requests(p requester) map[string]interoptest.Request {
	w.Helper()
	body := form(w.assertion(p, nil), nil)
	all := w.Requests(map[string]interoptest.Request{
		"voucher/issue":       {At: "/token.oauth2", Body: body},
		"voucher/validate":    {As: consumer, At: "/tools/validateTokenGeneration", Body: body},
		"client/token-events": {As: consumer, At: p.path + "/tokenEvents?limit=2"},
		"voucher/metadata":    {At: metadataPath},
		"voucher/discovery":   {At: discoveryPath},
		"voucher/jwks":        {At: jwksPath},
	})
	if len(all) != len(voucher.Operations()) {
		w.Errorf("there are %d requests for %d operations", len(all), len(voucher.Operations()))
	}
	return all
}

// everything returns all stored items.
func (w *world) everything() map[table.Key]object { return w.Stored(nil) }

// TestSuccess sends a request of every operation that succeeds.
func TestSuccess(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for id, r := range w.requests(w.newRequester()) {
			if res := w.Send(r, "Content-Type", formType); res.Status != 200 || r.Status != 200 {
				t.Errorf("%s = %d\n%s", id, res.Status, res.Raw)
			}
		}
	})
}

// TestRolesOfEvents checks that every role of the owner reads events, and no other caller.
func TestRolesOfEvents(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		p := w.newRequester()
		w.checkOutcome(p, "Bearer")
		w.Roles(func() map[string]interoptest.Request {
			return map[string]interoptest.Request{"client/token-events": w.requests(p)["client/token-events"]}
		}, func() any { return w.everything() }, nil)
		w.Refused(w.As(stranger, "GET", p.path+"/tokenEvents", ""), interop.NotTheClientOwner, p.clientID())
		w.BadPages(consumer, p.path+"/tokenEvents")
	})
}

// TestRolesOfTheTool checks that the tool needs a role of the owner and changes nothing, and
// that the token endpoint needs no token.
func TestRolesOfTheTool(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		p := w.newRequester()
		good := form(w.assertion(p, nil), nil)
		for name, c := range map[string]struct {
			caller *api.Identity
			body   string
			want   problem.Code
		}{
			"no token":            {nil, good, interop.TokenNotValid},
			"no token, malformed": {nil, "", interop.TokenNotValid},
			"without a role":      {interoptest.Organization(consumer.Subject), good, interop.OperationForbidden},
			"a role in capitals":  {interoptest.Organization(consumer.Subject, "M2M-ADMIN"), good, interop.OperationForbidden},
			"an issuer": {
				&api.Identity{Subject: consumer.Subject, Kind: "issuer", Scopes: []string{interop.RoleAdmin}}, good,
				interop.OperationForbidden,
			},
			"a reader, malformed": {interoptest.Organization(consumer.Subject, interop.RoleReader), "a=%zz", interop.BadRequest},
			"a stranger":          {stranger, good, interop.NotTheClientOwner},
		} {
			before := w.everything()
			res := w.validate(c.caller, c.body)
			if w.Refused(res, c.want); c.caller == nil && res.Header.Get("WWW-Authenticate") != "Bearer" {
				t.Errorf("%s is answered WWW-Authenticate %q", name, res.Header.Get("WWW-Authenticate"))
			}
			w.Unchanged("the tool for "+name, before, w.everything())
		}
		before := w.everything()
		for _, changes := range []object{nil, {"exp": 1}} {
			w.validate(consumer, form(w.assertion(p, changes), map[string]string{"dpop_proof": w.newProof(nil, nil)}))
		}
		w.Unchanged("the tool", before, w.everything())
		for _, role := range interop.Readers {
			if got := toolOutcome(w.validate(interoptest.Organization(consumer.Subject, role), good)); got != "Bearer" {
				t.Errorf("the tool answers %q to %s", got, role)
			}
		}
		// The assertion alone authenticates the client: the endpoint ignores tokens.
		for _, caller := range []*api.Identity{nil, stranger, {Subject: "x", Kind: "issuer"}} {
			if res := w.As(caller, "POST", "/token.oauth2", good, "Content-Type", formType); res.Status != 200 {
				t.Errorf("%v = %d\n%s", caller, res.Status, res.Raw)
			}
		}
	})
}

// TestForms sends malformed requests.
func TestForms(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		p := w.newRequester()
		good := form(w.assertion(p, nil), nil)
		large := good + "&x=" + strings.Repeat("x", 64<<10)
		for name, c := range map[string]struct {
			media, body string
			want        problem.Code
		}{
			"assertion twice":    {formType, good + "&client_assertion=x", interop.TokenRefused},
			"grant twice":        {formType, good + "&grant_type=client_credentials", interop.TokenRefused},
			"client_id twice":    {formType, good + "&client_id=" + p.clientID() + "&client_id=" + p.clientID(), interop.TokenRefused},
			"the unknown twice":  {formType, good + "&a=1&a=2", interop.TokenRefused},
			"percent":            {formType, good + "&a=%zz", interop.TokenRefused},
			"semicolon":          {formType, good + ";a=1", interop.TokenRefused},
			"JSON":               {"application/json", `{"grant_type":"client_credentials"}`, interop.MediaNotSupported},
			"multipart":          {"multipart/form-data; boundary=x", good, interop.MediaNotSupported},
			"no type of content": {"", good, interop.MediaNotSupported},
			"64 KB":              {formType, large, interop.ContentTooLarge},
		} {
			res := w.As(nil, "POST", "/token.oauth2", c.body, "Content-Type", c.media)
			tool := w.As(consumer, "POST", "/tools/validateTokenGeneration", c.body, "Content-Type", c.media)
			if w.Refused(res, c.want); tool.Status != c.want.Status {
				t.Errorf("%s: the tool answers %d\n%s", name, tool.Status, tool.Raw)
			}
			if id := res.Text("correlationId"); id == "" {
				t.Errorf("%s is refused without a correlation id\n%s", name, res.Raw)
			}
		}
		for _, method := range []string{"GET", "PUT", "DELETE"} {
			if res := w.Call(t, nil, method, "/token.oauth2?"+good, ""); res.Status != 405 || res.Header.Get("Allow") != "POST" {
				t.Errorf("%s = %d, allowed are %q", method, res.Status, res.Header.Get("Allow"))
			}
		}
		// Parameters in the query are ignored.
		w.Refused(w.As(nil, "POST", "/token.oauth2?"+good, "", "Content-Type", formType), interop.TokenRefused)
		for _, async := range []string{"true", "x"} {
			w.Refused(w.validate(consumer, good+"&is_async="+async), interop.BadRequest)
		}
		if got := toolOutcome(w.validate(consumer, good+"&is_async=false")); got != "Bearer" {
			t.Errorf("with is_async=false the tool answers %q", got)
		}
		if got := outcome(w.As(nil, "POST", "/token.oauth2", good, "Content-Type", strings.ToUpper(formType)+
			"; charset=UTF-8")); got != "Bearer" {
			t.Errorf("with a charset the endpoint answers %q", got)
		}
	})
}
