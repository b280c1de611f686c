package agreement_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/testing/apitest"
)

// field is a member of a body, with JSON values that it takes and that it does not take.
type field struct{ good, bad []string }

// text is a member with a text of that many characters. The longest is tried with
// characters of one byte and of two.
func text(least, most int) field {
	of := func(n int) string { return `"` + strings.Repeat("à", n) + `"` }
	f := field{[]string{of(least), of(most), `"` + strings.Repeat("x", most) + `"`}, []string{
		of(most + 1), `null`, `1`, `true`, `{}`,
		`["` + strings.Repeat("x", least) + `"]`,
	}}
	if least > 0 {
		f.bad = append(f.bad, of(least-1), `""`)
	}
	return f
}

// identifier is a member with a UUID. Good values depend on the operation.
var identifier = field{nil, []string{
	`null`, `1`, `""`, `"x"`, `"00000000-0000-4000-8000-00000000000"`,
	`"00000000-0000-4000-8000-0000000000011"`, `"00000000-0000-4000-8000-00000000000g"`, `["00000000-0000-4000-8000-000000000001"]`,
}}

// form is a body that an operation takes.
type form struct {
	required string
	fields   map[string]field
}

// forms are the bodies that operations take.
var forms = map[string]form{
	"agreement/create": {"eserviceId descriptorId", map[string]field{
		"eserviceId": identifier, "descriptorId": identifier,
		"delegationId": identifier,
	}},
	"agreement/submit":    {"", map[string]field{"consumerNotes": text(0, 1000)}},
	"agreement/approve":   {"", map[string]field{"delegationId": identifier}},
	"agreement/reject":    {"reason", map[string]field{"reason": text(20, 1000)}},
	"agreement/suspend":   {"", map[string]field{"delegationId": identifier}},
	"agreement/unsuspend": {"", map[string]field{"delegationId": identifier}},
	"tenant/verify-attribute": {"id agreementId", map[string]field{
		"id": identifier, "agreementId": identifier,
		"expirationDate": {nil, []string{`null`, `1`, `""`, `"x"`, `"2027-01-01"`, `"2027-01-01T10:00:00"`, `{}`}},
	}},
}

// with returns the body of the request with another value of a member, and without the
// member when the value is nil.
func (w *world) with(r interoptest.Request, member string, value any) string {
	w.Helper()
	all := object{}
	if r.Body != "" {
		if err := json.Unmarshal([]byte(r.Body), &all); err != nil {
			w.Fatal(err)
		}
	}
	if all[member] = value; value == nil {
		delete(all, member)
	}
	return interoptest.JSON(all)
}

// wantBodyRefused checks that the request is refused with the body, and that the answer
// contains at.
func (w *world) wantBodyRefused(r interoptest.Request, what, at, body string) {
	w.Helper()
	res := w.Send(withBody(r, body))
	if interoptest.CodeOf(res) != interop.BadRequest.Name || res.Status != 400 || at != "" && !strings.Contains(res.Raw, at) {
		w.Errorf("%s with %.60s = %d\n%s", r.ID, what, res.Status, res.Raw)
	}
}

// wantMembersRefused sends each member with each bad value and in capitals, sends unknown
// members, and leaves out each required member.
func (w *world) wantMembersRefused(r interoptest.Request, f form) {
	w.Helper()
	for member, values := range f.fields {
		for _, value := range values.bad {
			w.wantBodyRefused(r, member+" "+value, `"body.`+member, w.with(r, member, json.RawMessage(value)))
		}
		w.wantBodyRefused(r, strings.ToUpper(member), "", w.with(r, strings.ToUpper(member), reason))
	}
	for member := range strings.FieldsSeq(f.required) {
		w.wantBodyRefused(r, "no "+member, `"body.`+member, w.with(r, member, nil))
	}
	w.wantBodyRefused(r, "an unknown member", `"body`, w.with(r, "other", 1))
	w.wantBodyRefused(r, "a state", `"body`, w.with(r, "state", "ACTIVE"))
}

// wantOtherBodiesRefused sends bodies that are not objects, and none where one is required.
func (w *world) wantOtherBodiesRefused(r interoptest.Request, f form) {
	w.Helper()
	for _, body := range []string{"[]", `"x"`, "1", "{", "{}x"} {
		w.wantBodyRefused(r, "a body of "+body, "", body)
	}
	if f.required != "" {
		w.wantBodyRefused(r, "an empty object", "", "{}")
	}
	if f.required != "" || r.ID == "agreement/submit" {
		w.wantBodyRefused(r, "no body", "", "")
		w.wantBodyRefused(r, "null for a body", "", "null")
	}
}

// TestFields sends every bad value of every member of every body, and leaves out every
// required member.
func TestFields(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		requests := w.requests()
		before := w.everything()
		for id, f := range forms {
			interoptest.Equal(t, "the operation", requests[id].ID, id)
			w.wantMembersRefused(requests[id], f)
			w.wantOtherBodiesRefused(requests[id], f)
		}
		w.wantUnchanged(before)
	})
}

// TestTexts sends unusual texts and checks that the answers have them unchanged.
func TestTexts(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		id := w.createDraft(w.newOffer("MANUAL"))
		odd := []string{`"<a href='https://x'>\u0001 \"\\ 🙂"`, `"                    "`, `"\u2028 riga\n\nriga\t e altra"`}
		for i, notes := range append(text(0, 1000).good, odd...) {
			reasons := slices.Concat(text(20, 1000).good, odd)
			sent, sentReason := unquoted(w, notes), unquoted(w, reasons[i])
			res := w.OK(consumer, "POST", "/agreements/"+id+"/submit", `{"consumerNotes":`+notes+`}`)
			interoptest.Equal(t, "the note", res.Text("consumerNotes"), sent)
			res = w.OK(producer, "POST", "/agreements/"+id+"/reject", `{"reason":`+reasons[i]+`}`)
			interoptest.Equal(t, "the reason", res.Text("rejectionReason"), sentReason)
			seen := w.OK(consumer, "GET", "/agreements/"+id, "")
			interoptest.Equal(t, "both", seen.Text("consumerNotes")+seen.Text("rejectionReason"), sent+sentReason)
			id = w.mustAct(consumer, id, "clone").Text("id")
		}
	})
}

func unquoted(w *world, text string) (s string) {
	w.Helper()
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		w.Fatal(err)
	}
	return s
}

// TestEmptyBodies checks that no body, null and an empty object all mean a request without
// a delegation.
func TestEmptyBodies(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		c := w.agreementIn(consumer, "ACTIVE")
		for _, body := range []string{"", "{}", " {} \n", "null"} {
			interoptest.Equal(t, "suspended", shown(w.OK(consumer, "POST", "/agreements/"+c.id+"/suspend", body)), "SUSPENDED Consumer")
			interoptest.Equal(t, "unsuspended", shown(w.OK(consumer, "POST", "/agreements/"+c.id+"/unsuspend", body)), "ACTIVE")
			pending := w.agreementIn(consumer, "PENDING")
			interoptest.Equal(t, "approved", shown(w.OK(producer, "POST", "/agreements/"+pending.id+"/approve", body)), "ACTIVE")
			draft := w.agreementIn(consumer, "DRAFT")
			if strings.Contains(body, "{") {
				interoptest.Equal(t, "submitted", shown(w.OK(consumer, "POST", "/agreements/"+draft.id+"/submit", body)), "PENDING")
			}
		}
		// Archive takes no body and does not read one.
		for _, body := range []string{"{}", `{"delegationId":"x"}`} {
			own := w.agreementIn(consumer, "ACTIVE")
			interoptest.Equal(t, "archived", shown(w.OK(consumer, "POST", "/agreements/"+own.id+"/archive", body)), "ARCHIVED")
		}
	})
}

// TestIDs sends ids of agreements, tenants and attributes that are not UUIDs.
func TestIDs(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		requests := w.requests()
		before := w.everything()
		for id, r := range requests {
			path, query, _ := strings.Cut(r.At, "?")
			for at, part := range strings.Split(path, "/") {
				if uuid.Validate(part) != nil {
					continue
				}
				for _, bad := range []string{
					"x", part[:35], part + "0", part[:35] + "g", "AGREEMENT%23" + part, "%20", part + "%2F",
					strings.Repeat("0", 3000), "%F0",
				} {
					parts := strings.Split(path, "/")
					parts[at] = bad
					res := w.Send(withPath(r, strings.Join(parts, "/")+"?"+query))
					if interoptest.CodeOf(res) != interop.BadRequest.Name {
						w.Errorf("%s of %.50s = %d %s", id, bad, res.Status, res.Raw)
					}
				}
			}
			w.Refused(w.Send(withPath(r, apitest.Unreadable(r.At))), interop.BadRequest)
		}
		r := requests["tenant/revoke-verified-attribute"]
		path, _, _ := strings.Cut(r.At, "?")
		for _, query := range []string{"", "?agreementId=", "?agreementId=x", "?agreementId=" + uuid.NewString() + "0", "?other=" +
			uuid.NewString()} {
			w.Refused(w.Send(withPath(r, path+query)), interop.BadRequest)
		}
		w.wantUnchanged(before)
	})
}

// TestOffendersAreListed sends several wrong members at once. The refusal names each.
func TestOffendersAreListed(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		res := w.As(consumer, "POST", "/agreements", `{"eserviceId":"x","delegationId":1,"other":true}`)
		w.Refused(res, interop.BadRequest)
		for _, at := range []string{"body.eserviceId: ", "body.delegationId: ", "body.descriptorId: ", "body"} {
			interoptest.Equal(t, fmt.Sprint("it names ", at), strings.Contains(res.Raw, at), true)
		}
	})
}
