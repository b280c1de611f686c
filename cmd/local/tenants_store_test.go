package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/interop"
	"ciclo/shared/services"
)

const (
	annaID  = "5f8d7a10-0000-4000-8000-0000000000b1"
	brunoID = "5f8d7a10-0000-4000-8000-0000000000b2"

	anna    = `{"userId":"` + annaID + `","name":"Anna","familyName":"Rossi","roles":["admin"]}`
	bruno   = `{"userId":"` + brunoID + `","name":"Bruno","familyName":"Bianchi","roles":[]}`
	comune  = `{"name":"Comune","externalId":{"origin":"IPA","value":"c_1"}`
	example = comune + `,"kind":"PA","onboardedAt":"2026-11-21T11:00:00+01:00","subUnitType":"AOO","selfcareInstitutionType":"PA",` +
		`"certifier":true,"users":[` + anna + `]}`
)

type stored = map[string]any

// decoded decodes an object.
func decoded(t *testing.T, text string) stored {
	t.Helper()
	var v stored
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return v
}

// without returns the object without those members.
func without(v stored, members ...string) stored {
	for _, member := range members {
		delete(v, member)
	}
	return v
}

// TestStoreTenant stores a tenant before its first call, and more of it later: it has
// everything that was said, its admin can read it, and a token changes what it says alone.
func TestStoreTenant(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c client) {
		store := func(body string) stored { return decoded(t, c.call(t, 200, "POST", tenantPath, body)) }
		first := store(example)
		id, _ := first["id"].(string)
		want := decoded(t, strings.ReplaceAll(example, "11:00:00+01:00", "10:00:00.000Z"))
		if diff := cmp.Diff(want, without(first, "id", "createdAt")); diff != "" || !interop.IsOrganization(id) {
			t.Errorf("tenant %s is stored as (-want +got):\n%s", id, diff)
		}
		again := store(example)
		if diff := cmp.Diff(want, without(again, "id", "createdAt")); diff != "" {
			t.Errorf("the repetition answers (-want +got):\n%s", diff)
		}
		more := store(`{"id":"` + strings.ToUpper(id) +
			`","name":"Comune 2","externalId":{"origin":"IPA","value":"c_2"},"users":[` + bruno + `]}`)
		if more["id"] != id {
			t.Errorf("stored as another one: %v", more)
		}
		want["name"] = "Comune 2"
		want["externalId"] = stored{"origin": "IPA", "value": "c_2"}
		want["users"] = []any{any(decoded(t, bruno)), any(decoded(t, anna))}
		if diff := cmp.Diff(want, without(more, "id", "createdAt", "updatedAt")); diff != "" {
			t.Errorf("the rest is stored as (-want +got):\n%s", diff)
		}
		mint := "/_local/token?organizationId=" + id
		admin := client{url: c.url, token: c.call(t, 200, "GET", mint+"&role=m2m-admin&organizationName=Comune+3", "")}
		admin.call(t, 200, "GET", "/users/"+annaID, "")
		want["name"] = "Comune 3"
		read := decoded(t, admin.call(t, 200, "GET", "/tenants/"+id, ""))
		delete(want, "users")
		delete(want, "certifier")
		if diff := cmp.Diff(want, without(read, "id", "createdAt", "updatedAt")); diff != "" {
			t.Errorf("it is read as (-want +got):\n%s", diff)
		}
		store(`{"id":"` + id + `","name":"Comune 4","externalId":{"origin":"IPA","value":"c_2"}}`)
		if body := admin.call(t, 200, "GET", "/tenants/"+id, ""); !strings.Contains(body, `"Comune 3"`) {
			t.Errorf("the next call with a token that says another name leaves %s", body)
		}
	})
}

// TestStoreTenantWithoutUsers: it is not onboarded, unless that is said.
func TestStoreTenantWithoutUsers(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c client) {
		for code, tc := range map[string]struct {
			members string
			status  int
		}{
			"c_1": {"", 404},
			"c_2": {`,"users":[]`, 404},
			"c_3": {`,"onboardedAt":"2026-11-21T10:00:00Z"`, 200},
		} {
			made := decoded(t, c.call(t, 200, "POST", tenantPath, strings.ReplaceAll(comune, "c_1", code)+tc.members+"}"))
			id, _ := made["id"].(string)
			admin := client{url: c.url, token: c.call(t, 200, "GET", "/_local/token?organizationId="+id, "")}
			admin.call(t, tc.status, "GET", "/users", "")
			if diff := cmp.Diff(any([]any{}), made["users"]); diff != "" {
				t.Errorf("%s is stored with the users (-want +got):\n%s", tc.members, diff)
			}
		}
	})
}

// mistakenTenants are tenants and what is said of them.
var mistakenTenants = map[string]string{
	`{}`:                             "externalId: required property is missing|name: required property is missing",
	`[]`:                             "expected object",
	`null`:                           "expected object",
	`3`:                              "expected object",
	comune + `,"kind":"pa"}`:         `kind: expected value to be one of "PA, PRIVATE, GSP, SCP"`,
	comune + `,"subUnitType":""}`:    `subUnitType: expected value to be one of "AOO, UO"`,
	comune + `,"id":"x"}`:            "id: expected string to be RFC 4122 uuid",
	comune + `,"origin":"IPA"}`:      "origin: unexpected property",
	comune + `,"onboardedAt":"now"}`: "onboardedAt: expected string to be RFC 3339 date-time",
	`{"name":"","externalId":{"origin":"IP","value":""}}`: "externalId.origin: expected length >= 3|" +
		"externalId.value: expected length >= 1|name: expected length >= 1",

	with(anna, strings.ReplaceAll(bruno, "[]", `["api","Admin"]`)): `users[1].roles[1]: expected value to be one of`,
	with(anna, strings.ReplaceAll(anna, "b1", "B1")):               "users[1].userId: expected each user once",
	with(`{"userId":"` + annaID + `"}`):                            "users[0].name: required property is missing",
	with(strings.ReplaceAll(anna, "Anna", `An\na`)):                "users[0].name: expected one line of text",
}

// with returns a tenant with users.
func with(users ...string) string { return comune + `,"users":[` + strings.Join(users, ",") + `]}` }

// TestMistakenTenants: what is wrong with a tenant is said with the names of its members, of
// one that is sent and of the second one of a file; the first is stored.
func TestMistakenTenants(t *testing.T) {
	t.Parallel()
	for entry, want := range mistakenTenants {
		box := boxed(t, nothing)
		if res := ask(t, box, "POST", tenantPath, entry, "Content-Type", "application/json"); res.Code != http.StatusBadRequest {
			t.Errorf("%s = %d %s", entry, res.Code, res.Body)
		}
		file := tenantsFile(t, "["+example+",\n"+entry+"]")
		err := box.loadTenants(t.Context(), file)
		for one := range strings.SplitSeq(want, "|") {
			if err == nil || !strings.Contains(err.Error(), "TENANTS: "+file+": entry 2: "+one) || strings.Contains(err.Error(), "entry 1") {
				t.Errorf("%s in a file: %v", entry, err)
			}
		}
		token := ask(t, box, "GET", "/_local/token?role=m2m&organizationId="+annaID, "").Body.String()
		listed := ask(t, box, "GET", "/tenants?IPACode=c_1", "", "Authorization", "Bearer "+token).Body.String()
		if !strings.Contains(listed, `"totalCount":1`) {
			t.Errorf("%s in a file leaves %s", entry, listed)
		}
	}
}

func tenantsFile(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "tenants.json")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestTenantsFile loads files that are good, twice, and files that are none.
func TestTenantsFile(t *testing.T) {
	t.Parallel()
	box := boxed(t, nothing)
	for _, text := range []string{"[]", "\ufeff[" + example + "]", "[" + example + "," + strings.ReplaceAll(example, "c_1", "c_2") + "]"} {
		for range 2 {
			if err := box.loadTenants(t.Context(), tenantsFile(t, text)); err != nil {
				t.Errorf("%s: %v", text, err)
			}
		}
	}
	token := ask(t, box, "GET", "/_local/token?role=m2m&organizationId="+annaID, "").Body.String()
	listed := ask(t, box, "GET", "/tenants", "", "Authorization", "Bearer "+token).Body.String()
	if !strings.Contains(listed, `"totalCount":3`) { // the caller is the third
		t.Errorf("loaded are %s", listed)
	}
	for text, want := range map[string]string{
		"":                     "; line 1: unexpected end of JSON input",
		"{}":                   "expected a JSON array of tenants",
		"null":                 "expected a JSON array of tenants",
		"[\n" + example + "\n": "; line 3: unexpected end",
		"[\n{\"name\":}]":      "; line 2: invalid character '}'",
	} {
		file := tenantsFile(t, text)
		if err := box.loadTenants(t.Context(), file); err == nil || !strings.Contains(err.Error(), "TENANTS: "+file+": expected a JSON array") ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if err := box.loadTenants(t.Context(), "nowhere.json"); err == nil || !strings.Contains(err.Error(), "TENANTS: open nowhere.json") {
		t.Errorf("a file that is not there: %v", err)
	}
	err := run(t.Context(), settings("PORT", "0", tenantsSetting, "nowhere.json"))
	if err == nil || !strings.Contains(err.Error(), "nowhere.json") {
		t.Errorf("a sandbox with a file that is not there ends with %v", err)
	}
	other := boxed(t, settings(productsSetting, services.Product.Name))
	if err := other.loadTenants(t.Context(), "x"); err == nil || !strings.Contains(err.Error(), "interop is not served here: PRODUCTS") {
		t.Errorf("without the product: %v", err)
	}
	if res := ask(t, other, "POST", tenantPath, example, "Content-Type", "application/json"); res.Code != http.StatusNotFound {
		t.Errorf("without the product it is answered %d %s", res.Code, res.Body)
	}
}

// TestSeveralTenantsOfOneExternalID: a profile without an id that fits several is refused.
func TestSeveralTenantsOfOneExternalID(t *testing.T) {
	t.Parallel()
	box := boxed(t, nothing)
	post := func(body string) (int, string) {
		res := ask(t, box, "POST", tenantPath, body, "Content-Type", "application/json")
		return res.Code, res.Body.String()
	}
	for _, id := range []string{annaID, brunoID} {
		if code, body := post(comune + `,"id":"` + id + `"}`); code != http.StatusOK || !strings.Contains(body, id) {
			t.Errorf("the tenant %s is answered %d %s", id, code, body)
		}
	}
	if code, body := post(comune + "}"); code != http.StatusBadRequest || !strings.Contains(body, "body.id: expected an id, because several") {
		t.Errorf("one without an id is answered %d %s", code, body)
	}
}
