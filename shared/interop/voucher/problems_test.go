package voucher_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
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

// same is what is different between two things.
func same(before, after any) string { return cmp.Diff(before, after) }

// TestEveryProblemIsDeclaredAndProduced makes every operation answer with every code
// that it declares, and with nothing it does not.
func TestEveryProblemIsDeclaredAndProduced(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		p := w.ready()
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
		configured(t, func(w *apitest.World) { delete(w.Settings, "SIGN_ISSUER") }, func(w *world) {
			elsewhere = map[string]apitest.Response{}
			for id, r := range w.requests(w.ready()) {
				elsewhere[id] = w.Send(r, "Content-Type", formType)
			}
		})
		for _, id := range []string{"voucher/issue", "voucher/validate", "voucher/metadata", "voucher/discovery", "voucher/jwks"} {
			r := all[id]
			answers := append(w.frame(r), elsewhere[id])
			if id == "voucher/validate" {
				answers = append(answers, w.Send(r.By(nil)), w.examines(stranger, r.Body), w.examines(interoptest.Organization(consumer.Subject,
					"x"), r.Body))
			}
			w.declares(r, answers)
		}
	})
}

// frame makes the refusals that operations have in common.
func (w *world) frame(r interoptest.Request) []apitest.Response {
	w.Helper()
	answers := []apitest.Response{w.As(r.As, r.Method, apitest.Unreadable(r.At), r.Body, "Content-Type", formType), w.As(r.As, r.Method,
		r.At, strings.Repeat(" ", 2<<20))}
	if r.Body == "" {
		return answers // which reads nothing, neither a body nor what is stored
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

// declares holds refusals of an operation against the codes that it declares.
func (w *world) declares(r interoptest.Request, answers []apitest.Response) {
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
			w.oauth(res)
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

// decisions are the events of a client, oldest first.
func (w *world) decisions(p party) (all []string) {
	w.Helper()
	for _, e := range interoptest.Results(w.OK(consumer, "GET", p.path+"/tokenEvents", "")) {
		said := fmt.Sprint(e["decision"])
		if e["reasons"] != nil {
			said += fmt.Sprint(" ", e["reasons"])
		}
		all = append([]string{said}, all...)
	}
	return all
}

// brokenRequest is a request for a voucher that is broken: how many calls it makes, the event
// that it leaves, the changes of its assertion, and whether it has a proof and its client a
// link to the purpose.
type brokenRequest struct {
	calls       int
	event       string
	changes     object
	proof, link bool
}

// breakRequest fails call k of a request by a new client, before or after the call is
// carried out, and makes the request again. The key is that of the last party; the
// party that has it now is returned.
func (w *world) breakRequest(last party, name string, c brokenRequest, k int, after bool) party {
	w.Helper()
	what := fmt.Sprintf("%s, call %d (carried out: %t)", name, k, after)
	p := w.moves(last, c.link)
	w.Clock.Advance(time.Second)
	var header []string
	if c.proof {
		header = []string{"DPoP", w.prove(nil, nil)}
	}
	body := form(w.assertion(p, c.changes), map[string]string{"client_id": p.clientID()})
	w.Tap.Set(hooked.Broken(k, after))
	res := w.asks(body, header...)
	w.Tap.Set(nil)
	w.Refused(res, interop.VouchersNotAvailable)
	if res.Text("access_token") != "" || res.Header.Get("Retry-After") != "1" || strings.Contains(res.Raw, "engine") {
		w.Errorf("%s: %s", what, res.Raw)
	}
	var want []string
	if k == c.calls-1 && after {
		want = []string{c.event}
	}
	if diff := cmp.Diff(want, w.decisions(p)); diff != "" {
		w.Errorf("%s: events (-want +got):\n%s", what, diff)
	}
	w.Clock.Advance(time.Millisecond)
	again := reasons(w.asks(body, header...))
	expected := map[bool]string{true: "DPoP", false: "Bearer"}[c.proof]
	if reason, refused := strings.CutPrefix(c.event, "REFUSED "); refused {
		expected = strings.Trim(reason, "[]")
	} else if c.proof && want != nil {
		expected = usedProof
	}
	if again != expected {
		w.Errorf("%s: the repetition comes to %q, want %q", what, again, expected)
	}
	return p
}

// TestBrokenCalls fails every call of storage of every request, before and after it is
// carried out: nobody gets a voucher that leaves no event. Of a voucher whose
// transaction was carried out and whose answer was lost there is an event, though
// nobody got it, and its proof is used.
func TestBrokenCalls(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		last := w.ready()
		for name, c := range map[string]brokenRequest{
			"issue":               {3, "ISSUED", nil, false, true},
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

// moves gives the key of a client to a new one, which is linked to the purpose or not.
func (w *world) moves(p party, link bool) party {
	w.Helper()
	w.OK(consumer, "DELETE", p.path+"/keys/"+p.kid, "")
	p.path = w.client(consumer)
	p.kid = w.upload(consumer, p.path, p.key)
	if link {
		w.links(p.path, p.purposeID())
	}
	return p
}

// TestBrokenTool fails every call of the tool and of the list of events.
func TestBrokenTool(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		p := w.ready()
		w.gets(p, "Bearer")
		body := form(w.assertion(p, nil), nil)
		for k := range 2 {
			for name, ask := range map[string]func() apitest.Response{
				"tool": func() apitest.Response { return w.examines(consumer, body) },
				"list": func() apitest.Response { return w.As(consumer, "GET", p.path+"/tokenEvents", "") },
			} {
				w.Tap.Set(hooked.Broken(k, true))
				res := ask()
				w.Tap.Set(nil)
				if w.Refused(res, interop.Unavailable); ask().Status != 200 {
					t.Errorf("%s, call %d: not answered afterwards", name, k)
				}
			}
		}
	})
}

// broken is a key that does not sign.
type broken struct{ err error }

func (b broken) SignDigest(context.Context, []byte) ([]byte, error) { return make([]byte, 256), b.err }

// TestBrokenSigner: where nothing is signed, nobody gets a voucher, no proof is used and
// no event says so.
func TestBrokenSigner(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		want problem.Code
	}{
		{fmt.Errorf("secret of the key: %w", sign.ErrUnavailable), interop.VouchersNotAvailable},
		{errors.New("secret of the key"), interop.TokenFailed},
		{nil, interop.TokenFailed}, // signed by another key than is published
		{context.DeadlineExceeded, interop.VouchersNotAvailable},
	} {
		configured(t, func(w *apitest.World) { w.Signer = sign.New(broken{c.err}, signer().Keys()) }, func(w *world) {
			p := w.ready()
			proof := w.prove(nil, nil)
			before := w.everything()
			res := w.asks(form(w.assertion(p, nil), nil), "DPoP", proof)
			w.Refused(res, c.want)
			if strings.Contains(res.Raw, "secret") || (res.Status == 503) != (res.Header.Get("Retry-After") == "1") {
				t.Errorf("%v: Retry-After %q\n%s", c.err, res.Header.Get("Retry-After"), res.Raw)
			}
			if c.want == interop.TokenFailed && res.Text("type") != "internalServerError" {
				t.Errorf("%v: the type is %q", c.err, res.Text("type"))
			}
			if diff := same(before, w.everything()); diff != "" {
				t.Errorf("%v changed what is stored (-before +after):\n%s", c.err, diff)
			}
		})
	}
}

// TestOtherErrors: what is wrong with storage is nobody's business.
func TestOtherErrors(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		p := w.ready()
		for k := range 3 {
			w.Tap.Set(func(c *hooked.Call) error {
				if c.N == k {
					return errors.New("secret of the storage")
				}
				return c.Run()
			})
			res := w.asks(form(w.assertion(p, nil), nil))
			w.Tap.Set(nil)
			if w.Refused(res, interop.TokenFailed); res.Text("type") != "internalServerError" || strings.Contains(res.Raw, "secret") {
				t.Errorf("call %d: %s", k, res.Raw)
			}
		}
		if got := w.decisions(p); len(got) > 0 {
			t.Errorf("events are %v", got)
		}
	})
}

// TestHalfDone: keys that a deletion of their client left are none (it may take several
// transactions), and neither is a link to a purpose of another organization a link.
func TestHalfDone(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		p := w.ready()
		w.SubmitAgreement(stranger, p.offer)
		foreign := party{purpose: w.ActivatePurpose(stranger, p.offer, 5)}
		write := func(step table.Step) {
			w.Helper()
			if err := w.DB.Write(w.Context(), step); err != nil {
				t.Fatal(err)
			}
		}
		write(table.Put("link", client.LinkKey(p.clientID(), foreign.purposeID()), client.Link{PurposeID: foreign.purposeID()}))
		mixed := p
		mixed.purpose = foreign.purpose
		w.gets(mixed, notLinked)
		w.gets(p, "Bearer")
		write(table.Delete("client", client.ClientKey(p.clientID())))
		w.gets(p, noKey)
		w.gets(mixed, noKey)
	})
}
