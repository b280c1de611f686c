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
	callsField = interoptest.Field{
		Good: []string{`1`, `1000000000`},
		Bad:  []string{`0`, `-1`, `1000000001`, `1.5`, `1e30`, `"1"`, `null`, `true`, `{}`, `[1]`},
	}
	flagField   = interoptest.Field{Good: []string{`false`}, Bad: []string{`null`, `0`, `"false"`, `""`, `{}`, `[false]`}}
	freeReasons = interoptest.Field{Good: []string{`"x"`, letters(2000)}, Bad: []string{letters(2001), `1`, `true`, `{}`, `["x"]`}}
	formField   = interoptest.Field{
		Good: []string{
			`{"version":"1","answers":{}}`, `{"version":` + letters(250) + `,"answers":{"q":[],"à":["x",` + letters(2000) + `]}}`,
			`{"version":"<a href='https://x'>\u0001","answers":{"a.b/c#d e":["\"\\ 🙂\u2028"]}}`,
		},
		Bad: []string{
			`null`, `1`, `"x"`, `[]`, `{}`, `{"version":"1"}`, `{"answers":{}}`, `{"version":"","answers":{}}`, `{"version":` + letters(251) +
				`,"answers":{}}`,
			`{"version":null,"answers":{}}`, `{"version":1,"answers":{}}`, `{"version":"1","answers":null}`, `{"version":"1","answers":[]}`,
			`{"version":"1","answers":{"q":null}}`, `{"version":"1","answers":{"q":"x"}}`, `{"version":"1","answers":{"q":[1]}}`,
			`{"version":"1","answers":{"q":[null]}}`, `{"version":"1","answers":{"q":[""]}}`, `{"version":"1","answers":{"q":[` +
				letters(2001) + `]}}`,
			`{"version":"1","answers":{"q":[["x"]]}}`,
			`{"version":"1\u0000","answers":{}}`, `{"version":"1","answers":{"q":["\ud800"]}}`, `{"version":"1","answers":{"\udc00":[]}}`,
			`{"version":"1","answers":{},"other":1}`,
		},
	}
	delegationField = interoptest.Field{Bad: interoptest.ID(uuid.NewString()).Bad}
)

// letters is a text of so many characters, as JSON.
func letters(n int) string { return `"` + strings.Repeat("à", n) + `"` }

// badOnly is the field without its good values.
func badOnly(f interoptest.Field) interoptest.Field { return interoptest.Field{Bad: f.Bad} }

// TestSeeds sends new purposes with all values that are valid or not.
func TestSeeds(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.publish(25, 25)
		w.SubmitAgreement(consumer, o)
		r := w.requests()["purpose/create"]
		made := 0
		taken := func(res apitest.Response, member, value string) {
			w.Helper()
			made++
			w.Want(res, 201)
			if v := res.Body[member]; member == "dailyCalls" {
				v = res.Body["currentVersion"].(object)[member]
				interoptest.Equal(t, member, fmt.Sprintf("%.0f", v), value)
			} else if member != "riskAnalysisForm" {
				interoptest.Equal(t, member, interoptest.JSON(v), value)
			}
			interoptest.Equal(t, "read again", w.OK(consumer, "GET", "/purposes/"+res.Text("id"), "").Raw, res.Raw)
		}
		fields := map[string]interoptest.Field{
			"eserviceId": interoptest.ID(o.ID), "title": interoptest.Text(5, 60), "description": interoptest.Text(10, 250),
			"isFreeOfCharge": flagField,
			"dailyCalls":     callsField, "delegationId": delegationField, "riskAnalysisForm": formField,
			"state": {Bad: []string{`"ACTIVE"`}}, "consumerId": {Bad: []string{`"` + consumer.Subject + `"`}},
			"purposeTemplateId": {Bad: []string{`"` + interoptest.UnknownID() + `"`}},
		}
		w.Accepts(r, func() object { return interoptest.PurposeSeed(o, 5) }, "eserviceId title description isFreeOfCharge dailyCalls",
			fields, taken)
		free := func() object {
			s := interoptest.PurposeSeed(o, 5)
			s["isFreeOfCharge"] = true
			s["freeOfChargeReason"] = "So"
			return s
		}
		w.Accepts(r, free, "", map[string]interoptest.Field{
			"freeOfChargeReason": {Good: append(freeReasons.Good, `"  x "`), Bad: append(freeReasons.Bad, `null`)},
			"isFreeOfCharge":     {Good: []string{`true`}},
		}, taken)
		interoptest.Equal(t, "purposes made", interoptest.Total(w.OK(consumer, "GET", "/purposes?eserviceIds="+o.ID, "")), made)
		w.checkConsistent()
	})
}

// TestFreeOfCharge: a purpose that is free of charge has a reason, and no other has.
func TestFreeOfCharge(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.publish(25, 25)
		w.SubmitAgreement(consumer, o)
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
			s := interoptest.PurposeSeed(o, 5)
			if s["isFreeOfCharge"] = c.free; c.reason != nil {
				s["freeOfChargeReason"] = c.reason
			}
			w.Refused(w.As(consumer, "POST", "/purposes", interoptest.JSON(s)), c.code)
		}
		path := w.DraftPurpose(consumer, o, 5)
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
				interoptest.Equal(t, "read again", w.OK(consumer, "GET", path, "").Raw, res.Raw)
			}
			interoptest.Equal(t, step.patch, got, step.now)
		}
	})
}

// TestUpdates sends merge patches of a draft with all values that are valid or not.
func TestUpdates(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		all := w.requests()
		r := all["purpose/update"]
		before := w.stored()
		fields := map[string]interoptest.Field{
			"title": badOnly(interoptest.Text(5, 60)), "description": badOnly(interoptest.Text(10, 250)), "isFreeOfCharge": badOnly(flagField),
			"freeOfChargeReason": badOnly(freeReasons), "dailyCalls": badOnly(callsField), "riskAnalysisForm": badOnly(formField),
			"eserviceId": {Bad: []string{`"` + interoptest.UnknownID() + `"`}}, "delegationId": {Bad: []string{`"` + interoptest.UnknownID() + `"`}},
		}
		empty := func() object { return object{} }
		w.Accepts(r, empty, "", fields, nil)
		w.Unchanged("what is refused", before, w.stored())
		good := map[string]interoptest.Field{
			"title": {Good: interoptest.Text(5, 60).Good}, "description": {Good: interoptest.Text(10, 250).Good},
			"dailyCalls":       {Good: callsField.Good},
			"riskAnalysisForm": {Good: formField.Good}, "freeOfChargeReason": {Good: []string{`null`, `""`, `"  "`}},
			"isFreeOfCharge": {Good: flagField.Good},
		}
		w.Accepts(r, empty, "", good, func(res apitest.Response, member, value string) {
			w.Helper()
			w.Want(res, 200)
			switch v := res.Body[member]; member {
			case "dailyCalls":
				interoptest.Equal(t, member, fmt.Sprintf("%.0f", res.Body["currentVersion"].(object)[member]), value)
			case "freeOfChargeReason":
				interoptest.Equal(t, member, v, nil)
			case "riskAnalysisForm":
			default:
				interoptest.Equal(t, member, interoptest.JSON(v), value)
			}
			interoptest.Equal(t, "read again", w.OK(consumer, "GET", r.At, "").Raw, res.Raw)
		})
		w.checkConsistent()
	})
}

// TestMergePatch: what is not sent stays, an empty patch moves updatedAt alone.
func TestMergePatch(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		o := w.publish(25, 25)
		w.SubmitAgreement(consumer, o)
		path := w.DraftPurpose(consumer, o, 5)
		shape := func() object {
			p := w.OK(consumer, "GET", path, "").Body
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
		interoptest.Equal(t, "an empty patch", interoptest.JSON(shape()), interoptest.JSON(before))
		for _, kind := range []string{"application/merge-patch+json", "application/json", "application/merge-patch+json; charset=utf-8"} {
			title := interoptest.Unique("Purpose")
			w.Want(w.As(consumer, "PATCH", path, interoptest.JSON(object{"title": title}), "Content-Type", kind), 200)
			before["title"] = title
			interoptest.Equal(t, kind, interoptest.JSON(shape()), interoptest.JSON(before))
		}
		w.Refused(w.As(consumer, "PATCH", path, "{}", "Content-Type", "text/plain"), interop.MediaNotSupported)
		w.checkConsistent()
	})
}
