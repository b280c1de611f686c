package main

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"ciclo/cmd/internal/catalog"
	"ciclo/cmd/internal/devissuer"
	"ciclo/shared/platform/api"
)

// TestGarbageStartsNoFunction holds the patterns of API Gateway's authorizers, for every
// operation that asks for a credential, to what is one and what is none.
func TestGarbageStartsNoFunction(t *testing.T) {
	t.Parallel()
	issuer, err := devissuer.New(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	token, err := issuer.Token(devissuer.Claims{Subject: "ISSUER-001"})
	if err != nil {
		t.Fatal(err)
	}
	key := "MANAGE-comune_1." + strings.Repeat("aZ0-_", 8) + "xyz"
	jws := "eyJhbGciOiJub25lIn0.e30.AA"
	credentials := map[string]examples{
		"Authorization": {
			[]string{"Bearer " + token, "bearer " + token, "BEARER " + token, "DPoP " + token, "Bearer " + jws},
			[]string{
				"", " ", "Bearer", "Bearer ", "Bearer undefined", "Bearer null", "Bearer [object Object]",
				"Bearer {{token}}", "Bearer a.b", "Bearer ..", "Bearer " + jws + ".", "Bearer " + jws + ".AA",
				"Bearer  " + jws, " Bearer " + jws, "Bearer " + jws + " ", "Bearer " + jws + "\n", "Bearer\t" + jws,
				"Bearer " + jws + "," + jws, "Bearer " + jws + "=", "Bearer Bearer " + jws,
				"Basic dXNlcjpwYXNz", "Basic " + jws, "BearerX " + jws, jws, token, "AWS4-HMAC-SHA256 Credential=x",
				"Bearer " + key, "' OR 1=1 --", "Bearer é.é.é", "Bearer \x00.\x00.\x00",
			},
		},
		api.KeyHeader: {
			[]string{key, "a." + key[len(key)-43:], strings.Repeat("A", 80) + "." + key[len(key)-43:]},
			[]string{
				"", " ", ".", "undefined", "null", key[:len(key)-1], key + "A", key + "=", " " + key, key + " ", key + "\n",
				"Bearer " + key, strings.Replace(key, ".", "", 1), strings.Repeat("A", 81) + "." + key[len(key)-43:],
				"." + key[len(key)-43:], "0123456789abcdef0123456789abcdef", token,
				"a b." + key[len(key)-43:], "é." + key[len(key)-43:], key + "," + key,
			},
		},
	}
	for _, product := range catalog.Products() {
		text, err := gateway(product)
		if err != nil {
			t.Fatal(err)
		}
		var d definition
		if err := yaml.Unmarshal(text, &d); err != nil {
			t.Fatal(err)
		}
		checkGuards(t, product, d, credentials)
	}
}

// examples are credentials that start a function, and garbage that does not.
type examples struct{ yes, no []string }

func checkGuards(t *testing.T, product catalog.Product, d definition, credentials map[string]examples) {
	t.Helper()
	for _, op := range product.Operations {
		s := op.Describe()
		for _, schemes := range d.Paths[s.Path][strings.ToLower(s.Method)].Security {
			for name := range schemes {
				guard := d.Components.Schemes[name]
				if guard.Authorizer == nil {
					continue // an API key of a usage plan, which the authorizer names
				}
				if len(s.Product.Refusals) > 0 {
					checkExamined(t, s.ID, *guard.Authorizer)
					continue
				}
				checkPattern(t, s.ID, guard, credentials[guard.Name])
			}
		}
	}
}

// checkExamined checks that the function is asked about every request, whatever headers it
// has: the codes of its refusals are the product's.
func checkExamined(t *testing.T, id string, a authorizer) {
	t.Helper()
	if a.Type != "request" || a.Pattern != "" || a.TTL != 0 {
		t.Errorf("%s: some requests are answered without its authorizer: %+v", id, a)
	}
}

// checkPattern checks that the pattern of the guard of an operation matches credentials and
// no garbage.
func checkPattern(t *testing.T, id string, guard scheme, credentials examples) {
	t.Helper()
	matches := regexp.MustCompile(guard.Authorizer.Pattern).MatchString
	for _, credential := range credentials.yes {
		if !matches(credential) {
			t.Errorf("%s: %s %q is refused unseen", id, guard.Name, credential)
		}
	}
	for _, garbage := range credentials.no {
		if guard.Authorizer.Pattern == "" || matches(garbage) {
			t.Errorf("%s: %s %q starts a function", id, guard.Name, garbage)
		}
	}
}
