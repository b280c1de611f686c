package main

import (
	"encoding/json"
	"strings"
	"testing"

	"ciclo/cmd/internal/catalog"
	"ciclo/shared/interop"
	"ciclo/shared/platform/testing/engine"
	"ciclo/shared/platform/testing/hooked"
)

// TestTenantsCome makes calls of an organization that its token says more and more
// about: what the token says is there before the call is answered.
func TestTenantsCome(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c client) {
		const id = "69e2865e-65ab-4e48-a638-2037a9ee2ee7"
		mint := "/_local/token?role=" + interop.RoleReader + "&organizationId=" + id
		for _, query := range []string{"&origin=IPA", "&value=c_1", "&origin=I&value=c_1", "&organizationName=" + strings.Repeat("n", 257)} {
			c.call(t, 400, "GET", mint+query, "")
		}
		type external struct{ Origin, Value string }
		for _, tc := range []struct {
			query, name string
			external    external
		}{
			{"", id, external{"UUID", id}},
			{"&organizationName=Comune", "Comune", external{"UUID", id}},
			{"&origin=IPA&value=c_1", "Comune", external{"IPA", "c_1"}},
		} {
			caller := client{url: c.url, token: c.call(t, 200, "GET", mint+tc.query, "")}
			var got struct {
				Name       string
				ExternalID external
			}
			err := json.Unmarshal([]byte(caller.call(t, 200, "GET", "/tenants/"+id, "")), &got)
			if err != nil || got.Name != tc.name || got.ExternalID != tc.external {
				t.Errorf("with %q it is %+v, %v", tc.query, got, err)
			}
		}
	})
}

// TestNobodyComesUnregistered breaks the storage: nobody is let in.
func TestNobodyComesUnregistered(t *testing.T) {
	t.Parallel()
	db := engine.Bolt(t, catalog.Schemas())
	tap := &hooked.DB{DB: db}
	c := open(t, furnished(t, &storage{db: tap, feed: db}))
	token := c.call(t, 200, "GET", "/_local/token?organizationId=69e2865e-65ab-4e48-a638-2037a9ee2ee7", "")
	caller := client{url: c.url, token: token}
	tap.Set(func(*hooked.Call) error { return hooked.ErrDown })
	if body := caller.call(t, 500, "GET", "/eservices", ""); !strings.Contains(body, "authorizer") {
		t.Errorf("answered %s", body)
	}
	tap.Set(nil)
	caller.call(t, 200, "GET", "/eservices", "")
}
