package officetest_test

import (
	"crypto/ecdsa"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"ciclo/cmd/internal/officetest"
)

// check pastes an assertion into the debug page.
func check(v *officetest.Visitor, assertion string) *officetest.Shown {
	return v.Open("/office/debug").Press("Check", map[string]any{"client_assertion": assertion})
}

// steps returns the outcomes of the steps on a debug page, in their order.
func steps(shown *officetest.Shown) string {
	return strings.Join(shown.Find(".timeline h3 .chip").Map(func(_ int, s *goquery.Selection) string { return s.Text() }), ", ")
}

// TestDebugSuspension: seed 000. During suspension no associated client can obtain vouchers;
// this condition is also indicated in the client assertion debug tool available in the front
// office: before, while the producer, the consumer or both suspend the purpose, and after.
func TestDebugSuspension(t *testing.T) {
	t.Parallel()
	w := newClientWorld(t)
	v := site.As(t, "consumer")
	good := func(when string) {
		t.Helper()
		shown := check(v, w.assertion(nil)).See("The voucher would be issued", "Portal "+w.Suffix(), w.title, "Registry "+w.Suffix())
		if got := steps(shown); got != "Passed, Passed, Passed, Passed, Passed" || w.ask() != http.StatusOK {
			t.Errorf("%s: steps are %s", when, got)
		}
	}
	bad := func(who string) {
		t.Helper()
		shown := check(v, w.assertion(nil)).See("The voucher would be refused", "The purpose is not active.", who)
		if got := steps(shown); got != "Passed, Passed, Passed, Passed, Failed" || w.ask() != http.StatusBadRequest {
			t.Errorf("%s: steps are %s", who, got)
		}
		if to := shown.Click("Open purpose " + w.title); to.URL.Path != "/office/purposes/"+w.purpose {
			t.Errorf("the remedy is at %s", to.URL)
		}
	}
	good("before")
	w.AsProducer(http.MethodPost, "/purposes/"+w.purpose+"/suspend", nil)
	bad("Suspended by the producer, who has to reactivate it")
	w.AsConsumer(http.MethodPost, "/purposes/"+w.purpose+"/suspend", nil)
	bad("Suspended by the consumer and the producer: both have to reactivate it")
	w.AsProducer(http.MethodPost, "/purposes/"+w.purpose+"/unsuspend", nil)
	bad("Suspended by the consumer, who has to reactivate it")
	w.AsConsumer(http.MethodPost, "/purposes/"+w.purpose+"/unsuspend", nil)
	good("after")
}

// TestDebugCauses: each thing that is wrong is said in words, and leads to what has to
// change.
func TestDebugCauses(t *testing.T) {
	t.Parallel()
	w := newClientWorld(t)
	v := site.As(t, "consumer")
	unlinked := w.Purpose(w.eservice, "Unlinked", 1)
	w.AsConsumer(http.MethodPost, "/purposes/"+unlinked+"/activate", nil)
	stranger, strange := *w, *w
	stranger.key, _ = officetest.NewKey(t)
	strange.kid = strings.Repeat("k", 43)
	for _, c := range []struct{ what, assertion, says, steps, link, to string }{
		{
			"another audience", w.assertion(jwt.MapClaims{"aud": "https://example.it"}), "The assertion is not meant for this platform",
			"Failed, Skipped, Skipped, Skipped, Skipped", "", "",
		},
		{
			"no audience and no end", w.assertion(jwt.MapClaims{"aud": nil, "exp": nil}), "The claim aud is missing.",
			"Failed, Skipped, Skipped, Skipped, Skipped", "", "",
		},
		{
			"an unknown key", strange.assertion(nil), "The client has no such key for signatures", "Passed, Failed, Skipped, Skipped, Skipped",
			"Open the keys of client Portal " + w.Suffix(), w.page(""),
		},
		{
			"another signature", stranger.assertion(nil), "The signature is not one by the key that is named",
			"Passed, Passed, Failed, Skipped, Skipped",
			"Open the keys of client Portal " + w.Suffix(), w.page(""),
		},
		{
			"an old one", w.assertion(jwt.MapClaims{"iat": 1_700_000_000, "exp": 1_700_000_300}), "The assertion has expired",
			"Passed, Passed, Failed, Skipped, Skipped", "", "",
		},
		{
			"no purpose", w.assertion(jwt.MapClaims{"purposeId": nil}), "The purpose is missing",
			"Passed, Failed, Skipped, Skipped, Skipped", "", "",
		},
		{
			"another purpose", w.assertion(jwt.MapClaims{"purposeId": unlinked}), "The purpose is not linked to the client",
			"Passed, Passed, Passed, Failed, Skipped", "Link a purpose to the client", w.page("/purposes/new"),
		},
		{"no assertion", "abc", "What was pasted is no assertion", "Failed, Skipped, Skipped, Skipped, Skipped", "", ""},
	} {
		shown := check(v, c.assertion).See("The voucher would be refused", c.says)
		if got := steps(shown); got != c.steps {
			t.Errorf("%s: steps are %s, want %s", c.what, got, c.steps)
		}
		if c.link != "" {
			if to := shown.Click(c.link); to.URL.Path != c.to {
				t.Errorf("%s: the remedy is at %s, want %s", c.what, to.URL.Path, c.to)
			}
		}
	}
	long := check(v, w.assertion(jwt.MapClaims{"exp": 4_000_000_000}))
	long.See("The voucher would be issued", "To be corrected", "valid for too long")
	if steps(long) != "Passed, Passed, Passed, Passed, Passed" {
		t.Errorf("a long one: steps are %s", steps(long))
	}

	w.AsProducer(http.MethodPost, "/agreements/"+w.agreement+"/suspend", nil)
	shown := check(v, w.assertion(nil)).See("The agreement is not active.")
	if to := shown.Click("Open the agreement"); to.URL.Path != "/office/agreements/"+w.agreement {
		t.Errorf("the remedy is at %s", to.URL.Path)
	}
	v.In("it").Open("/office/debug").Press("Controlla", map[string]any{"client_assertion": w.assertion(nil)}).
		See("Il voucher verrebbe rifiutato", "La richiesta di fruizione non è attiva.", "Apri la richiesta di fruizione")
}

// TestDebugForm: what was pasted stays in the form and in no URL, is decoded as text, and
// the client of another organization is not examined.
func TestDebugForm(t *testing.T) {
	t.Parallel()
	w := newClientWorld(t)
	v := site.As(t, "consumer")
	assertion := w.assertion(nil)
	form := v.Open(w.page("")).Click("Check an assertion")
	if form.Find(`[name="client_id"]`).AttrOr("value", "") != w.client {
		t.Error("the client is not in the form")
	}
	shown := form.Press("Check", map[string]any{"client_assertion": assertion}).See(`"alg": "ES256"`, w.kid)
	if got := shown.Find(`[name="client_assertion"]`).Text(); got != assertion {
		t.Errorf("the form has %q", got)
	}
	if shown.URL.RequestURI() != "/office/debug" || shown.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("the page is at %s, with %s", shown.URL, shown.Header)
	}
	html, err := shown.Html()
	if err != nil || strings.Count(html, assertion) != 1 {
		t.Errorf("the assertion is %d times in the page", strings.Count(html, assertion))
	}
	other := check(site.As(t, "producer"), assertion)
	kept := other.Find(`[name="client_assertion"]`).Text()
	if other.Status != http.StatusForbidden || other.Find(".timeline").Length() != 0 || kept != assertion {
		t.Errorf("another organization is answered %d: %s", other.Status, other.Words())
	}

	const markup = "<script>alert('x')</script>"
	forged := base64.RawURLEncoding.EncodeToString([]byte(`{"kid":"<b>"}`)) + "." +
		base64.RawURLEncoding.EncodeToString([]byte(`{"jti":"`+markup+`","sub":"../users","purposeId":"%2e%2e"}`)) + ".eA"
	odd := check(v, forged).See("The voucher would be refused", markup, `"kid": "<b>"`)
	if odd.Find("main script, main pre b").Length() != 0 {
		t.Error("the page has the markup of an assertion")
	}
	foreign := check(site.As(t, "producer"), w.assertion(jwt.MapClaims{"aud": "x"})).See("The voucher would be refused")
	if strings.Contains(foreign.Words(), "Portal "+w.Suffix()+". Purpose") || foreign.Find(`main a[href$="`+w.client+`"]`).Length() != 0 {
		t.Errorf("another organization sees the client: %s", foreign.Words())
	}

	withProof := v.Open("/office/debug").Press("Check", map[string]any{"client_assertion": w.assertion(nil), "dpop_proof": "no proof"})
	withProof.See("The voucher would be refused", "DPoP proof", "The DPoP proof is no signed JWT.")
	key, _ := w.key.(*ecdsa.PrivateKey)
	token := jwt.NewWithClaims(jwt.SigningMethodES256, jwt.MapClaims{"jti": uuid.NewString(), "htm": "GET"})
	proof, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	v.Open("/office/debug").Press("Check", map[string]any{"client_assertion": w.assertion(nil), "dpop_proof": proof}).
		See("The decoded DPoP proof", "The DPoP proof is for another method (htm).", `"htm": "GET"`)
}
