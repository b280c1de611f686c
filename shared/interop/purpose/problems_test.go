package purpose_test

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/interop/eservice"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
)

// TestEveryProblemIsDeclaredAndProduced makes every operation answer with every code
// that it declares, and with nothing it does not.
func TestEveryProblemIsDeclaredAndProduced(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		all := w.requests()
		w.DeclaredCodes(all, func(r interoptest.Request) []apitest.Response {
			f := &refusals{world: w, r: r, twin: w.OK(consumer, "GET", purposeOf(all["purpose/get"]), "").Text("title")}
			f.common()
			f.own()
			return f.answers
		})
		w.checkConsistent()
	})
}

// refusals are those of one operation.
type refusals struct {
	*world
	r       interoptest.Request
	twin    string // the title of another purpose
	answers []apitest.Response
}

// to sends a request that has to be refused, and keeps the answer.
func (f *refusals) to(what string, r interoptest.Request) {
	f.Helper()
	res := f.Send(r)
	if f.answers = append(f.answers, res); res.Status < 400 {
		f.Errorf("%s: %s was not refused: %d\n%s", r.ID, what, res.Status, res.Raw)
	}
}

// about is the request about another thing.
func (f *refusals) about(path string) interoptest.Request {
	return f.r.Replace(interoptest.LastID(purposeOf(f.r)), interoptest.LastID(path))
}

// in is the request about a purpose in a setup.
func (f *refusals) in(setup string) interoptest.Request {
	f.Helper()
	return f.about(f.setUp(consumer, setup).path)
}

// withBody returns the request with another body.
func withBody(r interoptest.Request, body any) interoptest.Request {
	r.Body = interoptest.JSON(body)
	return r
}

// endAgreement archives the agreement of a purpose.
func (w *world) endAgreement(caller *api.Identity, path string) {
	w.Helper()
	w.OK(caller, "POST", "/agreements/"+w.OK(caller, "GET", path+"/agreement", "").Text("id")+"/archive", "")
}

// without is the request about a purpose in a setup, after the end of its agreement.
func (f *refusals) without(setup string) interoptest.Request {
	f.Helper()
	c := f.setUp(consumer, setup)
	f.endAgreement(consumer, c.path)
	return f.about(c.path)
}

// common makes the refusals of callers without a right, and of unknown ids.
func (f *refusals) common() {
	f.Helper()
	f.to("a role", f.r.By(interoptest.Organization(f.r.As.Subject, "admin")))
	if f.r.ID == "purpose/list" || f.r.ID == "purpose/create" {
		return
	}
	f.to("nothing", f.about("/"+interoptest.UnknownID()))
	f.to("a stranger", f.r.By(stranger))
}

// own makes the refusals of one operation.
func (f *refusals) own() {
	f.Helper()
	delegated := withBody(f.r, object{"delegationId": interoptest.UnknownID()})
	switch f.r.ID {
	case "purpose/create":
		f.seeds()
	case "purpose/update":
		f.to("the producer", f.r.By(producer))
		f.to("the state", f.in("ACTIVE"))
		f.to("no reason", withBody(f.r, object{"isFreeOfCharge": true}))
		f.to("a reason", withBody(f.r, object{"freeOfChargeReason": "So"}))
		f.to("the title", withBody(f.r, object{"title": f.twin}))
	case "purpose/delete":
		f.to("the state", f.in("ACTIVE"))
	case "purpose/create-version":
		f.to("the state", f.in("ARCHIVED"))
		f.to("the same", withBody(f.in("ACTIVE"), object{"dailyCalls": 5}))
		f.to("another one", f.in("A+W"))
		f.to("no agreement", f.without("ACTIVE"))
	case "purpose/get-version":
		f.to("no version", f.r.Replace("/versions/"+interoptest.LastID(f.r.At), "/versions/"+interoptest.UnknownID()))
	case "purpose/delete-version":
		f.to("no version", f.r.Replace("/versions/"+interoptest.LastID(f.r.At), "/versions/"+interoptest.UnknownID()))
		c := f.setUp(consumer, "ACTIVE")
		f.to("the state", f.about(c.path).Replace("/versions/"+interoptest.LastID(f.r.At), "/versions/"+f.versionIDs(c)["delCurrent"]))
	case "purpose/activate":
		f.to("the state", f.in("ACTIVE"))
		f.to("the producer", f.r.By(producer))
		f.to("a delegation", delegated)
		f.to("no agreement", f.without("DRAFT"))
		o := f.publish(25, 25)
		f.SubmitAgreement(consumer, o)
		bare := interoptest.PurposeSeed(o, 5)
		delete(bare, "riskAnalysisForm")
		f.to("no risk analysis", f.about(f.OK(consumer, "POST", "/purposes", interoptest.JSON(bare)).Text("id")))
	case "purpose/approve":
		f.to("the state", f.in("ACTIVE"))
		f.to("the consumer", f.r.By(consumer))
		f.to("a delegation", delegated)
	case "purpose/reject", "purpose/expect-activation":
		f.to("the state", f.in("ACTIVE"))
	case "purpose/suspend":
		f.to("the state", f.in("DRAFT"))
		f.to("no version", f.in("WAITING"))
		f.to("a delegation", delegated)
	case "purpose/unsuspend":
		f.to("the state", f.in("ACTIVE"))
		f.to("a delegation", delegated)
		f.to("no agreement", f.without("C"))
	case "purpose/archive":
		f.to("the producer", f.r.By(producer))
		f.to("the state", f.in("DRAFT"))
		f.to("no version", f.in("WAITING"))
	case "purpose/clone":
		f.clones()
	case "purpose/get-agreement", "purpose/remaining-daily-calls":
		f.to("no agreement", f.without("ACTIVE"))
	case "agreement/load":
		f.to("the state", f.about(f.DraftAgreement(consumer, f.publish(25, 25))))
	case "purpose/threshold-check":
		f.to("the state", f.in("ACTIVE"))
		f.to("no agreement", f.without("WAITING"))
	}
}

// seeds are purposes that cannot be made.
func (f *refusals) seeds() {
	f.Helper()
	o := f.publish(25, 25)
	f.SubmitAgreement(consumer, o)
	with := func(members object) object {
		s := interoptest.PurposeSeed(o, 5)
		maps.Copy(s, members)
		return s
	}
	taken := interoptest.PurposeSeed(o, 5)
	f.OK(consumer, "POST", "/purposes", interoptest.JSON(taken))
	for what, s := range map[string]object{
		"no e-service": interoptest.PurposeSeed(offer{ID: interoptest.UnknownID()}, 5),
		"another mode": interoptest.PurposeSeed(f.publishReceiving(), 5), "no agreement": interoptest.PurposeSeed(f.publish(25, 25), 5),
		"no reason": with(object{"isFreeOfCharge": true}), "a reason": with(object{"freeOfChargeReason": "So"}),
		"a delegation": with(object{"delegationId": interoptest.UnknownID()}), "the title": taken,
	} {
		f.to(what, withBody(f.r, s))
	}
}

// clones are purposes that cannot be cloned.
func (f *refusals) clones() {
	f.Helper()
	f.to("the producer", f.r.By(producer))
	f.to("the state", f.in("DRAFT"))
	f.to("no e-service", withBody(f.r, object{"eserviceId": interoptest.UnknownID()}))
	f.to("another mode", withBody(f.r, object{"eserviceId": f.publishReceiving().ID}))
	c := f.setUp(consumer, "ACTIVE")
	again := withBody(f.about(c.path), object{"eserviceId": f.OK(consumer, "GET", c.path, "").Text("eserviceId")})
	f.Want(f.Send(again), 200)
	f.to("the title", again) // of the same second
}

// publishReceiving publishes an e-service of mode RECEIVE, as an earlier release did.
func (w *world) publishReceiving() offer {
	w.Helper()
	s := object{
		"name": interoptest.Unique("E-service"), "description": "Certificati online", "technology": "REST", "mode": "DELIVER",
		"personalData": false,
		"descriptor":   interoptest.Terms(25, 25),
	}
	o := offer{ID: w.OK(producer, "POST", "/eservices", interoptest.JSON(s)).Text("id")}
	o.Descriptor = interoptest.Members(w.OK(producer, "GET", "/eservices/"+o.ID+"/descriptors", ""), "id")[0]
	w.OK(producer, "POST", o.Path()+"/publish", "")
	w.SubmitAgreement(consumer, o)
	mode := table.Changes{Set: map[string]any{"mode": "RECEIVE"}}
	if err := w.Tap.DB.Write(w.Context(), table.Update("mode", eservice.Key(o.ID), mode)); err != nil {
		w.Fatal(err)
	}
	return o
}

// TestOrderOfRefusals sends requests that are wrong in several ways.
func TestOrderOfRefusals(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.publish(25, 25)
		w.SubmitAgreement(consumer, o)
		s := object{"eserviceId": interoptest.UnknownID(), "isFreeOfCharge": true, "delegationId": interoptest.UnknownID()}
		create := func(code problem.Code, changes object) {
			w.Helper()
			all := interoptest.PurposeSeed(o, 5)
			maps.Copy(s, changes)
			maps.Copy(all, s)
			w.Refused(w.As(stranger, "POST", "/purposes", interoptest.JSON(all)), code)
		}
		create(interop.DelegationNotFound, nil)
		delete(s, "delegationId")
		create(interop.MissingFreeOfChargeReason, nil)
		create(interop.PurposeEServiceNotFound, object{"freeOfChargeReason": "So"})
		create(interop.EServiceModeNotAllowed, object{"eserviceId": w.publishReceiving().ID})
		create(interop.PurposeWithoutAgreement, object{"eserviceId": o.ID})

		bare := interoptest.PurposeSeed(o, 26)
		delete(bare, "riskAnalysisForm")
		draft := "/purposes/" + w.OK(consumer, "POST", "/purposes", interoptest.JSON(bare)).Text("id")
		other := interoptest.JSON(object{"delegationId": interoptest.UnknownID()})
		w.endAgreement(consumer, w.DraftPurpose(consumer, o, 1))
		w.Refused(w.As(stranger, "POST", draft+"/approve", other), interop.PurposeNotAllowed)
		w.Refused(w.As(producer, "POST", draft+"/approve", other), interop.NoPurposeVersionInState)
		w.Refused(w.As(stranger, "POST", draft+"/activate", other), interop.PurposeNotAllowed)
		w.Refused(w.As(producer, "POST", draft+"/activate", other), interop.MissingRiskAnalysis)
		w.OK(consumer, "PATCH", draft, interoptest.JSON(object{"riskAnalysisForm": object{"version": "1", "answers": object{}}}))
		w.Refused(w.As(producer, "POST", draft+"/activate", other), interop.NotThePurposeConsumer)
		w.Refused(w.As(consumer, "POST", draft+"/activate", other), interop.NotThePurposeDelegate)
		w.Refused(w.As(consumer, "POST", draft+"/activate", ""), interop.PurposeWithoutAgreement)

		c := w.setUp(consumer, "A+W")
		w.endAgreement(consumer, c.path)
		w.Refused(w.send(producer, c, "same"), interop.NotThePurposeConsumer)
		w.Refused(w.send(consumer, c, "same"), interop.UnchangedDailyCalls)
		w.Refused(w.send(consumer, c, "above"), interop.PurposeVersionStateConflict)
		w.Refused(w.As(producer, "POST", c.path+"/suspend", other), interop.NotThePurposeDelegate)
		w.Refused(w.As(producer, "POST", c.path+"/approve", other), interop.NotThePurposeDelegate)
		w.Refused(w.As(consumer, "POST", c.path+"/approve", other), interop.NotThePurposeProducer)
		w.OK(consumer, "DELETE", c.path+"/versions/"+w.versionIDs(c)["delWaiting"], "")
		w.Refused(w.send(consumer, c, "above"), interop.PurposeWithoutAgreement)
		w.Refused(w.send(consumer, c, "below"), interop.PurposeWithoutAgreement)
		w.Refused(w.As(consumer, "POST", c.path+"/unsuspend", other), interop.NoPurposeVersionInState)
		held := w.setUp(consumer, "P")
		w.Refused(w.As(consumer, "POST", held.path+"/unsuspend", other), interop.NotThePurposeDelegate)
		w.Refused(w.As(consumer, "POST", held.path+"/unsuspend", ""), interop.PurposeNotAllowed)
		w.checkConsistent()
	})
}

// TestOwnDelegations: for a purpose of a producer on its own e-service a delegation is ignored.
func TestOwnDelegations(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		c := w.setUp(producer, "DRAFT")
		for _, action := range []string{"activate", "suspend", "unsuspend"} {
			w.OK(producer, "POST", c.path+"/"+action, interoptest.JSON(object{"delegationId": interoptest.UnknownID()}))
		}
		interoptest.Equal(t, "afterwards", w.describe(producer, c.path), "ACTIVE 5")
	})
}

// TestUnknownPathsAndMethods are refused as the product does.
func TestUnknownPathsAndMethods(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		path := w.setUp(consumer, "ACTIVE").path
		for _, c := range []struct {
			method, path string
			code         problem.Code
		}{
			{"GET", path + "/", interop.NoRoute},
			{"GET", path + "/riskAnalysisDocument", interop.NoRoute},
			{"POST", path + "/submit", interop.NoRoute},
			{"PUT", path, interop.NoMethod},
			{"POST", path + "/expectedActivationDate", interop.NoMethod},
			{"GET", path + "/activate", interop.NoMethod},
			{"POST", path + "/history", interop.NoMethod},
			{"DELETE", "/purposes", interop.NoMethod},
		} {
			w.Refused(w.Call(w.TB, consumer, c.method, c.path, ""), c.code)
		}
	})
}

// TestNoPurpose takes every action on a purpose that does not exist.
func TestNoPurpose(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		deleted := w.setUp(consumer, "DRAFT")
		eservice := w.OK(consumer, "GET", deleted.path, "").Text("eserviceId")
		w.OK(consumer, "DELETE", deleted.path, "")
		before := w.stored()
		for _, path := range []string{deleted.path, "/purposes/" + interoptest.UnknownID()} {
			for action := range strings.FieldsSeq("activate approve reject suspend unsuspend archive") {
				for _, caller := range callers {
					w.Refused(w.tryAct(caller, path, action), interop.PurposeNotFound, strings.TrimPrefix(path, "/purposes/"))
				}
			}
			for action := range strings.FieldsSeq("above expect update delete") {
				w.Refused(w.send(consumer, cell{path: path}, action), interop.PurposeNotFound)
			}
			w.Refused(w.As(consumer, "POST", path+"/clone", interoptest.JSON(object{"eserviceId": eservice})), interop.PurposeNotFound)
			w.Refused(w.As(consumer, "DELETE", path+"/versions/"+interoptest.UnknownID(), ""), interop.PurposeNotFound)
		}
		w.Unchanged("asking for what there is not", before, w.stored())
	})
}

// TestOffendersAreListed sends several offending members at once.
func TestOffendersAreListed(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		res := w.As(consumer, "POST", "/purposes",
			`{"eserviceId":"x","dailyCalls":0,"riskAnalysisForm":{"version":"","answers":{"q":[""]}},"other":true}`)
		w.Refused(res, interop.BadRequest)
		var entries []struct{ Detail string }
		if err := json.Unmarshal([]byte(interoptest.JSON(res.Body["errors"])), &entries); err != nil {
			t.Fatal(err)
		}
		for _, at := range []string{
			"body.eserviceId: ", "body.dailyCalls: ", "body.title: ", "body.riskAnalysisForm.version: ",
			"body.riskAnalysisForm.answers.q[0]: ",
		} {
			if !strings.Contains(res.Raw, at) {
				t.Errorf("%d entries, none of %s\n%s", len(entries), at, res.Raw)
			}
		}
	})
}
