package eservice_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/testing/apitest"
)

// fine is no refusal.
var fine = problem.Code{}

// TestRoleMatrix calls every operation as everybody.
func TestRoleMatrix(t *testing.T) {
	t.Parallel()
	of := func(kind string, roles ...string) *api.Identity {
		return &api.Identity{Subject: producer.Subject, Tenants: []string{producer.Subject}, Kind: kind, Scopes: roles}
	}
	forbidden, unknown := interop.OperationForbidden, interop.TokenNotValid
	embedded(t, func(w *world) {
		var requests map[string]request // anew when the last ones are done
		done := false
		for name, role := range map[string]struct {
			as            *api.Identity
			reads, writes problem.Code
		}{
			"nobody":                   {nil, unknown, unknown},
			"producer":                 {producer, fine, fine},
			"producer, both roles":     {of(interop.KindOrganization, interop.RoleReader, interop.RoleAdmin), fine, fine},
			"producer that reads":      {of(interop.KindOrganization, interop.RoleReader), fine, forbidden},
			"producer of another role": {of(interop.KindOrganization, "admin"), forbidden, forbidden},
			"producer in capitals":     {of(interop.KindOrganization, "M2M", "M2M-ADMIN"), forbidden, forbidden},
			"producer without a role":  {of(interop.KindOrganization), forbidden, forbidden},
			"issuer of consumers":      {of("issuer", "d1-api:consumer:full"), forbidden, forbidden},
			"issuer that says m2m":     {of("issuer", interop.RoleReader, interop.RoleAdmin), forbidden, forbidden},
			"aggregator that says m2m": {of("aggregator", interop.RoleReader, interop.RoleAdmin), forbidden, forbidden},
			"key of a service":         {of("manage", "ApiServiceWrite"), forbidden, forbidden},
			"no kind":                  {of("", interop.RoleReader, interop.RoleAdmin), forbidden, forbidden},
		} {
			if requests == nil || done {
				requests = w.requests()
			}
			done = role.writes == fine
			for id, r := range requests {
				want := role.reads
				if r.writes() {
					want = role.writes
				}
				res := w.answers(role.as, r, want, id+" as "+name)
				if challenge := res.Header.Get("WWW-Authenticate"); (want == unknown) != (challenge == "Bearer") {
					w.Errorf("%s as %s = %d with WWW-Authenticate %q", id, name, res.Status, challenge)
				}
			}
		}
	})
}

// answers sends a request and looks for a refusal, which changes nothing, or none.
func (w *world) answers(as *api.Identity, r request, want problem.Code, what string) apitest.Response {
	w.Helper()
	stored := func() map[string]object {
		if r.named() {
			return w.items("ESERVICE#" + idOf(r.path))
		}
		return w.items(partitions[0])
	}
	before := stored()
	res := w.send(as, r)
	switch {
	case want == fine && res.Status != r.Status:
		w.Errorf("%s = %d, want %d\n%s", what, res.Status, r.Status, res.Raw)
	case want != fine:
		if codeOf(res) != want.Name || res.Status != want.Status {
			w.Errorf("%s = %d %s, want %s", what, res.Status, codeOf(res), want.Name)
		}
		if diff := cmp.Diff(before, stored()); diff != "" {
			w.Errorf("%s changed what is stored:\n%s", what, diff)
		}
	}
	return res
}

// TestOthers calls every operation as an organization that has an e-service of
// its own, on e-services of the producer: drafts are not there for it, what was
// published it may read.
func TestOthers(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		w.createAs(other, nil)
		theirs := map[string]string{}
		for _, kind := range []string{"drafts", "published", "suspended", "deprecated", "archived"} {
			theirs[kind] = w.descriptors(producer, w.having(kind, nil))[0]
		}
		for id, r := range w.requests() {
			if !r.named() {
				w.answers(other, r, fine, id)
				continue
			}
			for kind, descriptor := range theirs {
				r := r.about(descriptor)
				want := fine
				switch {
				case kind == "drafts":
					want = interop.EServiceNotFound
				case r.writes():
					want = interop.NotTheEServiceProducer
				}
				w.answers(other, r, want, id+" of what is "+kind)
				if r.writes() {
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
			malformed := r
			if r.named() {
				malformed.path = strings.Replace(r.path, idOf(r.path), "x", 1)
			} else {
				malformed.path, _, _ = strings.Cut(r.path, "?")
				if malformed.body = "[]"; !r.writes() {
					malformed.path, malformed.body = malformed.path+"?offset=x", ""
				}
			}
			w.answers(nil, malformed, interop.TokenNotValid, id+": nobody, malformed")
			w.answers(organization(producer.Subject, "admin"), malformed, interop.BadRequest, id+": no role, malformed")
			w.answers(producer, malformed, interop.BadRequest, id+": malformed")
			if !r.named() {
				continue
			}
			nowhere := r.about(nobody())
			w.answers(organization(producer.Subject, "admin"), nowhere, interop.OperationForbidden, id+": no role, no e-service")
			w.answers(producer, nowhere, interop.EServiceNotFound, id+": no e-service")
			if strings.Contains(r.Path, "{descriptorId}") {
				without := r.about(public + "/descriptors/" + uuid.NewString())
				if r.writes() {
					w.answers(other, without, interop.NotTheEServiceProducer, id+": not its own, no descriptor")
				}
				code := interop.DescriptorNotFound
				if slices.Contains(r.Codes(), interop.DescriptorUnknown) {
					code = interop.DescriptorUnknown
				}
				w.answers(producer, without, code, id+": no descriptor")
			}
		}
		// The name is taken, and the state does not allow any.
		w.create(object{"name": "Anagrafe"})
		draft, _ := w.create(nil)
		w.answers(producer, request{by("PATCH"), draft + "/name", `{"name":"Anagrafe"}`}, interop.EServiceWithoutDescriptor, "rename a draft")
		w.answers(producer, request{by("PATCH"), public, `{"name":"Anagrafe"}`}, interop.EServiceNotInDraftState, "edit what is published")
		w.answers(producer, request{api.Spec{Method: "POST"}, "/eservices", seed(object{"name": "Anagrafe", "descriptor.dailyCallsTotal": 1})}, interop.InconsistentDailyCalls, "create")
		w.answers(producer, request{by("POST"), draft + "/descriptors", terms(object{"dailyCallsTotal": 1})}, interop.DraftDescriptorExists, "create a descriptor")
	})
}

func by(method string) api.Spec { return api.Spec{Method: method, Path: "{eserviceId}"} }

// TestPersonalDataIsSaidOnce asks for the flag where it was said, in both ways of
// saying it.
func TestPersonalDataIsSaidOnce(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		said, _ := w.public(object{"personalData": false})
		unsaid, _ := w.public(nil)
		w.unsay(unsaid)
		w.refused(w.call("POST", said+"/personalDataFlag", `{"personalData":false}`), interop.PersonalDataSet)
		res := w.want(w.call("POST", unsaid+"/personalDataFlag", `{"personalData":false}`), http.StatusOK)
		if res.Body["personalData"] != false {
			w.Errorf("the flag is %s", res.Raw)
		}
		w.refused(w.call("POST", unsaid+"/personalDataFlag", `{"personalData":true}`), interop.PersonalDataSet)
		draft, _ := w.create(object{"personalData": true})
		w.refused(w.call("POST", draft+"/personalDataFlag", `{"personalData":true}`), interop.EServiceWithoutDescriptor)
		w.audit(said, unsaid, draft)
	})
}
