package voucher_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/table"
)

// events returns the events of a client as its owner reads them, newest first.
func (w *world) events(p requester) []object {
	w.Helper()
	return interoptest.Results(w.OK(reader, "GET", p.path+"/tokenEvents", ""))
}

// checkEvents checks that a client has these events, newest first, with ids in
// descending order.
func (w *world) checkEvents(p requester, want []object) {
	w.Helper()
	got := w.events(p)
	for i, e := range got {
		if id, _ := e["eventId"].(string); len(id) != 26 || i > 0 && id >= fmt.Sprint(got[i-1]["eventId"]) && i < len(want) {
			w.Errorf("the ids are %v", interoptest.Members(w.OK(reader, "GET", p.path+"/tokenEvents", ""), "eventId"))
		}
		if i < len(want) {
			want[i]["eventId"] = e["eventId"]
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		w.Errorf("events (-want +got):\n%s", diff)
	}
}

// TestEvents checks the members of an event for each decision.
func TestEvents(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		p := w.newRequester()
		w.Pages(reader, p.path+"/tokenEvents", "eventId", nil)
		var want []object
		request := func(expected, body string, event object, header ...string) {
			t.Helper()
			w.Clock.Advance(time.Second)
			event["correlationId"] = fmt.Sprint("request-", len(want))
			res := w.issue(body, append(header, "x-correlation-id", fmt.Sprint("request-", len(want)))...)
			if got := outcome(res); got != expected {
				t.Errorf("the request is answered %q, want %q\n%s", got, expected, res.Raw)
			}
			if res.Status == 200 {
				event["voucherJti"], event["tokenType"] = w.voucherClaims(res)["jti"], expected
			} else {
				event["reasons"] = toAny(strings.Fields(expected))
			}
			event["timestamp"] = w.Clock.Now().Format("2006-01-02T15:04:05.000Z")
			want = append([]object{event}, want...)
		}
		signed := func(changes object, event object) (string, object) {
			jti := fmt.Sprint("assertion ", len(want))
			event["assertionJti"], event["kid"], event["purposeId"] = jti, p.kid, p.purposeID()
			all := object{"jti": jti}
			maps.Copy(all, changes)
			return w.assertion(p, all), event
		}
		text, event := signed(nil, object{"decision": "ISSUED"})
		request("Bearer", form(text, nil), event)
		proof := w.newProof(nil, object{"iat": w.Clock.Now().Unix() + 1})
		text, event = signed(nil, object{"decision": "ISSUED"})
		request("DPoP", form(text, nil), event, "DPoP", proof)
		text, event = signed(nil, object{"decision": "REFUSED"})
		request("dpopJtiAlreadyCached", form(text, nil), event, "DPoP", proof)
		text, event = signed(object{"exp": w.Clock.Now().Unix() - 9, "iat": w.Clock.Now().Unix() + 99}, object{"decision": "REFUSED"})
		request("tokenExpiredError jsonWebTokenError", form(text, nil), event)
		w.OK(producer, "POST", p.agreement+"/suspend", "")
		w.OK(producer, "POST", p.purpose+"/suspend", "")
		text, event = signed(nil, object{"decision": "REFUSED"})
		request("invalidAgreementState invalidPurposeState", form(text, nil), event)
		text, event = signed(object{"purposeId": nil}, object{"decision": "REFUSED"})
		delete(event, "purposeId")
		request("purposeIdNotProvided", form(text, nil), event)
		for _, id := range []string{p.clientID(), strings.ToUpper(p.clientID())} {
			text, event = signed(object{"aud": "x", "scope": "x"}, object{"decision": "REFUSED"})
			request("invalidAudience clientAssertionInvalidClaims", form(text, map[string]string{"client_id": id}), event)
		}
		w.checkEvents(p, want)
		// A request without a correlation id gets one.
		w.Clock.Advance(time.Second)
		res := w.issue(form(w.assertion(p, object{"aud": "x"}), nil))
		if id := w.events(p)[0]["correlationId"]; id != res.Text("correlationId") || id == "" {
			t.Errorf("the event of request %s has the correlation id %v", res.Text("correlationId"), id)
		}
	})
}

func toAny(all []string) []any {
	out := make([]any, len(all))
	for i, one := range all {
		out[i] = one
	}
	return out
}

// TestLongIDs checks that an event has only the beginning of a long jti of an assertion.
func TestLongIDs(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		p := w.newRequester()
		for _, length := range []int{1, 127, 128, 129, 9000} {
			for _, changes := range []object{{}, {"exp": 1}} {
				w.Clock.Advance(time.Millisecond)
				changes["jti"] = strings.Repeat("à", length)
				w.issue(form(w.assertion(p, changes), nil))
				e := w.events(p)[0]
				if got := e["assertionJti"]; got != strings.Repeat("à", min(length, 128)) {
					t.Errorf("of a jti of %d letters, an event that is %v has %d", length, e["decision"], len([]rune(fmt.Sprint(got))))
				}
			}
		}
	})
}

// journal returns all items in the table of events, by key.
func (w *world) journal() map[table.Key]object {
	return w.Stored(func(key table.Key) bool { return key.Table == retention.Operations.Name })
}

// unsignedRequests returns requests that name a client and its key but are signed by another
// key.
func (w *world) unsignedRequests(p requester) map[string]string {
	w.Helper()
	forged := func(header, changes object) string {
		all := object{"kid": p.kid, "alg": "RS256"}
		maps.Copy(all, header)
		return compact(interoptest.JSON(all), interoptest.JSON(w.claims(p, changes)), rs256(keys()[1]))
	}
	return map[string]string{
		"a signature of another": form(forged(nil, nil), nil),
		"expired":                form(forged(nil, object{"exp": 1}), nil),
		"with invalid claims":    form(forged(nil, object{"aud": "x", "scope": 1}), map[string]string{"client_id": p.clientID()}),
		"without a purpose":      form(forged(nil, object{"purposeId": nil}), nil),
		"without a key":          form(forged(object{"kid": nil}, nil), nil),
		"with an unknown key":    form(forged(object{"kid": strings.Repeat("x", 43)}, nil), nil),
		"by another algorithm":   form(forged(object{"alg": "ES256"}, nil), nil),
		"unsigned":               form(forged(object{"alg": "none"}, nil), nil),
	}
}

// TestWhoseLogGrows checks that a request stores an event only for the client with the key
// that signed it. A request that takes only the ids of a client and of its key stores
// nothing and is counted.
func TestWhoseLogGrows(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		p := w.newRequester()
		other := p
		other.path = w.MakeClient(consumer)
		gone := p
		gone.path = w.MakeClient(consumer)
		w.OK(consumer, "DELETE", gone.path, "")
		unknown := p
		unknown.path = "/clients/" + unknownID
		named := func(id string) map[string]string { return map[string]string{"client_id": id} }
		encrypts := w.addKeyWithUse(consumer, p.path, keys()[2], "ENC")
		requests := w.unsignedRequests(p)
		maps.Copy(requests, map[string]string{
			"nothing":                            "",
			"no assertion":                       "grant_type=client_credentials",
			"a malformed assertion":              form("x", nil),
			"a malformed client_id":              form("x", named("x")),
			"a client_id with spaces":            form("x", named(" "+p.clientID())),
			"another thing's client_id":          form("x", named(p.purposeID())),
			"the client_id of an unknown client": form("x", named(unknown.clientID())),
			"the client_id of a deleted client":  form("x", named(gone.clientID())),
			"an assertion of an unknown client":  form(w.assertion(unknown, nil), nil),
			"an assertion of a deleted client":   form(w.assertion(gone, nil), nil),
			"an unknown and a deleted client":    form(w.assertion(unknown, nil), named(gone.clientID())),
			"the id of a client":                 form("x", named(p.clientID())),
			"a key of another":                   form(w.assertion(other, nil), nil),
			"a key for encryption":               form(w.signJWT(keys()[2], object{"kid": encrypts}, w.claims(p, object{"aud": "x"})), nil),
		})
		for what, body := range requests {
			before := w.journal()
			if res := w.issue(body); res.Status != 400 {
				t.Errorf("%s: %d", what, res.Status)
			}
			w.Unchanged(what, before, w.journal())
			lines := w.World.World.Log.Lines(t)
			if last := lines[len(lines)-1]; last["TokenRequestsUnsigned"] != 1.0 || last["_aws"] == nil {
				t.Errorf("%s is not counted: %v", what, last)
			}
		}
		grows := func(what, body string, mine, others int) {
			t.Helper()
			before, otherBefore := len(w.storedEvents(p)), len(w.storedEvents(other))
			w.Clock.Advance(time.Millisecond)
			w.issue(body)
			if a, b := len(w.storedEvents(p))-before, len(w.storedEvents(other))-otherBefore; a != mine || b != others {
				t.Errorf("%s stored %d events of the client and %d of the other client", what, a, b)
			}
		}
		grows("an assertion for another audience", form(w.assertion(p, object{"aud": "x"}), nil), 1, 0)
		grows("a client's voucher", form(w.assertion(p, nil), named(p.clientID())), 1, 0)
		grows("a client_id of another", form(w.assertion(p, nil), named(other.clientID())), 1, 0)
		grows("an unknown grant type", form(w.assertion(p, nil), map[string]string{"grant_type": "x"}), 1, 0)
		grows("an expired assertion", form(w.assertion(p, object{"exp": 1}), nil), 1, 0)
		grows("no client_id and no purpose", form(w.assertion(p, object{"purposeId": nil}), nil), 1, 0)
		before := w.journal()
		w.validate(consumer, form(w.assertion(p, nil), nil))
		w.validate(consumer, form("x", named(p.clientID())))
		w.validate(producer, form(w.assertion(p, nil), nil))
		w.Unchanged("the tool", before, w.journal())
	})
}

// unknownID is an id that does not exist.
const unknownID = "00000000-0000-4000-8000-00000000dead"

// TestEventReaders checks that only the owner of a client reads its events, and only while
// the client exists.
func TestEventReaders(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		p := w.newRequester()
		w.checkOutcome(p, "Bearer")
		at := p.path + "/tokenEvents"
		for _, role := range []string{interop.RoleReader, interop.RoleAdmin, interop.RoleCertifier} {
			w.OK(interoptest.Organization(consumer.Subject, role), "GET", at, "")
			w.Refused(w.As(interoptest.Organization(producer.Subject, role), "GET", at, ""), interop.NotTheClientOwner, p.clientID())
		}
		w.Refused(w.As(nil, "GET", at, ""), interop.TokenNotValid)
		w.Refused(w.As(reader, "GET", "/clients/"+unknownID+"/tokenEvents", ""), interop.ClientNotFound, unknownID)
		w.Refused(w.As(producer, "GET", "/clients/"+unknownID+"/tokenEvents", ""), interop.ClientNotFound, unknownID)
		w.Refused(w.As(reader, "GET", "/clients/x/tokenEvents", ""), interop.BadRequest)
		w.BadPages(reader, at)
		w.OK(consumer, "DELETE", p.path, "")
		w.Refused(w.As(reader, "GET", at, ""), interop.ClientNotFound, p.clientID())
		if n := len(w.storedEvents(p)); n != 1 {
			t.Errorf("after the deletion of the client %d of its events are stored, want 1", n)
		}
	})
}

// checkExpiry checks that all events of a client except the newest ones, as many as live,
// expire after three calendar months. times and whole are the times and the
// correlation ids of all events, newest first.
func (w *world) checkExpiry(p requester, times []time.Time, whole []string, live int) {
	w.Helper()
	at := p.path + "/tokenEvents"
	end := times[live].AddDate(0, 3, 0) // when the newest of the others expires
	for before, want := range map[time.Duration]int{time.Millisecond: live + 1, 0: live} {
		w.Clock.Set(end.Add(-before))
		if got := interoptest.Total(w.OK(reader, "GET", at, "")); got != want {
			w.Errorf("at %s the list has %d events, want %d", w.Clock.Now(), got, want)
		}
	}
	w.Clock.Set(end)
	last := max(0, live-50)
	page := interoptest.Members(w.OK(reader, "GET", fmt.Sprint(at, "?offset=", last), ""), "correlationId")
	if !slices.Equal(page, whole[last:live]) {
		w.Errorf("with %d events the page is %v from %d on", live, page, last)
	}
}

// TestManyEvents lists events of several days by pages until they have expired. DynamoDB may remove
// each a day after that.
func TestManyEvents(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		p := w.newRequester()
		otherClient := w.newRequesterOn(p.offer, p.agreement, keys()[1])
		n := w.byEngine(256, 24)
		step := 7 * 24 * time.Hour / time.Duration(n)
		var whole []string
		var times []time.Time
		for i := range n {
			body := form(w.assertion(p, object{"aud": "x"}), nil)
			if i%8 == 0 {
				body = form(w.assertion(p, nil), nil)
			}
			if i == n/2 {
				w.issue(form(w.assertion(otherClient, object{"aud": "x"}), nil))
			}
			w.issue(body, "x-correlation-id", fmt.Sprint("request-", i))
			whole, times = append(whole, fmt.Sprint("request-", i)), append(times, w.Clock.Now())
			w.Clock.Advance(step)
		}
		slices.Reverse(whole)
		slices.Reverse(times)
		w.Pages(reader, p.path+"/tokenEvents", "correlationId", whole)
		if got, want := w.countDecisions(p), (map[string]int{"ISSUED": n / 8, "REFUSED": n - n/8}); !cmp.Equal(got, want) {
			t.Errorf("the events are %v, want %v", got, want)
		}
		for _, row := range w.storedEvents(p) {
			at, err := table.ParseStamp(fmt.Sprint(row["at"]))
			if ttl, want := row["ttl"], at.AddDate(0, 3, 1).Truncate(time.Second).Add(time.Second); err != nil ||
				ttl != float64(want.Unix()) && ttl != float64(want.Unix()-1) {
				t.Errorf("an event of %v may be removed at %v, %v", at, ttl, err)
			}
		}
		for _, live := range []int{n - 1, n / 2, n / 3, 1, 0} {
			w.checkExpiry(p, times, whole, live)
		}
	})
}
