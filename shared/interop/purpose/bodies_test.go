package purpose_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/testing/apitest"
)

// TestFormsAreBounded: a risk analysis as long as it may be is kept, and cloned.
func TestFormsAreBounded(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		o := w.publish(25, 25)
		w.SubmitAgreement(consumer, o)
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
		draft := w.DraftPurpose(consumer, o, 5)
		for method, path := range map[string]string{"POST": "/purposes", "PATCH": draft} {
			body := func(n int) string {
				if method == "PATCH" {
					return sized(n, object{}, "riskAnalysisForm")
				}
				return sized(n, interoptest.PurposeSeed(o, 5), "riskAnalysisForm")
			}
			w.Refused(w.As(consumer, method, path, body(most)+" "), interop.ContentTooLarge)
			res := w.OK(consumer, method, path, body(most))
			made := "/purposes/" + res.Text("id")
			w.act(consumer, made, "activate")
			w.OK(consumer, "POST", made+"/clone", interoptest.JSON(object{"eserviceId": o.ID}))
			w.Clock.Advance(time.Second)
		}
		w.checkConsistent()
	})
}

// TestQuestions: a question with any name is stored or refused.
func TestQuestions(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		o := w.publish(25, 25)
		w.SubmitAgreement(consumer, o)
		for _, question := range []string{"", " ", "a.b", "$", "\u0000", "à🙂", strings.Repeat("q", 255), strings.Repeat("q", 70000)} {
			s := interoptest.PurposeSeed(o, 5)
			s["riskAnalysisForm"] = object{"version": "1", "answers": object{question: []string{"x"}}}
			if res := w.As(consumer, "POST", "/purposes", interoptest.JSON(s)); res.Status != 201 && res.Status != 400 {
				t.Errorf("a question %.9q of %d bytes: %d %s", question, len(question), res.Status, res.Raw)
			}
		}
	})
}

// TestOtherBodies sends the other bodies with all values that are valid or not.
func TestOtherBodies(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		all := w.requests()
		none := func() object { return object{} }
		r := all["purpose/reject"]
		w.Accepts(r, none, "rejectionReason", map[string]interoptest.Field{
			"rejectionReason": interoptest.Text(10, 250),
			"reason":          {Bad: []string{letters(20)}},
		}, func(res apitest.Response, _, value string) {
			w.Helper()
			rejected, _ := w.Want(res, 200).Body["rejectedVersion"].(object)
			interoptest.Equal(t, "the reason", interoptest.JSON(rejected["rejectionReason"]), value)
			w.createVersion(consumer, purposeOf(r), 30)
		})
		today := w.Clock.Now().UTC()
		before := w.Clock.Now().UTC().Add(-24 * time.Hour)
		dates := interoptest.Field{
			Good: []string{`"` + today.Format(time.DateOnly) + `"`, `"9999-12-31"`, `"2028-02-29"`},
			Bad: []string{
				`null`, `""`, `1`, `true`, `{}`, `"x"`, `"2027-1-1"`, `"2027-02-29"`, `"10000-01-01"`, `"2027-01-01T00:00:00Z"`, `" 2027-01-01"`,
				`"` + before.Format(time.DateOnly) + `"`, `["2027-01-01"]`,
			},
		}
		w.Accepts(all["purpose/expect-activation"], none, "date", map[string]interoptest.Field{"date": dates},
			func(res apitest.Response, _, value string) {
				w.Helper()
				waiting, _ := w.Want(res, 200).Body["waitingForApprovalVersion"].(object)
				interoptest.Equal(t, "the date", interoptest.JSON(waiting["expectedActivationDate"]), value)
			})
		r = all["purpose/create-version"]
		w.Accepts(r, none, "dailyCalls", map[string]interoptest.Field{"dailyCalls": {
			Good: []string{`25`, `1000000000`},
			Bad:  callsField.Bad,
		}}, func(res apitest.Response, _, value string) {
			w.Helper()
			interoptest.Equal(t, "calls", fmt.Sprintf("%.0f", w.Want(res, 201).Body["dailyCalls"]), value)
			if res.Text("state") == "WAITING_FOR_APPROVAL" {
				w.OK(consumer, "DELETE", purposeOf(r)+"/versions/"+res.Text("id"), "")
			}
		})
		r = all["purpose/clone"]
		own := w.OK(consumer, "GET", purposeOf(r), "").Text("eserviceId")
		w.Accepts(r, func() object { return object{"eserviceId": own} }, "eserviceId",
			map[string]interoptest.Field{"eserviceId": interoptest.ID(own)}, func(res apitest.Response, _, _ string) {
				w.Want(res, 200)
				w.Clock.Advance(time.Second)
			})
		w.checkConsistent()
	})
}

// TestEmptyBodies: an action without a delegation has no body, null or an empty object.
func TestEmptyBodies(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		path := w.setUp(consumer, "ACTIVE").path
		for _, body := range []string{"", "{}", " {} \n", "null"} {
			w.OK(consumer, "POST", path+"/suspend", body)
			interoptest.Equal(t, "suspended", w.describe(consumer, path), "SUSPENDED 5 by Consumer")
			w.OK(consumer, "POST", path+"/unsuspend", body)
			interoptest.Equal(t, "unsuspended", w.describe(consumer, path), "ACTIVE 5")
			w.OK(consumer, "POST", w.setUp(consumer, "DRAFT").path+"/activate", body)
			w.OK(producer, "POST", w.setUp(consumer, "A+W").path+"/approve", body)
		}
		for _, body := range []string{"{}", `{"delegationId":"x"}`} { // it takes none; what is sent is not read
			w.OK(consumer, "POST", w.setUp(consumer, "ACTIVE").path+"/archive", body)
		}
		all := w.requests()
		before := w.stored()
		for _, action := range []string{"activate", "approve", "suspend", "unsuspend"} {
			r := all["purpose/"+action]
			bodies := []string{"[]", `"x"`, "1", "{", "{}x", `{"other":1}`, `{"delegationID":"` + interoptest.UnknownID() + `"}`}
			for _, value := range delegationField.Bad {
				bodies = append(bodies, `{"delegationId":`+value+`}`)
			}
			for _, body := range bodies {
				w.Refused(w.As(r.As, r.Method, r.At, body), interop.BadRequest)
			}
		}
		w.Unchanged("what is refused", before, w.stored())
	})
}

// TestIDs names things by what is no UUID, and by capitals, which are other keys.
func TestIDs(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		all := w.requests()
		before := w.stored()
		for id, r := range all {
			path, query, _ := strings.Cut(r.At, "?")
			parts := strings.Split(path, "/")
			for at, part := range parts {
				if uuid.Validate(part) != nil {
					continue
				}
				for _, bad := range []string{
					"x", part[:35], part + "0", part[:35] + "g", "PURPOSE%23" + part, "%20", part + "%2F",
					strings.Repeat("0", 3000), "%F0",
				} {
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
		many := strings.TrimSuffix(strings.Repeat(interoptest.UnknownID()+",", 51), ",")
		for _, query := range []string{
			"eserviceIds=x", "consumerIds=x", "states=x", "states=active", "states=ACTIVE,x", "states=NONE", "eserviceIds=" +
				interoptest.UnknownID() + "0",
			"eserviceIds=" + many, "consumerIds=" + many, "states=" + strings.Repeat("ACTIVE,", 50) + "ACTIVE",
		} {
			w.Refused(w.As(consumer, "GET", "/purposes?"+query, ""), interop.BadRequest)
		}
		for _, query := range []string{"state=x", "state=active", "state=ACTIVE,DRAFT", "state=NONE"} {
			w.Refused(w.As(consumer, "GET", all["purpose/get"].At+"/versions?"+query, ""), interop.BadRequest)
		}
		w.Unchanged("reading", before, w.stored())
	})
}
