package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"ciclo/cmd/internal/catalog"
	"ciclo/cmd/internal/devissuer"
	"ciclo/shared/consumers"
	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/host"
	"ciclo/shared/services"
)

// detail is what an answer tells its reader.
func detail(t *testing.T, res *httptest.ResponseRecorder) string {
	t.Helper()
	var body struct {
		Detail string
		Errors []struct{ Detail string }
	}
	if err := json.Unmarshal(res.Body.Bytes(), &body); err != nil {
		t.Fatalf("%v: %s", err, res.Body)
	}
	if body.Detail == "" && len(body.Errors) > 0 {
		return body.Errors[0].Detail
	}
	return body.Detail
}

// mistake is a header with a credential that is refused, and the pattern of why.
type mistake struct{ header, value, want string }

// mistakes returns what can be wrong with the credentials of box, by product. It moves the
// sandbox's clock.
func mistakes(t *testing.T, box *sandbox) map[string][]mistake {
	t.Helper()
	mint := func(c devissuer.Claims) string {
		c.Subject = "ISSUER-001"
		c.Scope = "d1-api:consumer:full"
		token, err := box.issuer.Token(c)
		if err != nil {
			t.Fatal(err)
		}
		return "Bearer " + token
	}
	advance := func(d string) {
		res := ask(t, box, "POST", "/_local/clock", `{"advance":"`+d+`"}`, "Content-Type", "application/json")
		if res.Code != http.StatusOK {
			t.Fatal(res.Body)
		}
	}
	expiring := mint(devissuer.Claims{})
	elsewhere := mint(devissuer.Claims{Audience: "an e-service", TTL: 9 * time.Hour})
	advance("2h")
	early := mint(devissuer.Claims{})
	advance("-10m")
	valid := mint(devissuer.Claims{})
	key := ask(t, box, "GET", "/_local/key?owner=comune", "").Body.String()
	const instant = `20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ`
	tokens := []mistake{
		{"Authorization", expiring, `expired at ` + instant + `, it is ` + instant + `\. Send`},
		{"Authorization", early, `not valid yet, it is ` + instant},
		{"Authorization", elsewhere, `not for this product, whose audience is ciclo-sandbox`},
		{"Authorization", "Bearer garbage", `malformed`},
	}
	return map[string][]mistake{
		consumers.Product.Name: append([]mistake{
			{"Authorization", "", `no token\. Send`},
			{"Authorization", "Basic x", `no bearer token`},
			{"Authorization", "DPoP " + valid, `no bearer token`},
			{api.KeyHeader, key, `no token, and a subscription key \(Ocp-Apim-Subscription-Key\) is not for this product`},
		}, tokens...),
		interop.Product.Name: append([]mistake{
			{"Authorization", "", `the header Authorization is missing`},
			{"Authorization", "Basic x", `the header Authorization must be DPoP or Bearer`},
			{"Authorization", strings.Replace(valid, "Bearer", "DPoP", 1), `the header DPoP is missing`},
			{
				api.KeyHeader, key,
				`the header Authorization is missing, and a subscription key \(Ocp-Apim-Subscription-Key\) is not for this product`,
			},
		}, tokens...),
		services.Product.Name: {
			{api.KeyHeader, "", `no key\. Send`},
			{api.KeyHeader, "garbage", `malformed`},
			{api.KeyHeader, key[:len(key)-4] + "AAAA", `wrong key`},
			{"Authorization", valid, `no key, and an access token \(Authorization\) is not for this product`},
		},
	}
}

// TestRefusalsSayWhy makes every mistake with a credential at every operation that asks
// for one, and reads in the answer which it was.
func TestRefusalsSayWhy(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	box, err := newSandbox(embedded(t), "http://localhost:3000", nothing, host.NewLogger(&log, nothing))
	if err != nil {
		t.Fatal(err)
	}
	all := mistakes(t, box)
	for _, op := range catalog.Operations() {
		spec := op.Describe()
		path := regexp.MustCompile(`\{\w+\}`).ReplaceAllString(spec.Path, "x")
		for _, m := range all[spec.Product.Name] {
			log.Reset()
			res := ask(t, box, spec.Method, path, "", m.header, m.value)
			switch {
			case spec.Public:
				if res.Code == http.StatusUnauthorized {
					t.Errorf("%s: anybody may call, and %s is answered %s", spec.ID, m.value, res.Body)
				}
			case res.Code != http.StatusUnauthorized:
				t.Errorf("%s: %s is answered %d", spec.ID, m.value, res.Code)
			default:
				checkReason(t, spec, m, detail(t, res), log.String())
			}
		}
	}
}

// checkReason checks that an operation's answer names the mistake and what to send instead,
// and that its log line names the mistake and neither the credential nor who sent it.
func checkReason(t *testing.T, spec api.Spec, m mistake, answer, line string) {
	t.Helper()
	if !regexp.MustCompile(`refused: `+m.want).MatchString(answer) || !strings.HasSuffix(answer, spec.Product.Scheme.Hint) {
		t.Errorf("%s: %s %q is answered %q, want %s", spec.ID, m.header, m.value, answer, m.want)
	}
	// httptest's requests come from 192.0.2.1.
	source := regexp.MustCompile(`"source":"[0-9a-f]{16}"`)
	refusal := regexp.MustCompile(`"refusal":"` + strings.TrimSuffix(m.want, `\. Send`))
	if !source.MatchString(line) || !refusal.MatchString(line) ||
		strings.Contains(line, "192.0.2.1") || m.value != "" && strings.Contains(line, m.value) {
		t.Errorf("%s: %s %q is logged as %s", spec.ID, m.header, m.value, line)
	}
}

// TestTokensSayHowLong holds a token and what is said about it to an hour.
func TestTokensSayHowLong(t *testing.T) {
	t.Parallel()
	box, err := newSandbox(embedded(t), "http://localhost:3000", nothing, quiet())
	if err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{
		"issuerId=ISSUER-001", "issuerId=ISSUER-001&issuerId=ISSUER-002&scope=d1-api:consumer:read+d1-api:consumer:full", "role=operator",
		"organizationId=69e2865e-65ab-4e48-a638-2037a9ee2ee7", "organizationId=69e2865e-65ab-4e48-a638-2037a9ee2ee7&role=certifier",
	} {
		res := ask(t, box, "GET", "/_local/token?"+query, "")
		claims := jwt.RegisteredClaims{}
		if _, _, err := jwt.NewParser().ParseUnverified(res.Body.String(), &claims); err != nil {
			t.Fatalf("%s: %v: %s", query, err, res.Body)
		}
		said, err := time.Parse(time.RFC3339Nano, res.Header().Get("X-Token-Expires"))
		if err != nil || said.Sub(claims.ExpiresAt.Time).Abs() > time.Second || claims.ExpiresAt.Sub(claims.IssuedAt.Time) != time.Hour {
			t.Errorf("%s: from %v to %v, said to be %v, %v", query, claims.IssuedAt, claims.ExpiresAt, said, err)
		}
		if res.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: a token may be kept by caches: %v", query, res.Header())
		}
	}
}

// TestUselessTokens are refused where they would be made, with the list of what is allowed.
func TestUselessTokens(t *testing.T) {
	t.Parallel()
	box, err := newSandbox(embedded(t), "http://localhost:3000", nothing, quiet())
	if err != nil {
		t.Fatal(err)
	}
	const (
		organization = "organizationId=69e2865e-65ab-4e48-a638-2037a9ee2ee7"
		scopes       = "Allowed: d1-api:consumer:full, d1-api:consumer:read."
		roles        = "certifier, m2m, m2m-admin"
	)
	for query, want := range map[string]string{
		"issuerId=ISSUER-001&scope=full":                       "that scope. " + scopes,
		"issuerId=ISSUER-001&scope=d1-api:consumer:full+admin": "that scope. " + scopes,
		"issuerId=ISSUER-001&scope=D1-API:CONSUMER:FULL":       scopes,
		"issuerId=ISSUER-001&scope=operator":                   scopes,
		"issuerId=ISSUER-001&scope=m2m":                        scopes,
		"role=admin":                                           "Allowed: operator.",
		organization + "&role=admin":                           "that role. Allowed: " + roles + ".",
		organization + "&role=operator":                        "Allowed: " + roles + ".",
		organization + "&role=M2M":                             "Allowed: " + roles + ".",
		organization + "&scope=m2m":                            "leave scope out",
		"scope=full":                                           scopes,
		"issuerId=ISSUER-001&role=m2m": "that role. Allowed: operator. " +
			"The roles " + roles + " are for organizations: add organizationId.",
	} {
		res := ask(t, box, "GET", "/_local/token?"+query, "")
		if res.Code != http.StatusBadRequest || !strings.Contains(res.Body.String(), want) {
			t.Errorf("%s is answered %d %s, want %s", query, res.Code, res.Body, want)
		}
	}
}

// TestTokensOutliveARestart with DATA_DIR; without, their key is gone, and that is said.
func TestTokensOutliveARestart(t *testing.T) {
	t.Parallel()
	for dir, want := range map[string]int{filepath.Join(t.TempDir(), "data"): http.StatusOK, "": http.StatusUnauthorized} {
		var token string
		for range 2 {
			store, err := openStorage(t.Context(), settings("DATA_DIR", dir))
			if err != nil {
				t.Fatal(err)
			}
			box, err := newSandbox(store, "http://localhost:3000", nothing, quiet())
			if err != nil {
				t.Fatal(err)
			}
			if token == "" {
				token = ask(t, box, "GET", "/_local/token?issuerId=ISSUER-001", "").Body.String()
			} else {
				res := ask(t, box, "GET", ann+"/operations", "", "Authorization", "Bearer "+token)
				if res.Code != want || want == http.StatusUnauthorized && !strings.Contains(detail(t, res), "unknown key") {
					t.Errorf("DATA_DIR=%s: %d %s", dir, res.Code, res.Body)
				}
			}
			if err := store.close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}
