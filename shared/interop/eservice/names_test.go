package eservice_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/interop/eservice"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/namestest"
)

func encoded(body object) string {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// TestNamesAreUnique gives names that are taken, in every way a name is given.
func TestNamesAreUnique(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		first, _ := w.create(object{"name": "Anagràfe e stato civile"})
		taken, _ := w.public(object{"name": "Catasto"})
		draft, _ := w.create(object{"name": "Tributi"})
		public, _ := w.public(object{"name": "Protocollo"})
		before := w.records(first)
		for _, name := range append(namestest.Alike("Anagràfe e stato civile"), "Anagràfe e stato civile", "CATASTO") {
			body := encoded(object{"name": name})
			res := w.call("POST", "/eservices", seed(object{"name": name}))
			w.Refused(res, interop.EServiceNameDuplicate)
			if want := "An EService with name " + name + " already exists"; res.Text("detail") != want {
				w.Errorf("detail = %q, want %q", res.Text("detail"), want)
			}
			w.Refused(w.call("PATCH", draft, body), interop.EServiceNameDuplicate)
			w.Refused(w.call("PATCH", public+"/name", body), interop.EServiceNameDuplicate)
		}
		w.unchanged(first, before)
		free, _ := w.createAs(other, object{"name": "Anagràfe e stato civile"}) // of another producer
		another, _ := w.create(object{"name": "Anagrafe e stato civile"})
		w.audit(first, taken, draft, public, free, another)
	})
}

// TestAlikeNamesAreFreed gives e-services names that look alike one after the other.
func TestAlikeNamesAreFreed(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		path, _ := w.create(object{"name": "Stato Civile"})
		for _, name := range namestest.Alike("Stato Civile") {
			w.Want(w.call("PATCH", path, encoded(object{"name": name})), http.StatusOK)
			w.audit(path)
			w.Want(w.call("DELETE", path, ""), http.StatusOK)
			path, _ = w.create(object{"name": name})
			w.audit(path)
			for _, asked := range namestest.Alike("Stato Civile") {
				if found := interoptest.Results(w.call("GET", "/eservices?name="+url.QueryEscape(asked), "")); len(found) != 1 {
					w.Errorf("%+q finds %v, not %+q", asked, found, name)
				}
			}
		}
	})
}

// TestNamesOfEarlierReleases changes e-services whose names an earlier release has claimed,
// in lower case: they keep the name and its claim until they are renamed, and free it then.
func TestNamesOfEarlierReleases(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		claim := func(text string) table.Key {
			return interop.Key("PRODUCER#"+producer.Subject+"#NAME#"+interop.Hash(text), "NAME")
		}
		early := func() string {
			path, _ := w.create(object{"name": "Stato  Civile"})
			id := strings.TrimPrefix(path, "/eservices/")
			without := table.Changes{Remove: []string{"folded"}}
			if err := w.DB.Write(t.Context(), table.Delete("claim", claim("stato civile")),
				table.Update("e-service", eservice.Key(id), without)); err != nil {
				t.Fatal(err)
			}
			return path
		}
		path := early()
		w.Refused(w.call("POST", "/eservices", seed(object{"name": "STATO  civile"})), interop.EServiceNameDuplicate)
		// A name that only looks alike passed under the earlier release; its claim is its own.
		alike, _ := w.create(object{"name": "Stato Civile"})
		w.Want(w.call("PATCH", path, `{"description":"Another description"}`), http.StatusOK)
		w.audit(path, alike)
		w.Refused(w.call("PATCH", path, `{"name":"STATO  civile"}`), interop.EServiceNameDuplicate)
		w.Want(w.call("PATCH", path, `{"name":"Renamed"}`), http.StatusOK)
		w.audit(path, alike)
		w.Refused(w.call("POST", "/eservices", seed(object{"name": "Stato  Civile"})), interop.EServiceNameDuplicate)
		w.Want(w.call("DELETE", alike, ""), http.StatusOK)
		again := early()
		w.Want(w.call("DELETE", again, ""), http.StatusOK)
		for _, text := range []string{"stato  civile", "stato civile"} {
			if item, err := w.DB.Get(t.Context(), claim(text)); err != nil || item != nil {
				w.Errorf("%q is still claimed: %v, %v", text, item, err)
			}
		}
	})
}

// TestNamesAreFreed gives names that are no longer in use.
func TestNamesAreFreed(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		var all []string
		for i, give := range []func(path, descriptor string){
			func(path, _ string) { w.Want(w.call("DELETE", path, ""), http.StatusOK) },
			func(path, _ string) { w.Want(w.call("PATCH", path, freshName()), http.StatusOK) },
			func(path, descriptor string) {
				w.move(descriptor, "publish")
				w.Want(w.call("PATCH", path+"/name", freshName()), http.StatusOK)
			},
		} {
			name := fmt.Sprintf("Given %d", i)
			path, descriptor := w.create(object{"name": name})
			give(path, descriptor)
			next, _ := w.create(object{"name": strings.ToUpper(name)})
			all = append(all, path, next)
			if res := w.call("PATCH", path+"/name", `{"name":"`+name+`"}`); res.Status < 400 {
				w.Errorf("a name that was given up is taken back: %s", res.Raw)
			}
		}
		w.audit(all...)
	})
}

// TestNamesKeepTheirCase renames to the same name in another case, there and back.
func TestNamesKeepTheirCase(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		draft, _ := w.create(object{"name": "Anagrafe"})
		public, _ := w.public(object{"name": "Catasto"})
		for _, c := range [][2]string{{draft, "ANAGRAFE"}, {draft, "Anagrafe"}, {public + "/name", "CATASTO"}, {public + "/name", "cataSto"}} {
			if res := w.Want(w.call("PATCH", c[0], `{"name":"`+c[1]+`"}`), http.StatusOK); res.Text("name") != c[1] {
				w.Errorf("renamed to %q: %s", c[1], res.Raw)
			}
			w.audit(draft, public)
		}
		for _, name := range []string{"anagrafe", "catasto"} {
			w.Refused(w.call("POST", "/eservices", seed(object{"name": name})), interop.EServiceNameDuplicate)
		}
	})
}

// TestDeletedDescriptorsKeepTheName deletes drafts of an e-service, but not the
// only one.
func TestDeletedDescriptorsKeepTheName(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		path, descriptor := w.create(object{"name": "Anagrafe"})
		w.Refused(w.call("DELETE", descriptor, ""), interop.LastDescriptor)
		w.move(descriptor, "publish")
		w.Want(w.call("DELETE", w.draft(path), ""), http.StatusOK)
		w.Refused(w.call("POST", "/eservices", seed(object{"name": "Anagrafe"})), interop.EServiceNameDuplicate)
		w.audit(path)
	})
}
