package eservice_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/problem"
)

// TestPublicationNeeds publishes drafts that lack one thing and all that are checked
// later: the answer names the first, with the request that adds it, and nothing changes.
func TestPublicationNeeds(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for _, c := range []struct {
			lacks  object
			code   problem.Code
			status int
			cure   string
		}{
			{
				object{"mode": "RECEIVE", "descriptor.audience": []string{""}, "personalData": nil},
				interop.RiskAnalysisRequired,
				http.StatusBadRequest, "DELIVER",
			},
			{object{"mode": "RECEIVE"}, interop.RiskAnalysisRequired, http.StatusBadRequest, "not offered here yet"},
			{object{"descriptor.audience": []string{""}, "personalData": nil}, interop.AudienceEmpty, http.StatusBadRequest, "PATCH /eservices/"},
			{object{"descriptor.audience": []string{" \t"}}, interop.AudienceEmpty, http.StatusBadRequest, "PATCH /eservices/"},
			{
				object{"personalData": nil},
				interop.PersonalDataMissing, http.StatusBadRequest,
				"personalData to true or false with PATCH /eservices/",
			},
		} {
			path, draft := w.create(c.lacks)
			before := w.records(path)
			res := w.call("POST", draft+"/publish", "")
			w.Refused(res, c.code)
			if res.Status != c.status || !strings.Contains(res.Text("detail"), c.cure) {
				w.Errorf("without %v: %s", c.lacks, res.Raw)
			}
			w.unchanged(path, before)
			w.Want(w.call("PATCH", path, `{"mode":"DELIVER","personalData":true}`), http.StatusOK)
			w.Want(w.call("PATCH", draft, `{"audience":["api.example.it"]}`), http.StatusOK)
			w.Want(w.call("POST", draft+"/publish", ""), http.StatusOK)
			w.Refused(w.call("POST", draft+"/publish", ""), interop.DescriptorNotValid)
		}
		w.Refused(w.As(other, "POST", w.descriptors(producer, w.having("published", nil))[0]+"/publish", ""), interop.NotTheEServiceProducer)
	})
}

// TestFlagOfEarlierReleases: an e-service that was published without the flag has it
// set once before its next descriptor is published.
func TestFlagOfEarlierReleases(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		path, first := unset(w)
		second := w.draft(path)
		res := w.call("POST", second+"/publish", "")
		w.Refused(res, interop.PersonalDataMissing)
		if cure := "POST " + path + "/personalDataFlag"; !strings.Contains(res.Text("detail"), cure) {
			w.Errorf("the detail does not name %s: %s", cure, res.Raw)
		}
		w.move(first, "suspend")
		w.move(first, "unsuspend")
		w.Want(w.call("POST", path+"/personalDataFlag", patches["personalDataFlag"]), http.StatusOK)
		w.move(second, "publish")
		received, _ := w.public(nil)
		w.receive(received)
		third := w.draft(received)
		res = w.call("POST", third+"/publish", "")
		w.Refused(res, interop.RiskAnalysisRequired)
		if !strings.Contains(res.Text("detail"), "stay as they are") {
			w.Errorf("the detail is %s", res.Raw)
		}
		w.audit(path, received)
	})
}

// TestUnknownDescriptor: PDND's gateway looks up some descriptors itself, with a code of
// its own, and leaves others to the catalogue.
func TestUnknownDescriptor(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		public, _ := w.public(nil)
		unknown, nowhere := interoptest.UnknownID(), public+"/descriptors/"+interoptest.UnknownID()
		w.Answers(producer, "GET", nowhere, "", 404, "017-0010")
		w.Answers(producer, "GET", nowhere+"/verifiedAttributes", "", 404, "017-0010")
		w.Answers(producer, "POST", nowhere+"/verifiedAttributes/groups", group(unknown), 404, "017-0010")
		w.Answers(producer, "POST", in(nowhere, "declared", 0), group(unknown), 404, "017-0010")
		w.Answers(producer, "DELETE", in(nowhere, "certified", 0)+"/"+unknown, "", 404, "017-0010")
		w.Answers(producer, "PATCH", nowhere+"/quotas", `{"voucherLifespan":61}`, 404, "017-0010")
		w.Answers(producer, "PATCH", in(nowhere, "certified", 0)+"/"+unknown, `{"dailyCallsPerConsumer":5}`, 404, "001-0001")
		w.Answers(producer, "PATCH", nowhere, `{"voucherLifespan":61}`, 404, "001-0001")
		w.Answers(producer, "DELETE", nowhere, "", 404, "001-0001")
		w.Answers(producer, "POST", nowhere+"/publish", "", 404, "001-0001")
		w.Answers(producer, "POST", nowhere+"/suspend", "", 404, "001-0001")
		w.Answers(producer, "POST", nowhere+"/unsuspend", "", 404, "001-0001")
	})
}

// TestPublishedAnswers sends the requests of the published table of answers.
func TestPublishedAnswers(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		draft, _ := w.create(object{"name": "Bozza", "isConsumerDelegable": true})
		public, live := w.public(object{"name": "Catasto"})
		w.create(object{"name": "Tributi"})
		_, needs := w.needing()
		quota := in(needs, "certified", 0) + "/" + w.attributes("certified")[0]
		unknown := interoptest.UnknownID()
		w.Answers(producer, "DELETE", unknownPath(), "", 404, "001-0005")
		w.Answers(other, "DELETE", public, "", 403, "001-9989")
		w.Answers(producer, "DELETE", public, "", 409, "001-0012")
		w.Answers(producer, "PATCH", public, freshName(), 400, "001-0012")

		w.Answers(other, "PATCH", public+"/name", `{"name":"Catasto"}`, 409, "001-0046")
		w.Answers(producer, "PATCH", draft+"/name", `{"name":"Bozza"}`, 409, "001-0046")
		w.Answers(other, "PATCH", public+"/name", `{"name":"CATASTO"}`, 403, "001-9989")
		w.Answers(producer, "PATCH", draft+"/name", `{"name":"Tributi"}`, 409, "001-0022")
		w.Answers(producer, "PATCH", public+"/name", `{"name":"TRIBUTI"}`, 409, "001-007")
		w.Answers(producer, "POST", "/eservices", seed(object{"name": "tributi"}), 409, "001-007")
		w.Answers(producer, "PATCH", public+"/name", `{"name":"CATASTO"}`, 200, "")

		w.Answers(other, "PATCH", public+"/description", `{"description":"Certificati online"}`, 403, "001-9989")
		w.Answers(producer, "PATCH", draft+"/description", `{"description":"Certificati online"}`, 409, "001-0022")
		w.Answers(producer, "PATCH", public+"/description", `{"description":"Certificati online"}`, 409, "001-0045")
		w.Answers(producer, "PATCH", public+"/description", `{"description":"Certificati Online"}`, 200, "")

		w.Answers(producer, "PATCH", quota, `{}`, 400, "017-9999")
		w.Answers(producer, "PATCH", quota, `{"dailyCallsPerConsumer":5}`, 200, "")
		w.Answers(producer, "PATCH", quota, `{"dailyCallsPerConsumer":5}`, 409, "001-0028")
		w.Answers(producer, "PATCH", strings.Replace(quota, "/groups/0/", "/groups/1/", 1), `{"dailyCallsPerConsumer":101}`, 404, "001-0049")
		w.Answers(producer, "PATCH", in(needs, "certified", 0)+"/"+unknown, `{"dailyCallsPerConsumer":101}`, 404, "001-0009")
		w.Answers(producer, "PATCH", quota, `{"dailyCallsPerConsumer":101}`, 400, "001-0010")

		w.Answers(producer, "POST", needs+"/declaredAttributes/groups", group(unknown), 404, "001-0009")
		w.Answers(producer, "POST", needs+"/declaredAttributes/groups", group(w.attributes("verified")[0]), 404, "001-0009")
		w.Answers(producer, "POST", in(needs, "verified", 0), group(unknown), 404, "001-0009")
		w.Answers(producer, "POST", in(needs, "verified", 0), group(w.attributes("verified")[0]), 400, "001-0041")
		w.Answers(producer, "POST", needs+"/verifiedAttributes/groups", group(w.attributes("verified")[0], w.attributes("verified")[0]),
			400, "001-0041")
		w.Answers(producer, "POST", needs+"/verifiedAttributes/groups", group(), 201, "")
		w.Answers(producer, "DELETE", in(live, "certified", 0)+"/"+unknown, "", 400, "001-0003")

		w.Answers(producer, "POST", "/eservices", seed(object{"isConsumerDelegable": false, "isClientAccessDelegable": true}), 400, "001-0025")
		w.Answers(producer, "PATCH", draft, `{"isConsumerDelegable":false,"isClientAccessDelegable":true}`, 400, "001-0025")
		w.Answers(producer, "PATCH", public+"/delegation", `{"isConsumerDelegable":false,"isClientAccessDelegable":true}`, 400, "001-0025")
		w.Answers(producer, "PATCH", public+"/delegation", `{"isClientAccessDelegable":true}`, 400, "001-0025")

		w.Answers(producer, "POST", unknownPath()+"/descriptors", terms(nil), 404, "001-0005")
		w.Answers(other, "POST", public+"/descriptors", terms(object{"dailyCallsTotal": 1}), 403, "001-9989")
		w.Answers(producer, "POST", draft+"/descriptors", terms(object{"dailyCallsTotal": 1}), 400, "001-0006")
		w.Answers(producer, "POST", public+"/descriptors", terms(object{"dailyCallsTotal": 1}), 400, "001-0010")

		w.Answers(other, "POST", public+"/personalDataFlag", `{"personalData":true}`, 403, "001-9989")
		w.Answers(producer, "POST", draft+"/personalDataFlag", `{"personalData":true}`, 409, "001-0022")
		w.Answers(producer, "POST", public+"/personalDataFlag", `{"personalData":true}`, 409, "001-0042")
	})
}

// TestClientAccessFollows: isClientAccessDelegable is false or absent when
// isConsumerDelegable is.
func TestClientAccessFollows(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for _, c := range []struct{ consumer, client, want any }{
			{nil, nil, nil},
			{nil, true, nil},
			{nil, false, nil},
			{false, nil, false},
			{false, false, false},
			{true, nil, nil},
			{true, true, true},
			{true, false, false},
		} {
			created := w.Want(w.call("POST", "/eservices",
				seed(object{"isConsumerDelegable": c.consumer, "isClientAccessDelegable": c.client})), http.StatusCreated)
			path, _ := w.create(nil)
			patched := w.Want(w.call("PATCH", path,
				payload(object{}, object{"isConsumerDelegable": c.consumer, "isClientAccessDelegable": c.client})), http.StatusOK)
			for what, res := range map[string]any{
				"POST":  created.Body["isClientAccessDelegable"],
				"PATCH": patched.Body["isClientAccessDelegable"],
			} {
				if res != c.want {
					w.Errorf("%s of %v and %v is answered %v, want %v", what, c.consumer, c.client, res, c.want)
				}
			}
			if got := fmt.Sprint(created.Body["isConsumerDelegable"]); got != fmt.Sprint(c.consumer) {
				w.Errorf("isConsumerDelegable %v is answered %s", c.consumer, got)
			}
		}
	})
}
