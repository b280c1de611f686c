package main

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"testing"

	"ciclo/cmd/internal/catalog"
	"ciclo/shared/consumers"
	"ciclo/shared/interop"
	"ciclo/shared/services"
)

// probes are a path of each product with a route of the sandbox's own that it needs, "" for
// none.
var probes = map[string]struct{ path, own string }{
	consumers.Product.Name: {"/issuers/ISSUER-001/consumers/bob", ""},
	services.Product.Name:  {"/api/v1/manage/services", "/_local/key?owner=comune"},
	interop.Product.Name:   {"/eservices", "/_local/ledger"},
}

// TestProducts serves every set of products: the operations of these alone, their part of
// the greeting, and clock and purge whatever is served.
func TestProducts(t *testing.T) {
	t.Parallel()
	for _, wanted := range []string{"", "consumers", "services", "interop", "interop, consumers", "consumers,services", "services,interop"} {
		getenv := func(name string) string {
			if name == productsSetting {
				return wanted
			}
			return ""
		}
		box, err := newSandbox(embedded(t), "http://localhost:3000", getenv, quiet())
		if err != nil {
			t.Fatal(err)
		}
		var greeting bytes.Buffer
		if err := box.products.greet(&greeting, "http://localhost:3000", "embedded"); err != nil {
			t.Fatal(err)
		}
		for _, p := range catalog.Products() {
			served := wanted == "" || strings.Contains(wanted, p.Name)
			checkProbes(t, box, wanted, p.Name, served)
			if strings.Contains(greeting.String(), probes[p.Name].path[:8]) != served {
				t.Errorf("%q: the greeting is\n%s", wanted, &greeting)
			}
		}
		for _, path := range []string{"/_local/clock", "/openapi.json", "/_local/health"} {
			if res := ask(t, box, "GET", path, ""); res.Code != http.StatusOK {
				t.Errorf("%q: GET %s = %d", wanted, path, res.Code)
			}
		}
		if res := ask(t, box, "POST", "/_local/clock", `{"advance":"1h"}`, "Content-Type", "application/json"); res.Code != http.StatusOK {
			t.Errorf("%q: the clock answers %d %s", wanted, res.Code, res.Body)
		}
	}
}

// checkProbes asks a sandbox that was started with the products wanted for the probes of one
// product, which is served or not.
func checkProbes(t *testing.T, box *sandbox, wanted, product string, served bool) {
	t.Helper()
	probe := probes[product]
	want := http.StatusNotFound
	if served {
		want = http.StatusUnauthorized
	}
	if res := ask(t, box, "GET", probe.path, ""); res.Code != want {
		t.Errorf("%q: GET %s = %d, want %d\n%s", wanted, probe.path, res.Code, want, res.Body)
	}
	if res := ask(t, box, "GET", "/openapi/"+product+".json", ""); (res.Code == http.StatusOK) != served {
		t.Errorf("%q: GET /openapi/%s.json = %d", wanted, product, res.Code)
	}
	if together := ask(t, box, "GET", "/openapi.json", "").Body.String(); strings.Contains(together, `"`+probe.path[:8]) != served {
		t.Errorf("%q: /openapi.json has the paths of %s: %t", wanted, product, !served)
	}
	if probe.own == "" {
		return
	}
	res := ask(t, box, "GET", probe.own, "")
	if (res.Code == http.StatusOK) != served || !served && !strings.Contains(res.Body.String(), product) {
		t.Errorf("%q: GET %s = %d %s", wanted, probe.own, res.Code, res.Body)
	}
}

// TestUnknownProducts: a product that is misspelt is not left out silently.
func TestUnknownProducts(t *testing.T) {
	t.Parallel()
	for _, setting := range []string{"consumer", "consumers,", "consumers;services", "all"} {
		served, err := productsFrom(setting)
		if err == nil || served != nil || !strings.Contains(err.Error(), "consumers, services, interop") {
			t.Errorf("%q: %v, %v", setting, served, err)
		}
	}
	all, err := productsFrom(" ")
	sameName := func(a, b catalog.Product) bool { return a.Name == b.Name }
	if err != nil || !slices.EqualFunc(all, catalog.Products(), sameName) {
		t.Errorf("no setting: %v, %v", all, err)
	}
}
