package officetest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"ciclo/cmd/internal/officetest"
)

// TestAPIClient registers users, makes an API client with one as its admin, and changes and
// removes the admin: the page says what the client may do.
func TestAPIClient(t *testing.T) {
	t.Parallel()
	v := site.As(t, "consumer")
	suffix := uuid.NewString()[:8]
	one, two := "Anna "+suffix, "Berta "+suffix
	for _, name := range []string{one, two} {
		shown := v.Open("/office/users/new").Press("Register", map[string]any{"name": name, "familyName": "Rossi", "role.admin": "true"})
		shown.See("The user is registered", name+" Rossi")
	}
	idOf := func(shown *officetest.Shown, name string) string {
		for _, o := range shown.Find(`[name="adminId"] option`).EachIter() {
			if strings.Contains(o.Text(), name) {
				return o.AttrOr("value", "")
			}
		}
		t.Fatalf("%s cannot be chosen: %s", name, shown.Words())
		return ""
	}
	form := v.Open("/office/clients/api").Click("New client for the API").See("Without an admin the client may only read")
	shown := form.Press("Create the client", map[string]any{"name": "Robot " + suffix, "adminId": idOf(form, one)})
	shown.See("Robot "+suffix, "Reads and writes", one+" Rossi", "role m2m-admin")
	shown = shown.Press("Set the admin", map[string]any{"adminId": idOf(shown, two)}).See("The admin is set", two+" Rossi", "Reads and writes")
	shown = shown.See("refused from now on").Press("Remove the admin", nil).See("Read only", "None.")
	if shown.Has("Remove the admin") {
		t.Error("an admin that is not there can be removed")
	}
	v.Open("/office/clients/api?name="+suffix).See("Robot "+suffix, "Read only")
	v.Open("/office/clients?name=" + suffix).See("No client has this name")

	// A user who loses the role is no longer the admin, and who is deleted cannot be chosen.
	shown = shown.Press("Set the admin", map[string]any{"adminId": idOf(shown, one)}).See("Reads and writes")
	id := idOf(v.Open("/office/clients/api/new"), one)
	v.Open("/office/users/"+id).Press("Save", map[string]any{"role.admin": "", "role.viewer": "true"}).See("The user is registered", "Viewer")
	v.Open(shown.URL.Path).See("Read only")
	people := v.Open("/office/users").See("stops being the admin of clients for the API")
	people.Press("Delete "+two+" Rossi", nil).See("The user was deleted").Miss(two)
}

// TestClientUsers adds a user to a client and removes the user.
func TestClientUsers(t *testing.T) {
	t.Parallel()
	m, v := site.Make(t), site.As(t, "consumer")
	user := uuid.NewString()
	m.AsConsumer(http.MethodPut, "/users/"+user, map[string]any{"name": "Carla", "familyName": m.Suffix(), "roles": []string{"security"}})
	id, _, _ := m.Client("Portal")
	name := "Carla " + m.Suffix()
	shown := v.Open("/office/clients/"+id+"/users").See("The client has no users").Press("Add to the client", map[string]any{"userId": user})
	shown.See("The person was added", name, "Security operator")
	twice := shown.Press("Add to the client", map[string]any{"userId": user})
	if twice.Status < http.StatusBadRequest || twice.Find("#refusal").Length() != 1 {
		t.Errorf("adding the user again is answered %d: %s", twice.Status, twice.Words())
	}
	v.Open("/office/clients/" + id).See(name)
	shown.See("Keys that the user has added stay").Press("Remove "+name, nil).See("no longer among the users", "The client has no users")
}

// TestClientRace: of two people who have the same page, the second is told that what is to
// be deleted is gone, in the page as it is by then.
func TestClientRace(t *testing.T) {
	t.Parallel()
	w := newClientWorld(t)
	one, two := site.As(t, "consumer").Open(w.page("")), site.As(t, "consumer").Open(w.page(""))
	one.Press("Delete The key", nil).See("The key was deleted", "has no keys")
	late := two.Press("Delete The key", nil).See("not found in client", "has no keys")
	if late.Status != http.StatusNotFound || late.Has("Delete The key") {
		t.Errorf("the second is answered %d: %s", late.Status, late.Words())
	}
	one.Press("Delete the client", nil).See("was deleted")
	if gone := two.Press("Unlink "+w.title, nil); gone.Status != http.StatusNotFound {
		t.Errorf("a client that is gone is answered %d: %s", gone.Status, gone.Words())
	}
}

// TestClientKeyInBrowser adds a key in a browser and deletes it in the dialog that asks.
func TestClientKeyInBrowser(t *testing.T) {
	t.Parallel()
	w := newClientWorld(t)
	tab := site.Tab(t, "consumer", officetest.Look{Width: 360})
	tab.Open(w.page("/keys/new"))
	_, public := officetest.NewKey(t)
	tab.Fill("name", "another key")
	tab.Fill("key", public)
	tab.Click("Add a key")
	tab.See("The key was added")
	if over := tab.Overflow(); over > 0 {
		t.Errorf("the page is %d pixels wider than the window", over)
	}
	tab.Click("Delete another key")
	tab.Confirm("Cancel")
	tab.Click("Delete another key")
	tab.Confirm("Delete another key")
	tab.See("The key was deleted")
	if kids := fmt.Sprint(keysOf(t, w.client)); kids != "["+w.kid+"]" {
		t.Errorf("keys are %s", kids)
	}
}
