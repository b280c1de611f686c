package user_test

import (
	"testing"

	"ciclo/shared/interop/user"
)

// TestRoles: which roles may be the admin of an API client, and manage keys.
func TestRoles(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		roles         []string
		admin, manage bool
	}{
		{nil, false, false},
		{[]string{"api", "support", "reviewer", "viewer", "Admin", "administrator"}, false, false},
		{[]string{"api", "security"}, false, true},
		{[]string{"api", "admin"}, true, true},
		{[]string{"security", "admin"}, true, true},
	} {
		u := user.User{Roles: c.roles}
		if u.IsAdmin() != c.admin || u.MayManageKeys() != c.manage {
			t.Errorf("%v: admin %t, may manage keys %t", c.roles, u.IsAdmin(), u.MayManageKeys())
		}
	}
}

// TestKeys: the users of an organization are apart from the clients of one of them.
func TestKeys(t *testing.T) {
	t.Parallel()
	u := user.Key("t", "u")
	if u != user.Key("t", "u") || u == user.Key("t", "v") || u == user.Key("s", "u") {
		t.Error("keys are not distinct")
	}
	for _, step := range append(user.AdminSteps("t", "u", "c", u), user.ReleaseStep("t", "u", "c")) {
		if step.Label != user.LabelAdmin && step.Key.PK == u.PK {
			t.Errorf("%s is in the list of users", step.Label)
		}
	}
}
