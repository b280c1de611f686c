package main

import (
	"fmt"
	"strings"
	"testing"

	"ciclo/cmd/internal/catalog"
	"ciclo/shared/platform/table/dynamo/streams"
	"ciclo/shared/platform/testing/engine"
)

// eachBox runs test on a sandbox on each engine.
func eachBox(t *testing.T, test func(t *testing.T, box *sandbox)) {
	t.Helper()
	t.Run("bolt", func(t *testing.T) {
		t.Parallel()
		test(t, boxed(t, nothing))
	})
	if config, ok := engine.Config(t, catalog.Schemas()); ok {
		t.Run("dynamodb", func(t *testing.T) {
			t.Parallel()
			store := furnished(t, &storage{db: engine.Dynamo(t, config), feed: streams.New(config)})
			box, err := newSandbox(store, "http://localhost:3000", nothing, quiet())
			if err != nil {
				t.Fatal(err)
			}
			test(t, box)
		})
	}
}

// TestCertifiersAreMarked: an API client with an admin defines, assigns and revokes certified
// attributes while its organization is marked as a certifier, with the token that it has; the
// others of the organization and other organizations do not.
func TestCertifiersAreMarked(t *testing.T) {
	t.Parallel()
	eachBox(t, func(t *testing.T, box *sandbox) {
		const otherOf = "11111111-0000-4000-8000-00000000000b"
		made := 0
		create := func(c *gatewayClient, want string) string {
			t.Helper()
			made++
			seed := fmt.Sprintf(`{"name":"Attribute %d","description":"Given by a certifier","code":"code-%[1]d"}`, made)
			id, _ := c.check(t, want, "POST", "/certifiedAttributes", seed)["id"].(string)
			return id
		}
		admin := newGatewayClient(t, box, makeClient(t, box, ""))
		create(admin, "403 003-0005")

		marked := makeClient(t, box, "&certifier=true")
		if !marked.Certifier || marked.Role != "m2m-admin" || marked.AdminID == "" {
			t.Errorf("the client of a certifier is %+v", marked)
		}
		other := newGatewayClient(t, box, makeClientOf(t, box, otherOf, ""))
		reader := newGatewayClient(t, box, makeClient(t, box, "&role=m2m"))
		create(newGatewayClient(t, box, marked), "201")
		attribute := create(admin, "201")
		create(other, "403 003-0005")
		create(reader, "403 003-0005")

		assign, seed := "/tenants/"+otherOf+"/certifiedAttributes", fmt.Sprintf(`{"id":%q}`, attribute)
		other.check(t, "403 005-0012", "POST", assign, seed)
		reader.check(t, "403 005-0012", "POST", assign, seed)
		admin.check(t, "200", "POST", assign, seed)
		other.check(t, "403 005-0012", "DELETE", assign+"/"+attribute, "")
		admin.check(t, "200", "DELETE", assign+"/"+attribute, "")
		admin.check(t, "201", "POST", "/declaredAttributes", `{"name":"Declared","description":"Like any other m2m-admin"}`)
		if o := admin.check(t, "200", "GET", "/tenants/"+clientOf, ""); strings.Contains(fmt.Sprint(o), "certifier") {
			t.Errorf("the published tenant is %v", o)
		}

		body := fmt.Sprintf(`{"id":%q,"name":"Comune","externalId":{"origin":"IPA","value":"c_1"}}`, clientOf)
		for _, change := range []struct{ member, answered, outcome string }{
			{"", `"certifier":true`, "201"}, // as it was
			{`,"certifier":false`, `"certifier":false`, "403 003-0005"},
			{`,"certifier":true`, `"certifier":true`, "201"},
		} {
			rec := ask(t, box, "POST", tenantPath, strings.TrimSuffix(body, "}")+change.member+"}", "Content-Type", "application/json")
			if rec.Code != 200 || !strings.Contains(rec.Body.String(), change.answered) {
				t.Errorf("%s is answered %d %s", change.member, rec.Code, rec.Body)
			}
			create(admin, change.outcome)
		}
	})
}
