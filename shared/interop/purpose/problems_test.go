package purpose_test

import (
	"encoding/json"
	"fmt"
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
			f := &refusals{world: w, r: r, twin: w.ok(consumer, "GET", purposeOf(all["purpose/get"]), "").Text("title")}
			f.common()
			f.own()
			return f.answers
		})
		w.consistent()
	})
}

// refusals are those of one operation.
type refusals struct {
	*world
	r       interoptest.Request
	twin    string // the title of another purpose
	answers []apitest.Response
}

// to keeps the answer to a request, which has to be a refusal.
func (f *refusals) to(what string, r interoptest.Request) {
	f.Helper()
	res := f.Send(r)
	if f.answers = append(f.answers, res); res.Status < 400 {
		f.Errorf("%s: %s was not refused: %d\n%s", r.ID, what, res.Status, res.Raw)
	}
}

// about is the request about another thing.
func (f *refusals) about(path string) interoptest.Request {
	return f.r.Replace(idOf(purposeOf(f.r)), idOf(path))
}

// in is the request about a purpose in a situation.
func (f *refusals) in(situation string) interoptest.Request {
	f.Helper()
	return f.about(f.situated(consumer, situation).path)
}

// saying is the request with another body.
func saying(r interoptest.Request, body any) interoptest.Request {
	r.Body = interoptest.JSON(body)
	return r
}

// leaves archives the agreement of a purpose.
func (w *world) leaves(who *api.Identity, path string) {
	w.Helper()
	w.ok(who, "POST", "/agreements/"+w.ok(who, "GET", path+"/agreement", "").Text("id")+"/archive", "")
}

// without is the request about a purpose in a situation whose agreement has ended.
func (f *refusals) without(situation string) interoptest.Request {
	f.Helper()
	c := f.situated(consumer, situation)
	f.leaves(consumer, c.path)
	return f.about(c.path)
}

// common makes the refusals of whoever has no right or names nothing.
func (f *refusals) common() {
	f.Helper()
	f.to("a role", f.r.By(interoptest.Organization(f.r.As.Subject, "admin")))
	if f.r.ID == "purpose/list" || f.r.ID == "purpose/create" {
		return
	}
	f.to("nothing", f.about("/"+nobody()))
	f.to("a stranger", f.r.By(stranger))
}

// own makes the refusals of one operation.
func (f *refusals) own() {
	f.Helper()
	delegated := saying(f.r, object{"delegationId": nobody()})
	switch f.r.ID {
	case "purpose/create":
		f.seeds()
	case "purpose/update":
		f.to("the producer", f.r.By(producer))
		f.to("the state", f.in("ACTIVE"))
		f.to("no reason", saying(f.r, object{"isFreeOfCharge": true}))
		f.to("a reason", saying(f.r, object{"freeOfChargeReason": "So"}))
		f.to("the title", saying(f.r, object{"title": f.twin}))
	case "purpose/delete":
		f.to("the state", f.in("ACTIVE"))
	case "purpose/create-version":
		f.to("the state", f.in("ARCHIVED"))
		f.to("the same", saying(f.in("ACTIVE"), object{"dailyCalls": 5}))
		f.to("another one", f.in("A+W"))
		f.to("no agreement", f.without("ACTIVE"))
	case "purpose/get-version":
		f.to("no version", f.r.Replace("/versions/"+idOf(f.r.At), "/versions/"+nobody()))
	case "purpose/delete-version":
		f.to("no version", f.r.Replace("/versions/"+idOf(f.r.At), "/versions/"+nobody()))
		c := f.situated(consumer, "ACTIVE")
		f.to("the state", f.about(c.path).Replace("/versions/"+idOf(f.r.At), "/versions/"+f.versionIDs(c)["delCurrent"]))
	case "purpose/activate":
		f.to("the state", f.in("ACTIVE"))
		f.to("the producer", f.r.By(producer))
		f.to("a delegation", delegated)
		f.to("no agreement", f.without("DRAFT"))
		o := f.offers(25, 25)
		f.joins(consumer, o)
		bare := seed(o, 5)
		delete(bare, "riskAnalysisForm")
		f.to("no risk analysis", f.about(f.ok(consumer, "POST", "/purposes", interoptest.JSON(bare)).Text("id")))
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
	}
}

// seeds are purposes that cannot be made.
func (f *refusals) seeds() {
	f.Helper()
	o := f.offers(25, 25)
	f.joins(consumer, o)
	with := func(members object) object {
		s := seed(o, 5)
		maps.Copy(s, members)
		return s
	}
	taken := seed(o, 5)
	f.ok(consumer, "POST", "/purposes", interoptest.JSON(taken))
	for what, s := range map[string]object{
		"no e-service": seed(offer{id: nobody()}, 5), "another mode": seed(f.receives(), 5), "no agreement": seed(f.offers(25, 25), 5),
		"no reason": with(object{"isFreeOfCharge": true}), "a reason": with(object{"freeOfChargeReason": "So"}),
		"a delegation": with(object{"delegationId": nobody()}), "the title": taken,
	} {
		f.to(what, saying(f.r, s))
	}
}

// clones are purposes that cannot be cloned.
func (f *refusals) clones() {
	f.Helper()
	f.to("the producer", f.r.By(producer))
	f.to("the state", f.in("DRAFT"))
	f.to("no e-service", saying(f.r, object{"eserviceId": nobody()}))
	f.to("another mode", saying(f.r, object{"eserviceId": f.receives().id}))
	c := f.situated(consumer, "ACTIVE")
	again := saying(f.about(c.path), object{"eserviceId": f.ok(consumer, "GET", c.path, "").Text("eserviceId")})
	f.Want(f.Send(again), 200)
	f.to("the title", again) // of the same second
}

// receives is an e-service whose purposes are made otherwise, as an earlier release
// published them.
func (w *world) receives() offer {
	w.Helper()
	s := object{
		"name": fmt.Sprintf("E-service %d", unique.Add(1)), "description": "Certificati online", "technology": "REST", "mode": "DELIVER", "personalData": false,
		"descriptor": terms(25, 25),
	}
	o := offer{id: w.ok(producer, "POST", "/eservices", interoptest.JSON(s)).Text("id")}
	o.descriptor = interoptest.Members(w.ok(producer, "GET", "/eservices/"+o.id+"/descriptors", ""), "id")[0]
	w.ok(producer, "POST", o.path()+"/publish", "")
	w.joins(consumer, o)
	mode := table.Changes{Set: map[string]any{"mode": "RECEIVE"}}
	if err := w.Tap.DB.Write(w.Context(), table.Update("mode", eservice.Key(o.id), mode)); err != nil {
		w.Fatal(err)
	}
	return o
}

// TestOrderOfRefusals sends what is wrong in several ways.
func TestOrderOfRefusals(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.offers(25, 25)
		w.joins(consumer, o)
		s := object{"eserviceId": nobody(), "isFreeOfCharge": true, "delegationId": nobody()}
		create := func(code problem.Code, changes object) {
			w.Helper()
			all := seed(o, 5)
			maps.Copy(s, changes)
			maps.Copy(all, s)
			w.Refused(w.As(stranger, "POST", "/purposes", interoptest.JSON(all)), code)
		}
		create(interop.DelegationNotFound, nil)
		delete(s, "delegationId")
		create(interop.MissingFreeOfChargeReason, nil)
		create(interop.PurposeEServiceNotFound, object{"freeOfChargeReason": "So"})
		create(interop.EServiceModeNotAllowed, object{"eserviceId": w.receives().id})
		create(interop.PurposeWithoutAgreement, object{"eserviceId": o.id})

		bare := seed(o, 26)
		delete(bare, "riskAnalysisForm")
		draft := "/purposes/" + w.ok(consumer, "POST", "/purposes", interoptest.JSON(bare)).Text("id")
		other := interoptest.JSON(object{"delegationId": nobody()})
		w.leaves(consumer, w.drafts(consumer, o, 1))
		w.Refused(w.As(stranger, "POST", draft+"/approve", other), interop.PurposeNotAllowed)
		w.Refused(w.As(producer, "POST", draft+"/approve", other), interop.NoPurposeVersionInState)
		w.Refused(w.As(stranger, "POST", draft+"/activate", other), interop.PurposeNotAllowed)
		w.Refused(w.As(producer, "POST", draft+"/activate", other), interop.MissingRiskAnalysis)
		w.ok(consumer, "PATCH", draft, interoptest.JSON(object{"riskAnalysisForm": object{"version": "1", "answers": object{}}}))
		w.Refused(w.As(producer, "POST", draft+"/activate", other), interop.NotThePurposeConsumer)
		w.Refused(w.As(consumer, "POST", draft+"/activate", other), interop.NotThePurposeDelegate)
		w.Refused(w.As(consumer, "POST", draft+"/activate", ""), interop.PurposeWithoutAgreement)

		c := w.situated(consumer, "A+W")
		w.leaves(consumer, c.path)
		w.Refused(w.attempts(producer, c, "same"), interop.NotThePurposeConsumer)
		w.Refused(w.attempts(consumer, c, "same"), interop.UnchangedDailyCalls)
		w.Refused(w.attempts(consumer, c, "above"), interop.PurposeVersionStateConflict)
		w.Refused(w.As(producer, "POST", c.path+"/suspend", other), interop.NotThePurposeDelegate)
		w.Refused(w.As(producer, "POST", c.path+"/approve", other), interop.NotThePurposeDelegate)
		w.Refused(w.As(consumer, "POST", c.path+"/approve", other), interop.NotThePurposeProducer)
		w.ok(consumer, "DELETE", c.path+"/versions/"+w.versionIDs(c)["delWaiting"], "")
		w.Refused(w.attempts(consumer, c, "above"), interop.PurposeWithoutAgreement)
		w.Refused(w.attempts(consumer, c, "below"), interop.PurposeWithoutAgreement)
		w.Refused(w.As(consumer, "POST", c.path+"/unsuspend", other), interop.NoPurposeVersionInState)
		held := w.situated(consumer, "P")
		w.Refused(w.As(consumer, "POST", held.path+"/unsuspend", other), interop.NotThePurposeDelegate)
		w.Refused(w.As(consumer, "POST", held.path+"/unsuspend", ""), interop.PurposeNotAllowed)
		w.consistent()
	})
}

// TestOwnDelegations: who uses its own e-service acts for both sides, whatever it says.
func TestOwnDelegations(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		c := w.situated(producer, "DRAFT")
		for _, action := range []string{"activate", "suspend", "unsuspend"} {
			w.ok(producer, "POST", c.path+"/"+action, interoptest.JSON(object{"delegationId": nobody()}))
		}
		want(t, "afterwards", w.state(producer, c.path), "ACTIVE 5")
	})
}

// TestUnknownPathsAndMethods are refused as the product does.
func TestUnknownPathsAndMethods(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		path := w.situated(consumer, "ACTIVE").path
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

// TestNoPurpose takes every action on a purpose that there is not.
func TestNoPurpose(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		deleted := w.situated(consumer, "DRAFT")
		eservice := w.ok(consumer, "GET", deleted.path, "").Text("eserviceId")
		w.ok(consumer, "DELETE", deleted.path, "")
		before := w.everything()
		for _, path := range []string{deleted.path, "/purposes/" + nobody()} {
			for action := range strings.FieldsSeq("activate approve reject suspend unsuspend archive") {
				for _, caller := range callers {
					w.Refused(w.try(caller, path, action), interop.PurposeNotFound, strings.TrimPrefix(path, "/purposes/"))
				}
			}
			for action := range strings.FieldsSeq("above expect update delete") {
				w.Refused(w.attempts(consumer, cell{path: path}, action), interop.PurposeNotFound)
			}
			w.Refused(w.As(consumer, "POST", path+"/clone", interoptest.JSON(object{"eserviceId": eservice})), interop.PurposeNotFound)
			w.Refused(w.As(consumer, "DELETE", path+"/versions/"+nobody(), ""), interop.PurposeNotFound)
		}
		w.unchanged("asking for what there is not", before)
	})
}

// TestOffendersAreListed sends several offending members at once.
func TestOffendersAreListed(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		res := w.As(consumer, "POST", "/purposes", `{"eserviceId":"x","dailyCalls":0,"riskAnalysisForm":{"version":"","answers":{"q":[""]}},"other":true}`)
		w.Refused(res, interop.BadRequest)
		var entries []struct{ Detail string }
		if err := json.Unmarshal([]byte(interoptest.JSON(res.Body["errors"])), &entries); err != nil {
			t.Fatal(err)
		}
		for _, at := range []string{"body.eserviceId: ", "body.dailyCalls: ", "body.title: ", "body.riskAnalysisForm.version: ", "body.riskAnalysisForm.answers.q[0]: "} {
			if !strings.Contains(res.Raw, at) {
				t.Errorf("%d entries, none of %s\n%s", len(entries), at, res.Raw)
			}
		}
	})
}
