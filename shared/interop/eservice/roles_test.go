package eservice_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
)

// success is the code of no refusal.
var success = problem.Code{}

// TestRoleMatrix calls every operation with every kind of credential.
func TestRoleMatrix(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		w.Roles(w.requests, func() any { return w.Stored(nil) }, nil)
	})
}

// answers sends a request and checks that it succeeds, or that it is refused with the
// code and changes nothing.
func (w *world) answers(as *api.Identity, r interoptest.Request, want problem.Code, what string) {
	w.Helper()
	partition := partitions[0]
	if isNamed(r) {
		partition = "ESERVICE#" + idOf(r.At)
	}
	before := w.Items(partition)
	res := w.Send(r.By(as))
	if want == success {
		if res.Status != r.Status {
			w.Errorf("%s = %d, want %d\n%s", what, res.Status, r.Status, res.Raw)
		}
		return
	}
	if interoptest.CodeOf(res) != want.Name || res.Status != want.Status {
		w.Errorf("%s = %d %s, want %s", what, res.Status, interoptest.CodeOf(res), want.Name)
	}
	interoptest.Equal(w.TB, what+": what is stored", w.Items(partition), before)
}

// TestOthers calls every operation on e-services of the producer as another organization,
// which has an e-service of its own: it cannot see drafts, and may read what was published.
func TestOthers(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		w.createAs(other, nil)
		theirs := map[string]string{}
		for _, kind := range []string{"drafts", "published", "suspended", "deprecated", "archived"} {
			theirs[kind] = w.descriptors(producer, w.having(kind, nil))[0]
		}
		for id, r := range w.requests() {
			if !isNamed(r) {
				w.answers(other, r, success, id)
				continue
			}
			for kind, descriptor := range theirs {
				r := about(r, descriptor)
				want := success
				switch {
				case kind == "drafts":
					want = interop.EServiceNotFound
				case writes(r):
					want = interop.NotTheEServiceProducer
				}
				w.answers(other, r, want, id+" of what is "+kind)
				if writes(r) {
					w.answers(reader, r, interop.OperationForbidden, id+" by a reader")
				} else {
					w.answers(reader, r, want, id+" by a reader")
				}
			}
		}
	})
}

// TestOrderOfRefusals sends requests that are wrong in several ways.
func TestOrderOfRefusals(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		public, _ := w.public(nil)
		for id, r := range w.requests() {
			if !isNamed(r) {
				continue
			}
			unknown := about(r, unknownPath())
			w.answers(interoptest.Organization(producer.Subject, "admin"), unknown, interop.OperationForbidden, id+": no role, no e-service")
			w.answers(producer, unknown, interop.EServiceNotFound, id+": no e-service")
			if strings.Contains(r.Path, "{descriptorId}") {
				without := about(r, public+"/descriptors/"+interoptest.UnknownID())
				if writes(r) {
					w.answers(other, without, interop.NotTheEServiceProducer, id+": not its own, no descriptor")
				}
				code := interop.DescriptorNotFound
				if slices.Contains(r.Codes(), interop.DescriptorUnknown) {
					code = interop.DescriptorUnknown
				}
				w.answers(producer, without, code, id+": no descriptor")
			}
		}
		// The name is taken, and the state does not allow a name.
		w.create(object{"name": "Anagrafe"})
		draft, _ := w.create(nil)
		rename := `{"name":"Anagrafe"}`
		w.Refused(w.call("PATCH", draft+"/name", rename), interop.EServiceWithoutDescriptor)
		w.Refused(w.call("PATCH", public, rename), interop.EServiceNotInDraftState)
		taken := seed(object{"name": "Anagrafe", "descriptor.dailyCallsTotal": 1})
		w.Refused(w.call("POST", "/eservices", taken), interop.InconsistentDailyCalls)
		w.Refused(w.call("POST", draft+"/descriptors", terms(object{"dailyCallsTotal": 1})), interop.DraftDescriptorExists)
	})
}

// TestPersonalDataIsSetOnce sets the flag again, after creating and after setting it.
func TestPersonalDataIsSetOnce(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		atCreation, _ := w.public(object{"personalData": false})
		unset, _ := w.public(nil)
		w.clearPersonalData(unset)
		w.Refused(w.call("POST", atCreation+"/personalDataFlag", `{"personalData":false}`), interop.PersonalDataSet)
		res := w.Want(w.call("POST", unset+"/personalDataFlag", `{"personalData":false}`), http.StatusOK)
		if res.Body["personalData"] != false {
			w.Errorf("the flag is %s", res.Raw)
		}
		w.Refused(w.call("POST", unset+"/personalDataFlag", `{"personalData":true}`), interop.PersonalDataSet)
		draft, _ := w.create(object{"personalData": true})
		w.Refused(w.call("POST", draft+"/personalDataFlag", `{"personalData":true}`), interop.EServiceWithoutDescriptor)
		w.audit(atCreation, unset, draft)
	})
}
