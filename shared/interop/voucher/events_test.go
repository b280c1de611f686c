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

// reader is the consumer, who reads.
var reader = interoptest.Organization(consumer.Subject, interop.RoleReader)

// events are those of a client as its owner reads them, newest first.
func (w *world) events(p party) []object {
	w.Helper()
	return interoptest.Results(w.OK(reader, "GET", p.path+"/tokenEvents", ""))
}

// checkEvents checks that a client has these events, newest first, each with an id that
// is below the one before.
func (w *world) checkEvents(p party, want []object) {
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

// TestEvents: what an event says of each decision, and what it does not.
func TestEvents(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		p := w.ready()
		w.Pages(reader, p.path+"/tokenEvents", "eventId", nil)
		var want []object
		asks := func(says string, body string, event object, header ...string) {
			t.Helper()
			w.Clock.Advance(time.Second)
			event["correlationId"] = fmt.Sprint("request-", len(want))
			res := w.asks(body, append(header, "x-correlation-id", fmt.Sprint("request-", len(want)))...)
			if got := reasons(res); got != says {
				t.Errorf("asking comes to %q, want %q\n%s", got, says, res.Raw)
			}
			if res.Status == 200 {
				event["voucherJti"], event["tokenType"] = w.payload(res)["jti"], says
			} else {
				event["reasons"] = anys(strings.Fields(says))
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
		asks("Bearer", form(text, nil), event)
		proof := w.prove(nil, object{"iat": w.Clock.Now().Unix() + 1})
		text, event = signed(nil, object{"decision": "ISSUED"})
		asks("DPoP", form(text, nil), event, "DPoP", proof)
		text, event = signed(nil, object{"decision": "REFUSED"})
		asks("dpopJtiAlreadyCached", form(text, nil), event, "DPoP", proof)
		text, event = signed(object{"exp": w.Clock.Now().Unix() - 9, "iat": w.Clock.Now().Unix() + 99}, object{"decision": "REFUSED"})
		asks("tokenExpiredError jsonWebTokenError", form(text, nil), event)
		w.OK(producer, "POST", p.agreement+"/suspend", "")
		w.OK(producer, "POST", p.purpose+"/suspend", "")
		text, event = signed(nil, object{"decision": "REFUSED"})
		asks("invalidAgreementState invalidPurposeState", form(text, nil), event)
		text, event = signed(object{"purposeId": nil}, object{"decision": "REFUSED"})
		delete(event, "purposeId")
		asks("purposeIdNotProvided", form(text, nil), event)
		for _, id := range []string{p.clientID(), strings.ToUpper(p.clientID())} {
			text, event = signed(object{"aud": "x", "scope": "x"}, object{"decision": "REFUSED"})
			asks("invalidAudience clientAssertionInvalidClaims", form(text, map[string]string{"client_id": id}), event)
		}
		w.checkEvents(p, want)
		// Without one of its own a request has an id all the same.
		w.Clock.Advance(time.Second)
		res := w.asks(form(w.assertion(p, object{"aud": "x"}), nil))
		if id := w.events(p)[0]["correlationId"]; id != res.Text("correlationId") || id == "" {
			t.Errorf("the event of %s is of %v", res.Text("correlationId"), id)
		}
	})
}

func anys(all []string) []any {
	out := make([]any, len(all))
	for i, one := range all {
		out[i] = one
	}
	return out
}

// TestLongIDs: of the jti of an assertion, which may be of any length, an event has
// the beginning.
func TestLongIDs(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		p := w.ready()
		for _, length := range []int{1, 127, 128, 129, 9000} {
			for _, changes := range []object{{}, {"exp": 1}} {
				w.Clock.Advance(time.Millisecond)
				changes["jti"] = strings.Repeat("à", length)
				w.asks(form(w.assertion(p, changes), nil))
				e := w.events(p)[0]
				if got := e["assertionJti"]; got != strings.Repeat("à", min(length, 128)) {
					t.Errorf("of a jti of %d letters, an event that is %v has %d", length, e["decision"], len([]rune(fmt.Sprint(got))))
				}
			}
		}
	})
}

// journal is everything in the table of events, by key.
func (w *world) journal() map[table.Key]object {
	return w.Stored(func(key table.Key) bool { return key.Table == retention.Operations.Name })
}

// unsigned are requests that name a client and its key, and that another key has signed.
func (w *world) unsigned(p party) map[string]string {
	w.Helper()
	forged := func(header, changes object) string {
		all := object{"kid": p.kid, "alg": "RS256"}
		maps.Copy(all, header)
		return compact(interoptest.JSON(all), interoptest.JSON(w.claims(p, changes)), rs256(keys()[1]))
	}
	return map[string]string{
		"a signature of another":    form(forged(nil, nil), nil),
		"that is over":              form(forged(nil, object{"exp": 1}), nil),
		"with claims that are none": form(forged(nil, object{"aud": "x", "scope": 1}), map[string]string{"client_id": p.clientID()}),
		"without a purpose":         form(forged(nil, object{"purposeId": nil}), nil),
		"without a key":             form(forged(object{"kid": nil}, nil), nil),
		"with a key of nobody":      form(forged(object{"kid": strings.Repeat("x", 43)}, nil), nil),
		"by another algorithm":      form(forged(object{"alg": "ES256"}, nil), nil),
		"unsigned":                  form(forged(object{"alg": "none"}, nil), nil),
	}
}

// TestWhoseLogGrows: a request leaves an event with the client one of whose keys has
// signed it, and with nobody else. What anybody can send, who knows the id of a client and
// of its key, leaves nothing, and is counted.
func TestWhoseLogGrows(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		p := w.ready()
		other := p
		other.path = w.client(consumer)
		gone := p
		gone.path = w.client(consumer)
		w.OK(consumer, "DELETE", gone.path, "")
		nobody := p
		nobody.path = "/clients/" + purposeless
		named := func(id string) map[string]string { return map[string]string{"client_id": id} }
		encrypts := w.uploads(p.path, keys()[2], "ENC")
		requests := w.unsigned(p)
		maps.Copy(requests, map[string]string{
			"nothing":                         "",
			"no assertion":                    "grant_type=client_credentials",
			"one that is none":                form("x", nil),
			"a client_id that is none":        form("x", named("x")),
			"a client_id with spaces":         form("x", named(" "+p.clientID())),
			"another thing's client_id":       form("x", named(p.purposeID())),
			"nobody's client_id":              form("x", named(nobody.clientID())),
			"that of a client that is gone":   form("x", named(gone.clientID())),
			"nobody's assertion":              form(w.assertion(nobody, nil), nil),
			"that of a client that is gone, ": form(w.assertion(gone, nil), nil),
			"neither of them there":           form(w.assertion(nobody, nil), named(gone.clientID())),
			"the id of a client":              form("x", named(p.clientID())),
			"a key of another":                form(w.assertion(other, nil), nil),
			"a key for encryption":            form(w.signed(keys()[2], object{"kid": encrypts}, w.claims(p, object{"aud": "x"})), nil),
		})
		for what, body := range requests {
			before := w.journal()
			if res := w.asks(body); res.Status != 400 {
				t.Errorf("%s: %d", what, res.Status)
			}
			if diff := cmp.Diff(before, w.journal()); diff != "" {
				t.Errorf("%s left:\n%s", what, diff)
			}
			lines := w.World.World.Log.Lines(t)
			if last := lines[len(lines)-1]; last["TokenRequestsUnsigned"] != 1.0 || last["_aws"] == nil {
				t.Errorf("%s is not counted: %v", what, last)
			}
		}
		grows := func(what, body string, mine, others int) {
			t.Helper()
			before, beside := len(w.rows(p)), len(w.rows(other))
			w.Clock.Advance(time.Millisecond)
			w.asks(body)
			if a, b := len(w.rows(p))-before, len(w.rows(other))-beside; a != mine || b != others {
				t.Errorf("%s left %d events and %d with another", what, a, b)
			}
		}
		grows("one that is for another audience", form(w.assertion(p, object{"aud": "x"}), nil), 1, 0)
		grows("a client's voucher", form(w.assertion(p, nil), named(p.clientID())), 1, 0)
		grows("a client_id of another", form(w.assertion(p, nil), named(other.clientID())), 1, 0)
		grows("a kind of grant that there is not", form(w.assertion(p, nil), map[string]string{"grant_type": "x"}), 1, 0)
		grows("one that is over", form(w.assertion(p, object{"exp": 1}), nil), 1, 0)
		grows("no client_id and no purpose", form(w.assertion(p, object{"purposeId": nil}), nil), 1, 0)
		before := w.journal()
		w.examines(consumer, form(w.assertion(p, nil), nil))
		w.examines(consumer, form("x", named(p.clientID())))
		w.examines(producer, form(w.assertion(p, nil), nil))
		if diff := cmp.Diff(before, w.journal()); diff != "" {
			t.Errorf("the tool left:\n%s", diff)
		}
	})
}

// purposeless is the id of nothing.
const purposeless = "00000000-0000-4000-8000-00000000dead"

// TestWhoReadsEvents: the owner of the client alone, as long as there is one.
func TestWhoReadsEvents(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		p := w.ready()
		w.gets(p, "Bearer")
		at := p.path + "/tokenEvents"
		for _, role := range []string{interop.RoleReader, interop.RoleAdmin, interop.RoleCertifier} {
			w.OK(interoptest.Organization(consumer.Subject, role), "GET", at, "")
			w.Refused(w.As(interoptest.Organization(producer.Subject, role), "GET", at, ""), interop.NotTheClientOwner, p.clientID())
		}
		w.Refused(w.As(nil, "GET", at, ""), interop.TokenNotValid)
		w.Refused(w.As(reader, "GET", "/clients/"+purposeless+"/tokenEvents", ""), interop.ClientNotFound, purposeless)
		w.Refused(w.As(producer, "GET", "/clients/"+purposeless+"/tokenEvents", ""), interop.ClientNotFound, purposeless)
		w.Refused(w.As(reader, "GET", "/clients/x/tokenEvents", ""), interop.BadRequest)
		w.BadPages(reader, at)
		w.OK(consumer, "DELETE", p.path, "")
		w.Refused(w.As(reader, "GET", at, ""), interop.ClientNotFound, p.clientID())
		if n := len(w.rows(p)); n != 1 {
			t.Errorf("with the client gone there are %d of its events", n)
		}
		w.Clock.Set(w.Clock.Now().AddDate(0, 3, 0))
		if left, removed := len(w.purges()), len(w.rows(p)); left != 0 || removed != 0 {
			t.Errorf("after the purge there are %d rows, %d of its events", left, removed)
		}
	})
}

// purges has the purge run and returns what is left but its own.
func (w *world) purges() []table.Key {
	w.Helper()
	purge, err := retention.NewPurge(w.Deps(), retention.Operations.Name)
	if err == nil {
		_, err = purge.Run(w.Context(), retention.Request{})
	}
	if err != nil {
		w.Fatal(err)
	}
	var left []table.Key
	for key := range w.journal() {
		if !strings.HasPrefix(key.PK, "PURGE") {
			left = append(left, key)
		}
	}
	return left
}

// checkExpiry checks that all but the newest live events of a client expire three calendar
// months after they were and are purged. times and whole, their correlation ids, are of all
// events, newest first.
func (w *world) checkExpiry(p party, times []time.Time, whole []string, live int) {
	w.Helper()
	at := p.path + "/tokenEvents"
	end := times[live].AddDate(0, 3, 0) // of the newest that expires
	for before, want := range map[time.Duration]int{time.Millisecond: live + 1, 0: live} {
		w.Clock.Set(end.Add(-before))
		if got := interoptest.Total(w.OK(reader, "GET", at, "")); got != want {
			w.Errorf("at %s there are %d, want %d", w.Clock.Now(), got, want)
		}
	}
	w.Clock.Set(end)
	left := w.purges()
	if got := len(w.rows(p)); got != live {
		w.Errorf("the purge leaves %d, want %d", got, live)
	}
	if live == 0 && len(left) != 0 {
		w.Errorf("the purge leaves %v", left)
	}
	last := max(0, live-50)
	page := interoptest.Members(w.OK(reader, "GET", fmt.Sprint(at, "?offset=", last), ""), "correlationId")
	if !slices.Equal(page, whole[last:live]) {
		w.Errorf("with %d there are %v from %d on", live, page, last)
	}
}

// TestManyEvents lists events of several days by pages, lets each expire three
// calendar months after it was, and purges them.
func TestManyEvents(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		p := w.ready()
		beside := w.linkedOn(p.offer, p.agreement, keys()[1])
		n := w.few(256, 24)
		step := 7 * 24 * time.Hour / time.Duration(n)
		var whole []string
		var times []time.Time
		for i := range n {
			body := form(w.assertion(p, object{"aud": "x"}), nil)
			if i%8 == 0 {
				body = form(w.assertion(p, nil), nil)
			}
			if i == n/2 {
				w.asks(form(w.assertion(beside, object{"aud": "x"}), nil))
			}
			w.asks(body, "x-correlation-id", fmt.Sprint("request-", i))
			whole, times = append(whole, fmt.Sprint("request-", i)), append(times, w.Clock.Now())
			w.Clock.Advance(step)
		}
		slices.Reverse(whole)
		slices.Reverse(times)
		w.Pages(reader, p.path+"/tokenEvents", "correlationId", whole)
		if got, want := w.decided(p), (map[string]int{"ISSUED": n / 8, "REFUSED": n - n/8}); !cmp.Equal(got, want) {
			t.Errorf("the events are %v, want %v", got, want)
		}
		for _, live := range []int{n - 1, n / 2, n / 3, 1, 0} {
			w.checkExpiry(p, times, whole, live)
		}
	})
}
