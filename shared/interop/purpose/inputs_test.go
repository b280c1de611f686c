package purpose_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/testing/apitest"
)

// Members of several bodies.
var (
	callsField  = interoptest.Field{Good: []string{`1`, `1000000000`}, Bad: []string{`0`, `-1`, `1000000001`, `1.5`, `1e30`, `"1"`, `null`, `true`, `{}`, `[1]`}}
	flagField   = interoptest.Field{Good: []string{`false`}, Bad: []string{`null`, `0`, `"false"`, `""`, `{}`, `[false]`}}
	freeReasons = interoptest.Field{Good: []string{`"x"`, letters(2000)}, Bad: []string{letters(2001), `1`, `true`, `{}`, `["x"]`}}
	formField   = interoptest.Field{
		Good: []string{
			`{"version":"1","answers":{}}`, `{"version":` + letters(250) + `,"answers":{"q":[],"à":["x",` + letters(2000) + `]}}`,
			`{"version":"<a href='https://x'>\u0001","answers":{"a.b/c#d e":["\"\\ 🙂\u2028"]}}`,
		},
		Bad: []string{
			`null`, `1`, `"x"`, `[]`, `{}`, `{"version":"1"}`, `{"answers":{}}`, `{"version":"","answers":{}}`, `{"version":` + letters(251) + `,"answers":{}}`,
			`{"version":null,"answers":{}}`, `{"version":1,"answers":{}}`, `{"version":"1","answers":null}`, `{"version":"1","answers":[]}`,
			`{"version":"1","answers":{"q":null}}`, `{"version":"1","answers":{"q":"x"}}`, `{"version":"1","answers":{"q":[1]}}`,
			`{"version":"1","answers":{"q":[null]}}`, `{"version":"1","answers":{"q":[""]}}`, `{"version":"1","answers":{"q":[` + letters(2001) + `]}}`,
			`{"version":"1","answers":{"q":[["x"]]}}`,
			`{"version":"1\u0000","answers":{}}`, `{"version":"1","answers":{"q":["\ud800"]}}`, `{"version":"1","answers":{"\udc00":[]}}`,
			`{"version":"1","answers":{},"other":1}`,
		},
	}
	delegationField = interoptest.Field{Bad: interoptest.ID(uuid.NewString()).Bad}
)

// letters is a text of so many characters, as JSON.
func letters(n int) string { return `"` + strings.Repeat("à", n) + `"` }

// badOnly is a field of which nothing that is good is sent.
func badOnly(f interoptest.Field, bad ...string) interoptest.Field {
	return interoptest.Field{Bad: append(f.Bad, bad...)}
}

// TestSeeds says everything that a new purpose may be and may not.
func TestSeeds(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.offers(25, 25)
		w.joins(consumer, o)
		r := w.requests()["purpose/create"]
		made := 0
		taken := func(res apitest.Response, member, value string) {
			w.Helper()
			made++
			w.Want(res, 201)
			if v := res.Body[member]; member == "dailyCalls" {
				v = res.Body["currentVersion"].(object)[member]
				want(t, member, fmt.Sprintf("%.0f", v), value)
			} else if member != "riskAnalysisForm" {
				want(t, member, interoptest.JSON(v), value)
			}
			want(t, "read again", w.ok(consumer, "GET", "/purposes/"+res.Text("id"), "").Raw, res.Raw)
		}
		fields := map[string]interoptest.Field{
			"eserviceId": interoptest.ID(o.id), "title": interoptest.Text(5, 60), "description": interoptest.Text(10, 250), "isFreeOfCharge": flagField,
			"dailyCalls": callsField, "delegationId": delegationField, "riskAnalysisForm": formField,
			"state": {Bad: []string{`"ACTIVE"`}}, "consumerId": {Bad: []string{`"` + consumer.Subject + `"`}}, "purposeTemplateId": {Bad: []string{`"` + nobody() + `"`}},
		}
		w.Accepts(r, func() object { return seed(o, 5) }, "eserviceId title description isFreeOfCharge dailyCalls", fields, taken)
		free := func() object {
			s := seed(o, 5)
			s["isFreeOfCharge"], s["freeOfChargeReason"] = true, "So"
			return s
		}
		w.Accepts(r, free, "", map[string]interoptest.Field{
			"freeOfChargeReason": {Good: append(freeReasons.Good, `"  x "`), Bad: append(freeReasons.Bad, `null`)}, "isFreeOfCharge": {Good: []string{`true`}},
		}, taken)
		want(t, "purposes made", interoptest.Total(w.ok(consumer, "GET", "/purposes?eserviceIds="+o.id, "")), made)
		w.consistent()
	})
}

// TestFreeOfCharge: a purpose that is free of charge says freeReasons, and no other does.
func TestFreeOfCharge(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.offers(25, 25)
		w.joins(consumer, o)
		for _, c := range []struct {
			free   bool
			reason any
			code   problem.Code
		}{
			{true, nil, interop.MissingFreeOfChargeReason},
			{true, "", interop.MissingFreeOfChargeReason},
			{true, " \t\n", interop.MissingFreeOfChargeReason},
			{false, "So", interop.InvalidFreeOfChargeReason},
			{false, "", interop.InvalidFreeOfChargeReason},
			{false, "  ", interop.InvalidFreeOfChargeReason},
		} {
			s := seed(o, 5)
			if s["isFreeOfCharge"] = c.free; c.reason != nil {
				s["freeOfChargeReason"] = c.reason
			}
			w.Refused(w.As(consumer, "POST", "/purposes", interoptest.JSON(s)), c.code)
		}
		path := w.drafts(consumer, o, 5)
		// From one state of the draft to the next; "-" is one that stays.
		for _, step := range []struct{ patch, now string }{
			{`{"isFreeOfCharge":true}`, interop.MissingFreeOfChargeReason.Name},
			{`{"freeOfChargeReason":"So"}`, interop.InvalidFreeOfChargeReason.Name},
			{`{"isFreeOfCharge":false,"freeOfChargeReason":"So"}`, interop.InvalidFreeOfChargeReason.Name},
			{`{"isFreeOfCharge":true,"freeOfChargeReason":" "}`, interop.MissingFreeOfChargeReason.Name},
			{`{"freeOfChargeReason":null}`, "false "},
			{`{"freeOfChargeReason":" "}`, "false "},
			{`{"isFreeOfCharge":true,"freeOfChargeReason":"So"}`, "true So"},
			{`{"isFreeOfCharge":true}`, "true So"},
			{`{"title":"Another title"}`, "true So"},
			{`{"freeOfChargeReason":"Yes"}`, "true Yes"},
			{`{"freeOfChargeReason":null}`, interop.MissingFreeOfChargeReason.Name},
			{`{"freeOfChargeReason":""}`, interop.MissingFreeOfChargeReason.Name},
			{`{"isFreeOfCharge":false,"freeOfChargeReason":"No"}`, interop.InvalidFreeOfChargeReason.Name},
			{`{}`, "true Yes"},
			{`{"isFreeOfCharge":false}`, "false "},
			{`{"isFreeOfCharge":true}`, interop.MissingFreeOfChargeReason.Name},
			{`{"isFreeOfCharge":true,"freeOfChargeReason":"So"}`, "true So"},
			{`{"isFreeOfCharge":false,"freeOfChargeReason":null}`, "false "},
		} {
			res := w.As(consumer, "PATCH", path, step.patch)
			got := interoptest.CodeOf(res)
			if got == "" {
				got = fmt.Sprint(res.Body["isFreeOfCharge"], " ", res.Text("freeOfChargeReason"))
				want(t, "read again", w.ok(consumer, "GET", path, "").Raw, res.Raw)
			}
			want(t, step.patch, got, step.now)
		}
	})
}

// TestUpdates says everything that a merge patch of a draft may be and may not.
func TestUpdates(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		all := w.requests()
		r := all["purpose/update"]
		before := w.everything()
		fields := map[string]interoptest.Field{
			"title": badOnly(interoptest.Text(5, 60)), "description": badOnly(interoptest.Text(10, 250)), "isFreeOfCharge": badOnly(flagField),
			"freeOfChargeReason": badOnly(freeReasons), "dailyCalls": badOnly(callsField), "riskAnalysisForm": badOnly(formField),
			"eserviceId": {Bad: []string{`"` + nobody() + `"`}}, "delegationId": {Bad: []string{`"` + nobody() + `"`}},
		}
		empty := func() object { return object{} }
		w.Accepts(r, empty, "", fields, nil)
		w.unchanged("what is refused", before)
		good := map[string]interoptest.Field{
			"title": {Good: interoptest.Text(5, 60).Good}, "description": {Good: interoptest.Text(10, 250).Good}, "dailyCalls": {Good: callsField.Good},
			"riskAnalysisForm": {Good: formField.Good}, "freeOfChargeReason": {Good: []string{`null`, `""`, `"  "`}}, "isFreeOfCharge": {Good: flagField.Good},
		}
		w.Accepts(r, empty, "", good, func(res apitest.Response, member, value string) {
			w.Helper()
			w.Want(res, 200)
			switch v := res.Body[member]; member {
			case "dailyCalls":
				want(t, member, fmt.Sprintf("%.0f", res.Body["currentVersion"].(object)[member]), value)
			case "freeOfChargeReason":
				want(t, member, v, nil)
			case "riskAnalysisForm":
			default:
				want(t, member, interoptest.JSON(v), value)
			}
			want(t, "read again", w.ok(consumer, "GET", r.At, "").Raw, res.Raw)
		})
		w.consistent()
	})
}

// TestMergePatch: what is not sent stays, an empty patch moves updatedAt alone.
func TestMergePatch(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		o := w.offers(25, 25)
		w.joins(consumer, o)
		path := w.drafts(consumer, o, 5)
		shape := func() object {
			p := w.ok(consumer, "GET", path, "").Body
			v := maps.Clone(p["currentVersion"].(object))
			delete(v, "updatedAt")
			p["currentVersion"] = v
			delete(p, "updatedAt")
			return p
		}
		before := shape()
		w.Clock.Advance(time.Minute)
		now := w.Clock.Now().UTC().Format(time.RFC3339)
		res := w.As(consumer, "PATCH", path, "{}", "Content-Type", "application/merge-patch+json")
		w.Want(res, 200)
		at, err := time.Parse(time.RFC3339, res.Text("updatedAt"))
		if err != nil || at.UTC().Format(time.RFC3339) != now {
			t.Errorf("updated at %s, it is %s", res.Text("updatedAt"), now)
		}
		want(t, "an empty patch", interoptest.JSON(shape()), interoptest.JSON(before))
		for _, kind := range []string{"application/merge-patch+json", "application/json", "application/merge-patch+json; charset=utf-8"} {
			title := fmt.Sprintf("Purpose %06d", unique.Add(1))
			w.Want(w.As(consumer, "PATCH", path, interoptest.JSON(object{"title": title}), "Content-Type", kind), 200)
			before["title"] = title
			want(t, kind, interoptest.JSON(shape()), interoptest.JSON(before))
		}
		w.Refused(w.As(consumer, "PATCH", path, "{}", "Content-Type", "text/plain"), interop.MediaNotSupported)
		w.consistent()
	})
}

// TestFormsAreBounded: a risk analysis as long as it may be is kept, and cloned.
func TestFormsAreBounded(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		o := w.offers(25, 25)
		w.joins(consumer, o)
		sized := func(n int, b object, member string) string {
			answers := map[string][]string{}
			b[member] = object{"version": "1", "answers": answers}
			for i := 0; len(interoptest.JSON(b)) < n-3000; i++ {
				answers[fmt.Sprint("question ", i)] = []string{strings.Repeat("x", 1000), strings.Repeat("à", 500)}
			}
			answers["last"] = []string{"x"}
			for missing := n - len(interoptest.JSON(b)); missing > 0; missing = n - len(interoptest.JSON(b)) {
				// An answer more takes its quotes and a comma.
				answers["last"] = append(answers["last"], strings.Repeat("x", min(1900, max(1, missing-3))))
			}
			text := interoptest.JSON(b)
			if len(text) > n {
				w.Fatalf("%d bytes, want %d", len(text), n)
			}
			return text
		}
		const most = 256 << 10
		draft := w.drafts(consumer, o, 5)
		for method, path := range map[string]string{"POST": "/purposes", "PATCH": draft} {
			body := func(n int) string {
				if method == "PATCH" {
					return sized(n, object{}, "riskAnalysisForm")
				}
				return sized(n, seed(o, 5), "riskAnalysisForm")
			}
			w.Refused(w.As(consumer, method, path, body(most)+" "), interop.ContentTooLarge)
			res := w.ok(consumer, method, path, body(most))
			made := "/purposes/" + res.Text("id")
			w.does(consumer, made, "activate")
			w.ok(consumer, "POST", made+"/clone", interoptest.JSON(object{"eserviceId": o.id}))
			w.Clock.Advance(time.Second)
		}
		w.consistent()
	})
}

// TestQuestions: whatever a question is called, it is kept or refused.
func TestQuestions(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		o := w.offers(25, 25)
		w.joins(consumer, o)
		for _, question := range []string{"", " ", "a.b", "$", "\u0000", "à🙂", strings.Repeat("q", 255), strings.Repeat("q", 70000)} {
			s := seed(o, 5)
			s["riskAnalysisForm"] = object{"version": "1", "answers": object{question: []string{"x"}}}
			if res := w.As(consumer, "POST", "/purposes", interoptest.JSON(s)); res.Status != 201 && res.Status != 400 {
				t.Errorf("a question %.9q of %d bytes: %d %s", question, len(question), res.Status, res.Raw)
			}
		}
	})
}

// TestOtherBodies says everything that the other bodies may be and may not.
func TestOtherBodies(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		all := w.requests()
		none := func() object { return object{} }
		r := all["purpose/reject"]
		w.Accepts(r, none, "rejectionReason", map[string]interoptest.Field{"rejectionReason": interoptest.Text(10, 250), "reason": {Bad: []string{letters(20)}}}, func(res apitest.Response, _, value string) {
			w.Helper()
			rejected, _ := w.Want(res, 200).Body["rejectedVersion"].(object)
			want(t, "the reason", interoptest.JSON(rejected["rejectionReason"]), value)
			w.estimates(consumer, purposeOf(r), 30)
		})
		today, before := w.Clock.Now().UTC(), w.Clock.Now().UTC().Add(-24*time.Hour)
		dates := interoptest.Field{
			Good: []string{`"` + today.Format(time.DateOnly) + `"`, `"9999-12-31"`, `"2028-02-29"`},
			Bad: []string{
				`null`, `""`, `1`, `true`, `{}`, `"x"`, `"2027-1-1"`, `"2027-02-29"`, `"10000-01-01"`, `"2027-01-01T00:00:00Z"`, `" 2027-01-01"`,
				`"` + before.Format(time.DateOnly) + `"`, `["2027-01-01"]`,
			},
		}
		w.Accepts(all["purpose/expect-activation"], none, "date", map[string]interoptest.Field{"date": dates}, func(res apitest.Response, _, value string) {
			w.Helper()
			waiting, _ := w.Want(res, 200).Body["waitingForApprovalVersion"].(object)
			want(t, "the date", interoptest.JSON(waiting["expectedActivationDate"]), value)
		})
		r = all["purpose/create-version"]
		w.Accepts(r, none, "dailyCalls", map[string]interoptest.Field{"dailyCalls": {Good: []string{`25`, `1000000000`}, Bad: callsField.Bad}}, func(res apitest.Response, _, value string) {
			w.Helper()
			want(t, "calls", fmt.Sprintf("%.0f", w.Want(res, 201).Body["dailyCalls"]), value)
			if res.Text("state") == "WAITING_FOR_APPROVAL" {
				w.ok(consumer, "DELETE", purposeOf(r)+"/versions/"+res.Text("id"), "")
			}
		})
		r = all["purpose/clone"]
		own := w.ok(consumer, "GET", purposeOf(r), "").Text("eserviceId")
		w.Accepts(r, func() object { return object{"eserviceId": own} }, "eserviceId", map[string]interoptest.Field{"eserviceId": interoptest.ID(own)}, func(res apitest.Response, _, _ string) {
			w.Want(res, 200)
			w.Clock.Advance(time.Second)
		})
		w.consistent()
	})
}

// TestEmptyBodies: who acts by no delegation says nothing, null or an empty object.
func TestEmptyBodies(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		path := w.situated(consumer, "ACTIVE").path
		for _, body := range []string{"", "{}", " {} \n", "null"} {
			w.ok(consumer, "POST", path+"/suspend", body)
			want(t, "suspended", w.state(consumer, path), "SUSPENDED 5 by Consumer")
			w.ok(consumer, "POST", path+"/unsuspend", body)
			want(t, "unsuspended", w.state(consumer, path), "ACTIVE 5")
			w.ok(consumer, "POST", w.situated(consumer, "DRAFT").path+"/activate", body)
			w.ok(producer, "POST", w.situated(consumer, "A+W").path+"/approve", body)
		}
		for _, body := range []string{"{}", `{"delegationId":"x"}`} { // it takes none; what is sent is not read
			w.ok(consumer, "POST", w.situated(consumer, "ACTIVE").path+"/archive", body)
		}
		all := w.requests()
		before := w.everything()
		for _, action := range []string{"activate", "approve", "suspend", "unsuspend"} {
			r := all["purpose/"+action]
			bodies := []string{"[]", `"x"`, "1", "{", "{}x", `{"other":1}`, `{"delegationID":"` + nobody() + `"}`}
			for _, value := range delegationField.Bad {
				bodies = append(bodies, `{"delegationId":`+value+`}`)
			}
			for _, body := range bodies {
				w.Refused(w.As(r.As, r.Method, r.At, body), interop.BadRequest)
			}
		}
		w.unchanged("what is refused", before)
	})
}

// TestIDs names things by what is no UUID, and by capitals, which are other keys.
func TestIDs(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		all := w.requests()
		before := w.everything()
		for id, r := range all {
			path, query, _ := strings.Cut(r.At, "?")
			parts := strings.Split(path, "/")
			for at, part := range parts {
				if uuid.Validate(part) != nil {
					continue
				}
				for _, bad := range []string{"x", part[:35], part + "0", part[:35] + "g", "PURPOSE%23" + part, "%20", part + "%2F", strings.Repeat("0", 3000), "%F0"} {
					parts[at] = bad
					if res := w.As(r.As, r.Method, strings.Join(parts, "/")+"?"+query, r.Body); interoptest.CodeOf(res) != interop.BadRequest.Name {
						t.Errorf("%s of %.50s = %d %s", id, bad, res.Status, res.Raw)
					}
				}
				parts[at] = part
			}
			if query != "" {
				w.BadPages(r.As, path)
			}
		}
		many := strings.TrimSuffix(strings.Repeat(nobody()+",", 51), ",")
		for _, query := range []string{
			"eserviceIds=x", "consumerIds=x", "states=x", "states=active", "states=ACTIVE,x", "states=NONE", "eserviceIds=" + nobody() + "0",
			"eserviceIds=" + many, "consumerIds=" + many, "states=" + strings.Repeat("ACTIVE,", 50) + "ACTIVE",
		} {
			w.Refused(w.As(consumer, "GET", "/purposes?"+query, ""), interop.BadRequest)
		}
		for _, query := range []string{"state=x", "state=active", "state=ACTIVE,DRAFT", "state=NONE"} {
			w.Refused(w.As(consumer, "GET", all["purpose/get"].At+"/versions?"+query, ""), interop.BadRequest)
		}
		w.unchanged("reading", before)
	})
}
