package catalog_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"ciclo/shared/platform/api"
	"ciclo/shared/services"
	"ciclo/shared/services/subscription"
)

// services runs every way through the functions of the services product.
func (d *deployment) services(t *testing.T) {
	t.Helper()
	issuer, err := subscription.NewIssuer(d.deps("subscription/issue"))
	if err != nil {
		t.Fatal(err)
	}
	issued, err := issuer.Issue(t.Context(), subscription.Request{Owner: "owner"})
	if err != nil {
		t.Fatal(err)
	}
	checker, err := subscription.NewChecker(d.deps("authorizer/subscription"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := checker.Authenticate(t.Context(), issued.PrimaryKey); err != nil {
		t.Fatal(err)
	}
	lister := api.Identity{Subject: "operator", Kind: services.KindManage, Scopes: services.Operators}
	d.as(t, lister, "subscriptions/list", services.Base+"/subscriptions", "")
	var created struct{ ID string }
	if err := json.Unmarshal([]byte(d.manage(t, "create", "/services", serviceData("one"))), &created); err != nil {
		t.Fatal(err)
	}
	path := "/services/" + created.ID
	var draft struct{ ID string }
	if err := json.Unmarshal([]byte(d.manage(t, "create", "/services", serviceData("draft"))), &draft); err != nil {
		t.Fatal(err)
	}
	d.manage(t, "delete", "/services/"+draft.ID, "")
	d.manage(t, "list", "/services", "")
	d.manage(t, "list", "/services?name=o&order=-name", "")
	d.manage(t, "get", path, "")
	d.manage(t, "history", path+"/history", "")
	d.manage(t, "keys", path+"/keys", "")
	d.manage(t, "regenerate-key", path+"/keys/primary", "")
	const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
	d.manage(t, "update-logo", path+"/logo", `{"logo":"`+pixel+`"}`)
	d.manage(t, "get-logo", path+"/logo", "")
	d.manage(t, "check", path+"/review/check", "")
	d.manage(t, "allowed-actions", path+"/allowedActions", "")
	d.reviews(t, path)
	d.manage(t, "get-release", path+"/release", "")
	d.manage(t, "delete", path, "")
}

// serviceData is the body of a service called name.
func serviceData(name string) string {
	return fmt.Sprintf(`{"name":%q,"description":"d","organization":{"name":"o","fiscal_code":"12345678901"},
		"metadata":{"scope":"LOCAL","privacy_url":"https://example.it","phone":"1"}}`, name)
}

// reviews runs every way through the review and the publication of the service at path.
func (d *deployment) reviews(t *testing.T, path string) {
	t.Helper()
	review := func(autoPublish bool) {
		d.manage(t, "review", path+"/review", fmt.Sprintf(`{"auto_publish":%t}`, autoPublish))
	}
	review(true)
	d.manage(t, "withdraw", path+"/review", "")
	review(true)
	d.manage(t, "reject", path+"/review/reject", `{"reason":"r"}`)
	d.manage(t, "update", path, serviceData("one"))
	review(true)
	d.manage(t, "list-reviews", "/reviews", "")
	d.manage(t, "get-review", path+"/review", "")
	d.manage(t, "approve", path+"/review/approve", "")
	d.manage(t, "update", path, serviceData("one"))
	review(true) // approved at once
	staged := func(name string) {
		d.manage(t, "update", path, serviceData(name))
		review(false)
		d.manage(t, "approve", path+"/review/approve", "")
	}
	staged("two")
	d.manage(t, "update", path, serviceData("two"))
	review(true) // approved at once, which frees the first name
	staged("three")
	d.manage(t, "update", path, serviceData("four"))
	review(true) // with a copy that waits for its release
	d.manage(t, "withdraw", path+"/review", "")
	review(true)
	d.manage(t, "reject", path+"/review/reject", `{"reason":"r"}`)
	d.manage(t, "release", path+"/release", "") // which frees the second name
	d.manage(t, "unpublish", path+"/release", "")
}
