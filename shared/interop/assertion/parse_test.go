package assertion_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ciclo/shared/interop/assertion"
)

// acceptable is an assertion that Parse accepts, and what it reads.
type acceptable struct {
	token string
	want  assertion.Assertion
}

func acceptableCases() map[string]acceptable {
	want := func(change func(*assertion.Assertion)) assertion.Assertion {
		a := assertion.Assertion{
			ClientID: client, PurposeID: purpose, Kid: kid, JTI: "one of many", Issuer: client, Audience: []string{audience},
			Alg: "ES256", IssuedAt: now, ExpiresAt: now.Add(time.Minute),
		}
		if change != nil {
			change(&a)
		}
		return a
	}
	same := want(nil)
	letters := strings.Repeat("è", 64)
	return map[string]acceptable{
		"ES256":               {es256(head(nil), claims(nil)), same},
		"RS256":               {rs256(claims(nil)), want(func(a *assertion.Assertion) { a.Alg = "RS256" })},
		"no typ":              {es256(head(set{"typ": absent}), claims(nil)), same},
		"typ in other case":   {es256(head(set{"typ": "jwt"}), claims(nil)), same},
		"no purpose":          {es256(head(nil), claims(set{"purposeId": absent})), want(func(a *assertion.Assertion) { a.PurposeID = "" })},
		"purpose in capitals": {es256(head(nil), claims(set{"purposeId": strings.ToUpper(purpose)})), same},
		"subject in capitals": {es256(head(nil), claims(set{"sub": strings.ToUpper(client)})), same},
		"another issuer":      {es256(head(nil), claims(set{"iss": "me"})), want(func(a *assertion.Assertion) { a.Issuer = "me" })},
		"audience as array":   {es256(head(nil), claims(set{"aud": []string{audience}})), same},
		"one of several audiences": {
			es256(head(nil), claims(set{"aud": []string{"x", audience}})),
			want(func(a *assertion.Assertion) { a.Audience = []string{"x", audience} }),
		},
		"digest": {
			es256(head(nil), claims(set{"digest": set{"alg": "SHA256", "value": hash}})),
			want(func(a *assertion.Assertion) { a.Digest = &assertion.Digest{Alg: "SHA256", Value: hash} }),
		},
		"digest, 64 letters": {
			es256(head(nil), claims(set{"digest": set{"alg": "SHA256", "value": letters}})),
			want(func(a *assertion.Assertion) { a.Digest = &assertion.Digest{Alg: "SHA256", Value: letters} }),
		},
		"digest is null": {es256(head(nil), claims(set{"digest": nil})), same},
		"until the year 9999": {
			es256(head(nil), claims(set{"exp": 253402300799})),
			want(func(a *assertion.Assertion) { a.ExpiresAt = time.Unix(253402300799, 0) }),
		},
		"over, which Verify tells": {
			es256(head(nil), claims(set{"exp": 1})),
			want(func(a *assertion.Assertion) { a.ExpiresAt = time.Unix(1, 0) }),
		},
		"spaces between members": {
			es256("\n{ \"alg\" : \"ES256\" , \"kid\" : \""+kid+"\" }\n", " "+strings.ReplaceAll(claims(nil), `":`, "\" : ")+" "),
			same,
		},
		"escaped":                   {es256(strings.Replace(head(nil), `"kid"`, `"\u006bid"`, 1), claims(nil)), same},
		"signature of somebody":     {sign(head(nil), claims(nil), keys().stranger), same},
		"signature of another size": {es256(head(nil), claims(nil))[:len(b64([]byte(head(nil))))+len(b64([]byte(claims(nil))))+2] + "AA", same},
	}
}

func TestParseReadsTheAssertion(t *testing.T) {
	t.Parallel()
	for name, tc := range acceptableCases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, failures := assertion.Parse(request(tc.token), expected)
			names(t, failures, tc.token)
			if diff := cmp.Diff(tc.want, got, cmpopts.IgnoreUnexported(assertion.Assertion{})); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
	long := longToken(t, 16<<10)
	if _, failures := assertion.Parse(request(long), expected); failures != nil {
		t.Errorf("16 KB: %v", failures)
	}
}

const (
	format   = "invalidClientAssertionFormat"
	strict   = "clientAssertionInvalidClaims"
	badAud   = "invalidAudience"
	noAud    = "audienceNotFound"
	badSub   = "invalidSubjectFormat"
	otherSub = "invalidSubject"
	badID    = "invalidPurposeIdClaimFormat"
	badKid   = "invalidKidFormat"
	badAlg   = "algorithmNotAllowed"
	badHash  = "invalidDigestClaim"
)

func TestParseChecksTheParameters(t *testing.T) {
	t.Parallel()
	token := es256(head(nil), claims(nil))
	for name, tc := range map[string]struct {
		change func(*assertion.Request)
		want   []string
	}{
		"no client_id":          {func(r *assertion.Request) { r.ClientID = "" }, nil},
		"client_id in capitals": {func(r *assertion.Request) { r.ClientID = strings.ToUpper(client) }, nil},
		"client_id is no UUID":  {func(r *assertion.Request) { r.ClientID = "me" }, []string{"invalidClientIdFormat"}},
		"another client_id":     {func(r *assertion.Request) { r.ClientID = purpose }, []string{otherSub}},
		"no type":               {func(r *assertion.Request) { r.ClientAssertionType = "" }, []string{"invalidAssertionType"}},
		"SAML": {func(r *assertion.Request) {
			r.ClientAssertionType = "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"
		}, []string{"invalidAssertionType"}},
		"type in capitals": {
			func(r *assertion.Request) { r.ClientAssertionType = strings.ToUpper(assertion.Type) },
			[]string{"invalidAssertionType"},
		},
		"no grant":      {func(r *assertion.Request) { r.GrantType = "" }, []string{"invalidGrantType"}},
		"another grant": {func(r *assertion.Request) { r.GrantType = "password" }, []string{"invalidGrantType"}},
		"nothing": {
			func(r *assertion.Request) { *r = assertion.Request{} },
			[]string{"invalidAssertionType", "invalidGrantType", format},
		},
		"all, and a bad assertion": {
			func(r *assertion.Request) { *r = assertion.Request{ClientID: "me", ClientAssertion: "a.b"} },
			[]string{"invalidAssertionType", "invalidGrantType", "invalidClientIdFormat", format},
		},
		"client_id, and a bad sub": {func(r *assertion.Request) {
			r.ClientID, r.ClientAssertion = "me", es256(head(nil), claims(set{"sub": "me"}))
		}, []string{"invalidClientIdFormat", badSub}},
		"no client_id, other claim": {func(r *assertion.Request) {
			r.ClientID, r.ClientAssertion = "", es256(head(nil), claims(set{"sub": purpose}))
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := request(token)
			tc.change(&r)
			_, failures := assertion.Parse(r, expected)
			names(t, failures, r.ClientAssertion, tc.want...)
		})
	}
}

func TestNothingIsAllowedThatIsNotExpected(t *testing.T) {
	t.Parallel()
	es, rs := es256(head(nil), claims(nil)), rs256(claims(nil))
	for name, tc := range map[string]struct {
		token    string
		expected assertion.Expected
		want     []string
	}{
		"nothing expected":  {es, assertion.Expected{}, []string{badAud, badAlg}},
		"ES256 where RS256": {es, assertion.Expected{Audiences: expected.Audiences, Algorithms: []string{"RS256"}}, []string{badAlg}},
		"RS256 where ES256": {rs, assertion.Expected{Audiences: expected.Audiences, Algorithms: []string{"ES256"}}, []string{badAlg}},
		"RS256 where RS256": {rs, assertion.Expected{Audiences: expected.Audiences, Algorithms: []string{"RS256"}}, nil},
		"an empty expectation": {
			es256(head(set{"alg": 7}), claims(set{"aud": 7})),
			assertion.Expected{Audiences: []string{""}, Algorithms: []string{"ES256"}},
			[]string{badAud, badAlg},
		},
		"no claim of a purpose": {es256(head(nil), claims(set{"purposeId": absent})), expected, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, failures := assertion.Parse(request(tc.token), tc.expected)
			names(t, failures, tc.token, tc.want...)
		})
	}
}

func TestReasonsNameWhatHelps(t *testing.T) {
	t.Parallel()
	many := set{}
	for _, name := range []string{"a1", "a2", "a3", "a4", "a5", "a6", "not a name"} {
		many[name] = 1
	}
	for name, tc := range map[string]struct{ token, want string }{
		"the claim":    {es256(head(nil), claims(set{"scope": 1})), "remove scope."},
		"five claims":  {es256(head(nil), claims(many)), "remove a1, a2, a3, a4, a5, 2 more."},
		"just five":    {es256(head(nil), claims(set{"a1": 1, "a2": 1, "a3": 1, "a4": 1, "a5": 1})), "remove a1, a2, a3, a4, a5."},
		"a short name": {es256(head(nil), claims(set{"n": 1})), "remove n."},
		"a long name":  {es256(head(nil), claims(set{strings.Repeat("n", 32): 1})), "remove " + strings.Repeat("n", 32) + "."},
		"too long":     {es256(head(nil), claims(set{strings.Repeat("n", 33): 1})), "remove 1 more."},
		"the header":   {es256(head(set{"jku": 1}), claims(nil)), "The header may have alg, kid, typ alone: remove jku."},
		"the payload": {
			es256(head(nil), claims(set{"secret of mine": 1})),
			"The payload may have aud, digest, exp, iat, iss, jti, nbf, purposeId, sub alone: remove 1 more.",
		},
		"the audiences": {es256(head(nil), claims(set{"aud": "x"})), "https://auth.example/other or " + audience},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, failures := assertion.Parse(request(tc.token), expected)
			if len(failures) != 1 || !strings.Contains(failures[0].Reason, tc.want) {
				t.Errorf("%+v, want %q", failures, tc.want)
			}
		})
	}
}
