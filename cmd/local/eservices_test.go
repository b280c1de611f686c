package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestEServiceStory publishes an e-service with the token of an organization and
// reads it with that of another.
func TestEServiceStory(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c client) {
		token := func(query string) client {
			return client{url: c.url, token: c.call(t, 200, "GET", "/_local/token?"+query, "")}
		}
		producer := token("organizationId=69e2865e-65ab-4e48-a638-2037a9ee2ee7&role=m2m-admin")
		reader := token("organizationId=84871fd4-2fd7-46ab-9d22-f6b452f4b3c5&role=m2m")
		created := producer.call(t, 201, "POST", "/eservices", `{"name":"Registry of addresses","description":"Looks addresses up",
			"technology":"REST","mode":"DELIVER","personalData":false,"descriptor":{"audience":["registry.example.it/v1"],"voucherLifespan":600,
			"dailyCallsPerConsumer":1000,"dailyCallsTotal":10000,"agreementApprovalPolicy":"AUTOMATIC"}}`)
		var e struct{ ID string }
		if err := json.Unmarshal([]byte(created), &e); err != nil {
			t.Fatal(err)
		}
		path := "/eservices/" + e.ID
		reader.call(t, 404, "GET", path, "")
		var drafts struct{ Results []struct{ ID string } }
		if err := json.Unmarshal([]byte(producer.call(t, 200, "GET", path+"/descriptors?state=DRAFT", "")), &drafts); err != nil {
			t.Fatal(err)
		}
		producer.call(t, 200, "POST", path+"/descriptors/"+drafts.Results[0].ID+"/publish", "")
		if list := reader.call(t, 200, "GET", "/eservices?name=addresses", ""); !strings.Contains(list, `"totalCount":1`) {
			t.Errorf("list = %s", list)
		}
		reader.call(t, 403, "DELETE", path, "")
		for _, query := range []string{"organizationId=69e2865e", "organizationId={69e2865e-65ab-4e48-a638-2037a9ee2ee7}"} {
			c.call(t, 400, "GET", "/_local/token?"+query, "")
		}
		if body := c.call(t, 403, "GET", "/eservices", ""); !strings.Contains(body, "017-9993") {
			t.Errorf("an issuer's token: %s", body)
		}
		producer.call(t, 403, "GET", ann, "")
		if body := producer.call(t, 404, "GET", "/nothing", ""); !strings.Contains(body, "017-9901") {
			t.Errorf("unknown route: %s", body)
		}
	})
}
