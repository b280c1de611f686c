package voucher_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"ciclo/shared/interop"
	"ciclo/shared/interop/client"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/sign"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/hooked"
)

// TestDeclaredCodes checks that every operation answers with every code that it declares, and
// with no other.
func TestDeclaredCodes(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		p := w.newRequester()
		all := w.requests(p)
		events := all["client/token-events"]
		w.DeclaredCodes(map[string]interoptest.Request{"client/token-events": events}, func(r interoptest.Request) []apitest.Response {
			return []apitest.Response{
				w.Send(r.By(stranger)), w.Send(r.Replace(p.clientID(), uuid.NewString())), w.Send(r.By(interoptest.Organization(consumer.Subject,
					"x"))),
				w.As(consumer, "GET", p.path+"/tokenEvents?limit=0", ""),
			}
		})
		var elsewhere map[string]apitest.Response
		withConfig(t, func(w *apitest.World) { delete(w.Settings, "SIGN_ISSUER") }, func(w *world) {
			elsewhere = map[string]apitest.Response{}
			for id, r := range w.requests(w.newRequester()) {
				elsewhere[id] = w.Send(r, "Content-Type", formType)
			}
		})
		var over apitest.Response
		withConfig(t, func(w *apitest.World) { w.Settings["TOKEN_RATE_LIMIT"] = "1" }, func(w *world) {
			p := w.newRequester()
			w.checkOutcome(p, "Bearer")
			over = w.issue(form(w.assertion(p, nil), nil))
		})
		for _, id := range []string{"voucher/issue", "voucher/validate", "voucher/metadata", "voucher/discovery", "voucher/jwks"} {
			r := all[id]
			answers := append(w.commonRefusals(r), elsewhere[id])
			if id == "voucher/issue" {
				answers = append(answers, over)
			}
			if id == "voucher/validate" {
				answers = append(answers, w.Send(r.By(nil)), w.validate(stranger, r.Body), w.validate(interoptest.Organization(consumer.Subject,
					"x"), r.Body))
			}
			w.checkDeclared(r, answers)
		}
	})
}

// commonRefusals makes the refusals that operations have in common. Requests of the token
// endpoint have no caller, so [interoptest.World.DeclaredCodes] cannot make them.
func (w *world) commonRefusals(r interoptest.Request) []apitest.Response {
	w.Helper()
	answers := []apitest.Response{w.As(r.As, r.Method, apitest.Unreadable(r.At), r.Body, "Content-Type", formType), w.As(r.As, r.Method,
		r.At, strings.Repeat(" ", 2<<20))}
	if r.Body == "" {
		return answers // the operation reads no body and no storage
	}
	answers = append(answers, w.Send(r, "Content-Type", "text/plain"))
	for _, err := range []error{hooked.ErrDown, errors.New("secret of the storage")} {
		w.Tap.Set(func(*hooked.Call) error { return err })
		res := w.Send(r, "Content-Type", formType)
		w.Tap.Set(nil)
		if (res.Status == 503) != (res.Header.Get("Retry-After") == "1") || strings.Contains(res.Raw, "secret") {
			w.Errorf("%s on a broken storage = %d, Retry-After %q\n%s", r.ID, res.Status, res.Header.Get("Retry-After"), res.Raw)
		}
		answers = append(answers, res)
	}
	return answers
}

// checkDeclared compares refusals of an operation with the codes that it declares.
func (w *world) checkDeclared(r interoptest.Request, answers []apitest.Response) {
	w.Helper()
	declared := map[string]problem.Code{}
	for _, c := range r.Codes() {
		declared[c.Name] = c
	}
	produced := map[string]bool{}
	for _, res := range answers {
		name := interoptest.CodeOf(res)
		if code, ok := declared[name]; !ok || res.Status != code.Status || res.Text("title") != code.Title {
			w.Errorf("%s answered %d with a code that it does not declare:\n%s", r.ID, res.Status, res.Raw)
		}
		if r.Token {
			w.checkOAuth(res)
		}
		if id := res.Text("correlationId"); id == "" || id != res.Header.Get("X-Correlation-Id") || res.Text("detail") == "" {
			w.Errorf("%s is refused without a correlation id or a text:\n%s", r.ID, res.Raw)
		}
		produced[name] = true
	}
	if r.Body == "" {
		delete(declared, interop.MediaNotSupported.Name)
		delete(declared, interop.TokenFailed.Name)
	}
	for name := range declared {
		if !produced[name] {
			w.Errorf("%s never answered with %s, which it declares", r.ID, name)
		}
	}
}

// decisions returns the decisions of the events of a client with their reasons, oldest first.
func (w *world) decisions(p requester) (all []string) {
	w.Helper()
	for _, e := range interoptest.Results(w.OK(consumer, "GET", p.path+"/tokenEvents", "")) {
		decision := fmt.Sprint(e["decision"])
		if e["reasons"] != nil {
			decision += fmt.Sprint(" ", e["reasons"])
		}
		all = append([]string{decision}, all...)
	}
	return all
}

// brokenRequest is a request for a voucher during which a call fails: how many calls it
// makes, the event that it stores, the changes of its assertion, and whether it has a proof
// and its client a link to the purpose.
type brokenRequest struct {
	calls       int
	event       string
	changes     object
	proof, link bool
}

// breakRequest fails call k of a request by a new client, before or after the call is
// carried out, and makes the request again. It takes the key from
// the last requester and returns the requester that has the key now.
func (w *world) breakRequest(last requester, name string, c brokenRequest, k int, after bool) requester {
	w.Helper()
	what := fmt.Sprintf("%s, call %d (carried out: %t)", name, k, after)
	p := w.moveKey(last, c.link)
	w.Clock.Advance(time.Second)
	var header []string
	if c.proof {
		header = []string{"DPoP", w.newProof(nil, nil)}
	}
	body := form(w.assertion(p, c.changes), map[string]string{"client_id": p.clientID()})
	res := w.Break(k, after, func() apitest.Response { return w.issue(body, header...) }).Response
	w.Refused(res, interop.VouchersNotAvailable)
	if res.Text("access_token") != "" || res.Header.Get("Retry-After") != "1" || strings.Contains(res.Raw, "engine") {
		w.Errorf("%s: %s", what, res.Raw)
	}
	var want []string
	if k == c.calls-1 && after {
		want = []string{c.event}
	}
	inPart := c.event == "ISSUED" && c.proof && k > 0 // the event is written while the proof is used up
	if diff := cmp.Diff(want, w.decisions(p)); diff != "" && !inPart {
		w.Errorf("%s: events (-want +got):\n%s", what, diff)
	}
	w.Clock.Advance(time.Millisecond)
	again := outcome(w.issue(body, header...))
	expected := map[bool]string{true: "DPoP", false: "Bearer"}[c.proof]
	if reason, refused := strings.CutPrefix(c.event, "REFUSED "); refused {
		expected = strings.Trim(reason, "[]")
	} else if c.proof && want != nil {
		expected = usedProof
	}
	if inPart {
		if got := w.decisions(p); again != usedProof && (again != "DPoP" || !slices.Contains(got, "ISSUED")) {
			w.Errorf("%s: the repetition is answered %q, the events are %v", what, again, got)
		}
		return p
	}
	if again != expected {
		w.Errorf("%s: the repetition is answered %q, want %q", what, again, expected)
	}
	return p
}

// TestBrokenCalls fails every call to the storage of every request, before and after the call
// is carried out: no voucher is issued without an event. When a write was carried out and its
// answer lost, the event is stored or the proof is used although no voucher was sent.
func TestBrokenCalls(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		last := w.newRequester()
		w.checkOutcome(last, "Bearer") // leases vouchers: a count that fails refuses none (TestCountFails)
		for name, c := range map[string]brokenRequest{
			"issue":               {2, "ISSUED", nil, false, true},
			"issue with a proof":  {3, "ISSUED", nil, true, true},
			"refuse for the link": {2, "REFUSED [" + notLinked + "]", nil, true, false},
			"refuse for the end":  {2, "REFUSED [" + over + "]", object{"exp": 1}, false, true},
			"refuse the claims":   {2, "REFUSED [" + badAud + "]", object{"aud": "x"}, false, true},
		} {
			for k := range c.calls {
				for _, after := range []bool{false, true} {
					last = w.breakRequest(last, name, c, k, after)
				}
			}
		}
	})
}

// moveKey moves the key of a client to a new client, and links that to the purpose if link
// is set.
func (w *world) moveKey(p requester, link bool) requester {
	w.Helper()
	w.OK(consumer, "DELETE", p.path+"/keys/"+p.kid, "")
	p.path = w.MakeClient(consumer)
	p.kid = w.addKey(consumer, p.path, p.key)
	if link {
		w.link(p.path, p.purposeID())
	}
	return p
}

// TestBrokenTool fails every call of the tool and of the list of events.
func TestBrokenTool(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		p := w.newRequester()
		w.checkOutcome(p, "Bearer")
		body := form(w.assertion(p, nil), nil)
		for k := range 2 {
			for name, send := range map[string]func() apitest.Response{
				"tool": func() apitest.Response { return w.validate(consumer, body) },
				"list": func() apitest.Response { return w.As(consumer, "GET", p.path+"/tokenEvents", "") },
			} {
				if k == 1 && name == "tool" {
					continue // it has one, as the purpose is known
				}
				w.Unavailable(w.Break(k, true, send).Response)
				if send().Status != 200 {
					t.Errorf("%s, call %d: the repetition fails", name, k)
				}
			}
		}
	})
}

// brokenSigner is a key that returns an invalid signature or an error.
type brokenSigner struct{ err error }

func (b brokenSigner) SignDigest(context.Context, []byte) ([]byte, error) {
	return make([]byte, 256), b.err
}

// TestBrokenSigner requests a voucher from a deployment that cannot sign: no voucher is
// issued, no proof is used and no event is stored.
func TestBrokenSigner(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		want problem.Code
	}{
		{fmt.Errorf("secret of the key: %w", sign.ErrUnavailable), interop.VouchersNotAvailable},
		{errors.New("secret of the key"), interop.TokenFailed},
		{nil, interop.TokenFailed}, // signed by a key that is not published
		{context.DeadlineExceeded, interop.VouchersNotAvailable},
	} {
		withConfig(t, func(w *apitest.World) { w.Signer = sign.New(brokenSigner{c.err}, signer().Keys()) }, func(w *world) {
			p := w.newRequester()
			w.issue(form(w.assertion(p, nil), nil)) // leases vouchers
			proof := w.newProof(nil, nil)
			before := w.everything()
			res := w.issue(form(w.assertion(p, nil), nil), "DPoP", proof)
			w.Refused(res, c.want)
			if strings.Contains(res.Raw, "secret") || (res.Status == 503) != (res.Header.Get("Retry-After") == "1") {
				t.Errorf("%v: Retry-After %q\n%s", c.err, res.Header.Get("Retry-After"), res.Raw)
			}
			if c.want == interop.TokenFailed && res.Text("type") != "internalServerError" {
				t.Errorf("%v: the type is %q", c.err, res.Text("type"))
			}
			w.Unchanged(fmt.Sprint(c.err), before, w.everything())
		})
	}
}

// TestOtherErrors checks that an unexpected error of the storage is not shown.
func TestOtherErrors(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		p := w.newRequester()
		w.checkOutcome(p, "Bearer")
		for k := range 2 {
			var others atomic.Int64
			w.Tap.Set(func(c *hooked.Call) error {
				if isNoCount(c) && others.Add(1) == int64(k)+1 {
					return errors.New("secret of the storage")
				}
				return c.Run()
			})
			res := w.issue(form(w.assertion(p, nil), nil))
			w.Tap.Set(nil)
			if w.Refused(res, interop.TokenFailed); res.Text("type") != "internalServerError" || strings.Contains(res.Raw, "secret") {
				t.Errorf("call %d: %s", k, res.Raw)
			}
		}
		if got := w.decisions(p); len(got) != 1 {
			t.Errorf("events are %v", got)
		}
	})
}

// TestPartialDeletion checks that keys of a deleted client are not valid while they are still
// stored (a deletion may take several transactions), and neither is a link to a purpose of
// another organization.
func TestPartialDeletion(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		p := w.newRequester()
		w.SubmitAgreement(stranger, p.offer)
		foreign := requester{purpose: w.ActivatePurpose(stranger, p.offer, 5)}
		write := func(step table.Step) {
			w.Helper()
			if err := w.DB.Write(w.Context(), step); err != nil {
				t.Fatal(err)
			}
		}
		write(table.Put("link", client.LinkKey(p.clientID(), foreign.purposeID()), client.Link{PurposeID: foreign.purposeID()}))
		mixed := p
		mixed.purpose = foreign.purpose
		w.checkOutcome(mixed, notLinked)
		w.checkOutcome(p, "Bearer")
		write(table.Delete("client", client.ClientKey(p.clientID())))
		w.checkOutcome(p, noKey)
		w.checkOutcome(mixed, noKey)
	})
}
