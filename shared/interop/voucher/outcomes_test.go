package voucher_test

import (
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/testing/apitest"
)

// claims returns the claims of a valid assertion, with changes; nil removes a claim.
func (w *world) claims(p requester, changes object) jwt.MapClaims {
	now := w.Clock.Now().Unix()
	m := jwt.MapClaims{
		"iss": p.clientID(), "sub": p.clientID(), "aud": issuer, "jti": uuid.NewString(), "iat": now, "exp": now + 60, "purposeId": p.purposeID(),
	}
	if p.purpose == "" { // of a client of the kind API
		delete(m, "purposeId")
	}
	for name, value := range changes {
		if m[name] = value; value == nil {
			delete(m, name)
		}
	}
	return m
}

// assertion returns a signed assertion of a client, with changed claims.
func (w *world) assertion(p requester, changes object) string {
	w.Helper()
	return w.signJWT(p.key, object{"kid": p.kid}, w.claims(p, changes))
}

// signJWT returns a JWT signed by RS256.
func (w *world) signJWT(key *rsa.PrivateKey, header object, claims jwt.MapClaims) string {
	w.Helper()
	t := jwt.NewWithClaims(jwt.SigningMethodRS256, claims)
	maps.Copy(t.Header, header)
	text, err := t.SignedString(key)
	if err != nil {
		w.Fatal(err)
	}
	return text
}

// form returns the body of a request with an assertion, with changed parameters; ""
// removes a parameter.
func form(assertion string, changes map[string]string) string {
	values := url.Values{
		"client_assertion": {assertion}, "client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
		"grant_type": {"client_credentials"},
	}
	for name, value := range changes {
		if values.Set(name, value); value == "" {
			values.Del(name)
		}
	}
	return values.Encode()
}

// formType is the media type of requests for vouchers.
const formType = "application/x-www-form-urlencoded"

// checkOAuth checks that OAuth clients can read an answer of the token endpoint.
func (w *world) checkOAuth(res apitest.Response) apitest.Response {
	w.Helper()
	if finding := apitest.OAuth(res); finding != "" {
		w.Errorf("an OAuth client cannot read the answer %d: %s\n%s", res.Status, finding, res.Raw)
	}
	return res
}

// issue requests a voucher.
func (w *world) issue(body string, header ...string) apitest.Response {
	w.Helper()
	return w.checkOAuth(w.As(nil, "POST", "/token.oauth2", body, append([]string{"Content-Type", formType}, header...)...))
}

// validate sends a request for a voucher to the debug tool.
func (w *world) validate(caller *api.Identity, body string) apitest.Response {
	w.Helper()
	return w.As(caller, "POST", "/tools/validateTokenGeneration", body, "Content-Type", formType)
}

// outcome returns the reasons of a refusal in order, or the type of the issued voucher.
func outcome(res apitest.Response) string {
	if res.Status == 200 {
		return res.Text("token_type")
	}
	all, _ := res.Body["errors"].([]any)
	var names []string
	for i, one := range all {
		entry, _ := one.(object)
		name, _ := entry["code"].(string)
		if i > 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, " ")
}

// toolOutcome returns the failures of the first step that failed in the debug tool, or the
// type of the voucher when every step passed.
func toolOutcome(res apitest.Response) string {
	all, _ := res.Body["steps"].(object)
	kind := "Bearer"
	for _, step := range toolSteps {
		s, there := all[step].(object)
		if step == "dpopValidation" && there {
			kind = "DPoP"
		}
		if s["result"] != "FAILED" {
			continue
		}
		failures, _ := s["failures"].([]any)
		var names []string
		for _, one := range failures {
			entry, _ := one.(object)
			name, _ := entry["code"].(string)
			names = append(names, name)
		}
		return strings.Join(names, " ")
	}
	return kind
}

// notVerified is the only reason that the endpoint gives for an assertion without a valid
// signature by a key of the client. The tool gives the owner of the client all reasons.
const notVerified = "clientAssertionSignatureVerificationError"

// publicOutcome returns the outcome at the endpoint of a request with this answer of the tool.
func publicOutcome(tool apitest.Response) string {
	reasons := toolOutcome(tool)
	all, _ := tool.Body["steps"].(object)
	claims, _ := all["clientAssertionValidation"].(object)
	signature, _ := all["clientAssertionSignatureVerification"].(object)
	hasFailure := func(text string) bool {
		return slices.ContainsFunc([]string{noKey, badSign, badAlg}, func(name string) bool { return strings.Contains(text, name) })
	}
	// After a key of the wrong kind the signature is verified all the same.
	if claims["result"] == "PASSED" && (hasFailure(reasons) || hasFailure(fmt.Sprint(signature["failures"]))) {
		return notVerified
	}
	return reasons
}

// checkOutcome sends one request to the debug tool and to the endpoint, and checks that both
// have the expected outcome.
func (w *world) checkOutcome(p requester, expected string) apitest.Response {
	w.Helper()
	w.Clock.Advance(time.Millisecond) // so that the events are listed in order
	body := form(w.assertion(p, nil), nil)
	tool := w.validate(consumer, body)
	res := w.issue(body)
	w.checkOutcomes("a voucher", tool, res, expected)
	return res
}

// checkOutcomes checks that the answers of the debug tool and of the endpoint to one request
// have the expected outcome; what names the request.
func (w *world) checkOutcomes(what string, tool, res apitest.Response, expected string) {
	w.Helper()
	if got := outcome(res); got != publicOutcome(tool) || toolOutcome(tool) != expected {
		w.Errorf("%s: the endpoint answers %q, the tool %q, want %q\n%s", what, got, toolOutcome(tool), expected, res.Raw)
	}
}

// voucherClaims verifies the signature of a voucher and returns its claims.
func (w *world) voucherClaims(res apitest.Response) object {
	w.Helper()
	token := res.Text("access_token")
	parsed, err := jwt.Parse(token, func(*jwt.Token) (any, error) {
		var set struct {
			Keys []struct{ KID, N, E string }
		}
		if err := json.Unmarshal(signer().Keys().JWKS(), &set); err != nil {
			return nil, err
		}
		return publicKey(set.Keys[0].N, set.Keys[0].E)
	}, jwt.WithValidMethods([]string{"RS256"}), jwt.WithTimeFunc(w.Clock.Now))
	if err != nil {
		w.Fatalf("the voucher is not valid: %v", err)
	}
	claims, _ := parsed.Claims.(jwt.MapClaims)
	return object(claims)
}
