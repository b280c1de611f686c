package eservice_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"ciclo/shared/problem"
)

// TestNamesAreUnique gives names that are taken, in every way a name is given.
func TestNamesAreUnique(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		first, _ := w.create(object{"name": "Anagràfe"})
		taken, _ := w.public(object{"name": "Catasto"})
		draft, _ := w.create(object{"name": "Tributi"})
		public, _ := w.public(object{"name": "Protocollo"})
		before := w.records(first)
		for _, name := range []string{"Anagràfe", "ANAGRÀFE", "anagràfe", "CATASTO"} {
			body := fmt.Sprintf(`{"name":%q}`, name)
			res := w.call("POST", "/eservices", seed(object{"name": name}))
			w.refused(res, problem.EServiceNameDuplicate)
			if want := "An EService with name " + name + " already exists"; res.Text("detail") != want {
				w.Errorf("detail = %q, want %q", res.Text("detail"), want)
			}
			w.refused(w.call("PATCH", draft, body), problem.EServiceNameDuplicate)
			w.refused(w.call("PATCH", public+"/name", body), problem.EServiceNameDuplicate)
		}
		w.unchanged(first, before)
		free, _ := w.createAs(other, object{"name": "Anagràfe"}) // of another producer
		// What looks alike is another name.
		alike, _ := w.create(object{"name": "Anagrafe"})
		spaced, _ := w.create(object{"name": "Anagràfe "})
		w.audit(first, taken, draft, public, free, alike, spaced)
	})
}

// TestNamesAreFreed gives names that are no longer in use.
func TestNamesAreFreed(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		var all []string
		for i, give := range []func(path, descriptor string){
			func(path, _ string) { w.want(w.call("DELETE", path, ""), http.StatusOK) },
			func(path, _ string) { w.want(w.call("PATCH", path, freshName()), http.StatusOK) },
			func(path, descriptor string) {
				w.move(descriptor, "publish")
				w.want(w.call("PATCH", path+"/name", freshName()), http.StatusOK)
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
			if res := w.want(w.call("PATCH", c[0], `{"name":"`+c[1]+`"}`), http.StatusOK); res.Text("name") != c[1] {
				w.Errorf("renamed to %q: %s", c[1], res.Raw)
			}
			w.audit(draft, public)
		}
		for _, name := range []string{"anagrafe", "catasto"} {
			w.refused(w.call("POST", "/eservices", seed(object{"name": name})), problem.EServiceNameDuplicate)
		}
	})
}

// TestDeletedDescriptorsKeepTheName deletes drafts of an e-service, but not the
// only one.
func TestDeletedDescriptorsKeepTheName(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		path, descriptor := w.create(object{"name": "Anagrafe"})
		w.refused(w.call("DELETE", descriptor, ""), problem.LastDescriptor)
		w.move(descriptor, "publish")
		w.want(w.call("DELETE", w.draft(path), ""), http.StatusOK)
		w.refused(w.call("POST", "/eservices", seed(object{"name": "Anagrafe"})), problem.EServiceNameDuplicate)
		w.audit(path)
	})
}
