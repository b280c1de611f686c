package catalog_test

import (
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/interop/user"
	"ciclo/shared/platform/table"
)

// users runs every way through the functions of users: the first one onboards its
// organization, and one who stops being an admin is taken away from its API client.
func (d *deployment) users(t *testing.T) {
	t.Helper()
	const (
		id     = "5f8d7a10-0000-4000-8000-0000000000b1"
		path   = "/users/" + id
		admin  = `{"name":"Anna","familyName":"Rossi","roles":["admin"]}`
		member = `{"name":"Anna","familyName":"Rossi","roles":["security"]}`
	)
	act := func(op, path, body string) { d.as(t, consuming, "user/"+op, path, body) }
	appoint := func() {
		client := interop.Key("CLIENT#administered", "CLIENT")
		set := table.Changes{Set: map[string]any{user.AdminAttribute: id}}
		steps := append(user.AdminSteps(consuming.Subject, id, "administered", client), table.Update("client", client, set))
		if err := d.db.Write(t.Context(), steps...); err != nil {
			t.Fatal(err)
		}
	}
	act("register", path, admin)
	act("get", path, "")
	act("list", "/users", "")
	appoint()
	act("register", path, member)
	act("register", path, admin)
	appoint()
	act("delete", path, "")
}
