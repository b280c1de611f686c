package service_test

import (
	"fmt"
	"net/http"
	"testing"

	"ciclo/shared/platform/table"
	"ciclo/shared/services"
)

// storeAsEarlierRelease makes the records and claims of a service what the release before
// the last would have written: records without their claims, claims of one kind and without
// an owner.
func (w *world) storeAsEarlierRelease(path string) {
	w.Helper()
	id := idOf(path)
	at := func(pk, sk string) table.Key { return table.Key{Table: services.Table.Name, PK: pk, SK: sk} }
	steps := []table.Step{table.Update("service", at("SERVICE#"+id, "LIFECYCLE"), table.Changes{Remove: []string{"claim"}})}
	if w.stored(path).publication != nil {
		steps = append(steps, table.Update("publication", at("SERVICE#"+id, "PUBLICATION"), table.Changes{Remove: []string{"claims"}}))
	}
	for _, name := range []string{"one", "two"} {
		pk := claimPK("12345678901\x00" + name)
		isClaimed := w.holder("12345678901\x00"+name, "") == id
		if w.holder("12345678901\x00"+name, "#"+owner.Subject) == id {
			isClaimed = true
			steps = append(steps, table.Delete(name+" in review", at(pk, "NAME#"+owner.Subject)))
		}
		if isClaimed {
			steps = append(steps, table.Put(name, at(pk, "NAME"), map[string]string{"serviceId": id}))
		}
	}
	if err := w.DB.Write(w.Context(), steps...); err != nil {
		w.Fatal(err)
	}
}

// TestClaimsOfEarlierReleases runs every action in every setup as an earlier release stored
// it. The answer is the same as for the setup of this release, and no claim is left over.
func TestClaimsOfEarlierReleases(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for setup := range setups {
			for _, a := range actions() {
				path := w.setUp(setup)
				want := a.do(w, path)
				w.discard(path)
				path = w.setUp(setup)
				w.storeAsEarlierRelease(path)
				if got := a.do(w, path); got.Status != want.Status {
					w.Errorf("%s: %s is answered %d %s, want %d", setup, a.name, got.Status, got.Raw, want.Status)
				}
				w.discardBy(owner, path)
				for _, name := range []string{"one", "two"} {
					if left := w.Items(claimPK("12345678901\x00" + name)); len(left) > 0 {
						w.Fatalf("%s: %s leaves the claims %v", setup, a.name, left)
					}
				}
			}
		}
	})
}

// TestEarlierClaimsRefuse submits a name that a record of an earlier release claimed.
func TestEarlierClaimsRefuse(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for _, setup := range []string{"submitted", "kept back", "renamed"} {
			path := w.setUp(setup)
			w.storeAsEarlierRelease(path)
			other := "/services/" + w.Want(w.As(stranger, "POST", "/services", named("ONE")), http.StatusCreated).Text("id")
			w.Want(w.As(stranger, "PUT", other+"/review", `{"auto_publish":true}`), http.StatusNoContent)
			if got := w.stored(other).lifecycle; got.State != "rejected" {
				w.Errorf("%s: a service with the same name is %s", setup, got.State)
			}
			w.discardBy(stranger, other)
			w.discardBy(owner, path)
		}
	})
}

// TestAlikeNamesOfEarlierReleases keeps a service that an earlier release approved beside one
// with a name that looks alike: it is approved again, published and deleted as before, and
// its deletion frees its own claim.
func TestAlikeNamesOfEarlierReleases(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		at := func(text string) table.Key {
			return table.Key{Table: services.Table.Name, PK: claimPK("12345678901\x00" + text), SK: "NAME"}
		}
		path := w.create(named("The  Name"))
		approve(true)(w, path)
		publication := table.Key{Table: services.Table.Name, PK: "SERVICE#" + idOf(path), SK: "PUBLICATION"}
		withoutClaims := table.Update("publication", publication, table.Changes{Remove: []string{"claims"}})
		if err := w.DB.Write(w.Context(), table.Delete("claim", at("the name")), withoutClaims); err != nil {
			w.Fatal(err)
		}
		alike := w.create(named("The Name"))
		approve(true)(w, alike)
		for i, wanted := range []string{"approved", "approved", "submitted"} {
			name := []string{"The  Name", "The  Name", "THE  name"}[i]
			w.Want(w.call("PUT", path, complete(map[string]any{"name": name, "metadata.phone": fmt.Sprint(i)})), http.StatusOK)
			w.submit(path, true)
			if got := w.verdict(path); got.state != wanted && (i < 2 || got.code != "DUPLICATE_NAME") {
				w.Errorf("%q is %+v", name, got)
			}
			w.Want(w.call("DELETE", path+"/release", ""), http.StatusNoContent)
			w.Want(w.call("POST", path+"/release", ""), http.StatusNoContent)
		}
		w.discardBy(owner, path)
		if left := w.Items(at("the  name").PK); len(left) > 0 {
			w.Errorf("left are the claims %v", left)
		}
		if got := w.holder("12345678901\x00the name", ""); got != idOf(alike) {
			w.Errorf("the other's name belongs to %q", got)
		}
	})
}
