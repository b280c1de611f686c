package client_test

import (
	"maps"
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/interop/user"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
)

// strict returns the same deployment as one whose editions are strict, and a caller whose
// token names a user.
func strict(w *world, caller *api.Identity, userID string) (*world, *api.Identity) {
	by := *caller
	by.Client = interoptest.UnknownID()
	by.User = userID
	return w.With("STRICT", "true"), &by
}

// rs256Seed returns the changes that make a new RSA key of keySeed.
func rs256Seed() object { return object{"key": rsaKey(2048, 65537), "alg": "RS256"} }

// checkKeyBy checks how the upload of a key in a strict edition by a user is answered: with
// want, and when that is a refusal also for a key with a fault, which is found later.
func checkKeyBy(w *world, id, userID, want string) {
	w.Helper()
	s, by := strict(w, owner, userID)
	missing := interoptest.UnknownID()
	for _, bad := range []object{nil, {"key": "?"}, {"alg": "RS256"}} {
		w.Refused(addKey(s, by, missing, bad), interop.ClientNotFound, missing)
		w.Refused(addKey(s, other, id, bad), interop.NotTheClientOwner, id)
		if got := interoptest.Answered(addKey(s, by, id, bad)); want != "200" && got != want {
			w.Errorf("a bad key by %q is answered %s, want %s", userID, got, want)
		}
	}
	if got := interoptest.Answered(addKey(s, by, id, rs256Seed())); got != want {
		w.Errorf("a key by %q is answered %s, want %s", userID, got, want)
	}
}

// TestKeysOfMembers checks who may add which key in strict editions, in the published order.
func TestKeysOfMembers(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		admin, security, plain, stranger := createUser(w, owner, "admin"), createUser(w, owner, "security"), createUser(w, owner, "api"),
			createUser(w, owner, "admin")
		gone := interoptest.UnknownID()
		members := object{"members": []any{admin, security, plain, gone}}
		for _, create := range []func(*world, *api.Identity, object) string{createClient, createAPIClient} {
			id := create(w, owner, members)
			for userID, want := range map[string]string{
				admin: "200", security: "200", "": "006-0016", stranger: "006-0016", plain: "006-0007", gone: "006-0007",
			} {
				checkKeyBy(w, id, userID, want)
			}
			s, by := strict(w, owner, security)
			for what, seed := range map[string]object{"EC": nil, "EC as RS256": {"alg": "RS256"}} {
				if res := addKey(s, by, id, seed); interoptest.Answered(res) != interop.KeyTypeNotAllowed.Name {
					t.Errorf("%s: %s", what, res.Raw)
				}
			}
			w.Refused(addKey(s, by, id, object{"key": rsaKey(2048, 65537), "alg": "ES256"}), interop.BadRequest)
			taken := rs256Seed()
			w.Want(addKey(w, owner, createClient(w, owner, nil), taken), 200)
			w.Refused(addKey(s, by, id, taken), interop.KeyAlreadyExists)
			checkConsistent(w, id)
			// Elsewhere it is as before: neither a member nor RSA is needed.
			w.Want(addKey(w, owner, id, nil), 200)
		}
	})
}

// TestKeysOfMembersAreCounted adds keys in strict editions until the client has the most.
func TestKeysOfMembersAreCounted(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		security := createUser(w, owner, "security")
		id := createClient(w, owner, object{"members": []any{security}})
		for range 98 {
			createKey(w, owner, id)
		}
		s, by := strict(w, owner, security)
		got := w.Race(4, 4, func(int) string {
			return interoptest.Answered(addKey(s, by, id, object{"key": rsaKey(2048, 3), "alg": "RS256"}))
		})
		if want := map[string]int{"200": 2, interop.TooManyKeys.Name: 2}; !maps.Equal(got, want) {
			t.Errorf("the answers are %v, want %v", got, want)
		}
		_, nobody := strict(w, owner, "")
		w.Refused(addKey(s, nobody, id, nil), interop.TooManyKeys, id)
		checkConsistent(w, id)
	})
}

// TestKeyOfFormerMember removes the member, and its role, right before the transaction that
// adds its key.
func TestKeyOfFormerMember(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		onboard(w, owner)
		for what, c := range map[string]struct {
			want string
			act  func(id, userID string)
		}{
			"removed": {"006-0016", func(id, userID string) { w.Want(removeUser(w, owner, id, userID), 200) }},
			"deleted": {"006-0007", func(_, userID string) {
				if err := w.Tap.DB.Write(w.Context(), table.Delete("user", user.Key(owner.Subject, userID))); err != nil {
					t.Error(err)
				}
			}},
			"taken": {"006-0017", nil},
			"busy":  {"200", func(id, _ string) { createKey(w, owner, id) }},
		} {
			security := createUser(w, owner, "security")
			id := createClient(w, owner, object{"members": []any{security}})
			s, by := strict(w, owner, security)
			key := object{"key": rsaKey(2048, 65537), "alg": "RS256"}
			w.Tap.During(0, (*call).Writes, func() {
				w.Tap.Set(nil)
				if c.act == nil {
					w.Want(addKey(w, owner, createClient(w, owner, nil), key), 200)
				} else {
					c.act(id, security)
				}
			})
			got := interoptest.Answered(addKey(s, by, id, key))
			w.Tap.Set(nil)
			if got != c.want {
				t.Errorf("%s: %s, want %s", what, got, c.want)
			}
			checkConsistent(w, id)
		}
	})
}
