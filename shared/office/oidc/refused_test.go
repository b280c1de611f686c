package oidc_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// unacceptable are answers of an issuer, each with what is changed of a good one.
var unacceptable = map[string]struct {
	cognito   bool
	status    int
	exchanges bool                                               // whether the code goes to the issuer
	answer    func(t *testing.T, b *browser, back string) string // changes the answer
	sign      func(i *issuer, c jwt.MapClaims) string            // makes another ID token
	claims    map[string]any
}{
	"another state":   {answer: with("state", "x")},
	"no state":        {answer: with("state", "")},
	"another browser": {answer: func(_ *testing.T, b *browser, back string) string { clear(b.cookies); return back }},
	"an attempt of another key": {answer: func(_ *testing.T, b *browser, back string) string {
		b.cookies["ciclo-sign-in"].Value = "AAAA" + b.cookies["ciclo-sign-in"].Value
		return back
	}},
	"too late": {answer: func(_ *testing.T, b *browser, back string) string { b.w.advance(11 * time.Minute); return back }},
	"a code that was used": {exchanges: true, answer: func(_ *testing.T, b *browser, back string) string {
		kept := *b.cookies["ciclo-sign-in"]
		b.get(back).expect(http.StatusSeeOther)
		clear(b.cookies)
		b.cookies["ciclo-sign-in"] = &kept
		return back
	}},
	"a code of another attempt": {exchanges: true, answer: func(_ *testing.T, b *browser, back string) string {
		other := b.w.browser()
		u, _ := url.Parse(b.w.issuer.authorize(other.start("/"), "eve")) // who wants the session to be hers
		return with("code", u.Query().Get("code"))(nil, b, back)
	}},
	"no code":                 {answer: with("code", "")},
	"another issuer":          {answer: with("iss", "https://evil.example")},
	"no issuer":               {answer: with("iss", "")},
	"another issuer, Cognito": {cognito: true, answer: with("iss", "https://evil.example")},
	"access denied":           {answer: with("error", "access_denied"), status: http.StatusForbidden},
	"an error":                {answer: with("error", "<script>alert(1)</script>")},
	"another nonce":           {exchanges: true, claims: map[string]any{"nonce": "x"}},
	"for another client":      {exchanges: true, claims: map[string]any{"aud": "x"}},
	"by another client":       {exchanges: true, claims: map[string]any{"azp": "x"}},
	"of another issuer":       {exchanges: true, claims: map[string]any{"iss": "https://evil.example"}},
	"of no person":            {exchanges: true, claims: map[string]any{"sub": ""}},
	"expired":                 {exchanges: true, claims: map[string]any{"exp": 1}},
	"issued in the future":    {exchanges: true, claims: map[string]any{"iat": 99999999999}},
	"no ID token":             {exchanges: true, sign: func(*issuer, jwt.MapClaims) string { return "" }},
	"not signed": {exchanges: true, sign: func(_ *issuer, c jwt.MapClaims) string {
		return signedBy(jwt.SigningMethodNone, c, jwt.UnsafeAllowNoneSignatureType)
	}},
	"signed with a public key": {exchanges: true, sign: func(_ *issuer, c jwt.MapClaims) string {
		return signedBy(jwt.SigningMethodHS256, c, signing().N.Bytes())
	}},
	"signed by somebody else": {exchanges: true, sign: func(i *issuer, c jwt.MapClaims) string {
		s := i.rs256(c)
		return s[:len(s)-8] + "AAAAAAAA"
	}},
}

// TestAnswersThatAreNotAccepted: none of these begins a session, and the person may try again.
func TestAnswersThatAreNotAccepted(t *testing.T) {
	t.Parallel()
	for name, tc := range unacceptable {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, !tc.cognito)
			w.issuer.claims = tc.claims
			if tc.sign != nil {
				w.issuer.sign = func(c jwt.MapClaims) string { return tc.sign(w.issuer, c) }
			}
			if tc.status == 0 {
				tc.status = http.StatusBadRequest
			}
			b := w.browser()
			back := w.issuer.authorize(b.start("/things"), "anna")
			if tc.answer != nil {
				back = tc.answer(t, b, back)
			}
			before := w.issuer.count("/token")
			b.get(back).expect(tc.status, "Try again")
			if b.signedIn() || strings.Contains(b.text, "<script>alert") {
				t.Errorf("signed in: %v\n%s", b.signedIn(), b.text)
			}
			if n := w.issuer.count("/token") - before; (n == 1) != tc.exchanges {
				t.Errorf("the code went to the issuer %d times", n)
			}
			if log := w.log.String(); strings.Contains(log, "alert") || strings.Contains(log, "code=") {
				t.Errorf("the log has what the answer had:\n%s", log)
			}
		})
	}
}

// with changes a parameter of the issuer's answer, "" takes it away.
func with(name, value string) func(*testing.T, *browser, string) string {
	return func(_ *testing.T, _ *browser, back string) string {
		u, err := url.Parse(back)
		if err != nil {
			panic(err)
		}
		q := u.Query()
		q.Set(name, value)
		if value == "" {
			q.Del(name)
		}
		u.RawQuery = q.Encode()
		return u.String()
	}
}

func signedBy(method jwt.SigningMethod, c jwt.MapClaims, key any) string {
	token := jwt.NewWithClaims(method, c)
	token.Header["kid"] = "1"
	text, err := token.SignedString(key)
	if err != nil {
		panic(err)
	}
	return text
}
