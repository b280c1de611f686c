package interop_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"ciclo/shared/office/interop/m2m"
)

// listed answers a list of all with the part that the query asks for.
func listed[T any](r *http.Request, all []T) string {
	offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
	limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
	part := all[min(offset, len(all)):min(offset+limit, len(all))]
	text, _ := json.Marshal(map[string]any{"results": part, "pagination": map[string]int{"totalCount": len(all)}})
	return string(text)
}

// agreementOf is an agreement of the consumer with the producer, in a state.
func agreementOf(state string) string {
	return `{"id":"` + thing + `","eserviceId":"e","descriptorId":"d","consumerId":"` + consumer + `","producerId":"` + producer +
		`","state":"` + state + `","createdAt":"2026-01-01T00:00:00Z","allowedActions":[]}`
}

// TestEarlierChanges: the parts of the history of an agreement repeat no change and leave none
// out, and when it was approved is not taken from an earlier part.
func TestEarlierChanges(t *testing.T) {
	t.Parallel()
	type change = map[string]string
	all := []change{{"action": "create"}, {"action": "submit"}, {"action": "approve"}}
	for len(all) < 107 {
		all = append(all, change{"action": "suspend"})
	}
	all = append(all, change{"action": "submit"}) // so that the newest part has another one
	for i := range all {
		all[i]["reason"], all[i]["timestamp"] = fmt.Sprintf("change %d.", i), "2026-01-01T00:00:00Z"
	}
	path := "/agreements/" + thing
	b, remote := visit(t, map[string]string{"GET " + path: agreementOf("ACTIVE"), "GET " + path + "/allowedActions": `{"state":"ACTIVE"}`})
	remote.dynamic = func(r *http.Request) string {
		if r.URL.Path != path+"/history" {
			return ""
		}
		return listed(r, all)
	}
	var seen []string
	next, parts := path, 0
	for ; next != "" && parts < 5; parts++ {
		page := b.get(next)
		seen = append(seen, between(page, "<p>change ", ".</p>")...)
		if has := strings.Contains(page, "<dt>Sent</dt>"); has != (parts == 0) {
			t.Errorf("part %d says when the request was sent: %t", parts, has)
		}
		if strings.Contains(page, "<dt>Approved</dt>") {
			t.Errorf("part %d says when the request was approved, which is in the oldest", parts)
		}
		next = ""
		if links := between(page, `<a href="`+path+"?", `"`); len(links) == 1 {
			next, _, _ = strings.Cut(path+"?"+links[0], "#")
		}
	}
	want := make([]string, len(all))
	for i := range want {
		want[i] = strconv.Itoa(len(all) - 1 - i)
	}
	if parts != 3 || !slices.Equal(seen, want) {
		t.Errorf("%d parts have %d changes, want 3 with %d: %v", parts, len(seen), len(want), seen)
	}
}

// between returns the texts between two marks.
func between(page, from, to string) (all []string) {
	for i, part := range strings.Split(page, from) {
		if text, _, found := strings.Cut(part, to); i > 0 && found {
			all = append(all, text)
		}
	}
	return all
}

// TestOwnAgreement: the page of an e-service leads to the organization's agreement in every
// state that is not over, as the page of a new agreement does.
func TestOwnAgreement(t *testing.T) {
	t.Parallel()
	b, remote := visit(t, map[string]string{
		"GET /eservices/" + thing: `{"id":"` + thing + `","name":"Residents","producerId":"` + producer + `"}`,
	})
	for _, page := range []string{"/eservices/" + thing, "/agreements/new?eserviceId=" + thing} {
		remote.calls = nil
		b.get(page)
		states := strings.Split(remote.query("GET /agreements?").Get("states"), ",")
		slices.Sort(states)
		if want := []string{"ACTIVE", "DRAFT", "MISSING_CERTIFIED_ATTRIBUTES", "PENDING", "SUSPENDED"}; !slices.Equal(states, want) {
			t.Errorf("%s reads agreements in the states %v, want %v", page, states, want)
		}
	}
}

// TestUserTaken: registering a user with the id of another one replaces nobody, and says so at
// the field; with another id, with none, and with one that is no id, the API decides.
func TestUserTaken(t *testing.T) {
	t.Parallel()
	const free = "44444444-4444-4444-8444-444444444444"
	const missing = `404 {"status":404}`
	b, remote := visit(t, map[string]string{
		"GET /users/" + thing: `{"userId":"` + thing + `","name":"Anna","familyName":"Rossi","roles":["admin"]}`,
		"GET /users/" + free:  missing, "PUT /users/" + free: `{}`,
		"GET /users/no-id": `400 {"status":400}`, "PUT /users/no-id": `400 {"status":400,"detail":"no id"}`,
		"GET /users/down": `503 {"status":503}`,
	})
	register := func(id string) (status int, page string) {
		w := b.send(http.MethodPost, "/users/new", url.Values{"name": {"Berta"}, "familyName": {"Bianchi"}, "userId": {id}})
		return w.Code, w.Body.String()
	}
	status, page := register(thing)
	if status != http.StatusConflict || !strings.Contains(page, `id="f-userId-error"`) ||
		!strings.Contains(page, "There is a user with this id") {
		t.Errorf("the id of another user is answered %d: %s", status, page)
	}
	if !strings.Contains(page, `value="Berta"`) || remote.count("PUT ") > 0 {
		t.Errorf("what was typed is lost, or the user is replaced: %v", remote.calls)
	}
	for id, want := range map[string]int{free: http.StatusSeeOther, "": http.StatusSeeOther, "no-id": http.StatusBadRequest} {
		if status, _ := register(id); status != want || remote.count("PUT /users/"+id) == 0 {
			t.Errorf("the id %q is answered %d, want %d", id, status, want)
		}
	}
	if status, _ := register("down"); status != http.StatusServiceUnavailable || remote.count("PUT /users/down") > 0 {
		t.Errorf("while users cannot be read, the page is answered %d", status)
	}
}

// TestVerifiersRead: who has verified attributes is read at the same time, and no more once a
// group is known to be owned.
func TestVerifiersRead(t *testing.T) {
	t.Parallel()
	type entry = map[string]any
	var required, held []entry
	add := func(group int, id string) {
		required = append(required, entry{"groupIndex": group, "attribute": entry{"id": id, "name": id}})
		held = append(held, entry{"id": id})
	}
	add(0, "expired")
	add(1, "other")
	for i := range 40 {
		add(2, fmt.Sprintf("valid-%d", i))
	}
	path := "/agreements/" + thing
	b, remote := visit(t, map[string]string{"GET " + path: agreementOf("PENDING"), "GET " + path + "/allowedActions": `{"state":"PENDING"}`})
	var both sync.WaitGroup
	both.Add(2)
	meet := func() { // is left once both calls are there
		both.Done()
		met := make(chan struct{})
		go func() { both.Wait(); close(met) }()
		select {
		case <-met:
		case <-time.After(5 * time.Second):
			t.Error("the verifiers of two groups are read one after the other")
		}
	}
	remote.dynamic = func(r *http.Request) string {
		verifier := func(id, expires string) string { return listed(r, []entry{{"id": id, "expiresAt": expires}}) }
		switch at := r.URL.Path; {
		case at == "/eservices/e/descriptors/d/verifiedAttributes":
			return listed(r, required)
		case at == "/tenants/"+consumer+"/verifiedAttributes":
			return listed(r, held)
		case strings.HasSuffix(at, "/expired/verifiers"):
			meet()
			return verifier(producer, "2026-05-10T12:00:00Z")
		case strings.HasSuffix(at, "/other/verifiers"):
			meet()
			return verifier(consumer, "")
		case strings.HasSuffix(at, "/verifiers"):
			return verifier(producer, "")
		}
		return ""
	}
	page := b.get(path)
	if missing, owned := strings.Count(page, ">Missing</span>"), strings.Count(page, ">Owned</span>"); missing != 2 || owned != 1 {
		t.Errorf("%d groups are missing and %d owned, want 2 and 1", missing, owned)
	}
	if n := remote.count("GET /tenants/" + consumer + "/verifiedAttributes/valid-"); n > m2m.MaxAtOnce {
		t.Errorf("%d verifiers of one group are read", n)
	}
}

// TestThousands: numbers of calls have the separators of the language.
func TestThousands(t *testing.T) {
	t.Parallel()
	path := "/eservices/" + thing + "/descriptors/d"
	b, _ := visit(t, map[string]string{
		"GET /eservices/" + thing: `{"id":"` + thing + `","name":"Residents","producerId":"` + producer + `"}`,
		"GET " + path:             `{"id":"d","version":"1","dailyCallsPerConsumer":1500,"dailyCallsTotal":20000}`,
		"GET " + path + "/certifiedAttributes": `{"results":[{"groupIndex":0,"attribute":{"id":"a","name":"Region"}}],` +
			`"pagination":{"totalCount":1}}`,
		"GET " + path + "/allowedActions": `{"allowedActions":["updateAttributeQuota"]}`,
	})
	page := b.get(path + "/attributes/certified/groups/0/a/quota")
	for _, want := range []string{"in place of the version’s (1,500)", "threshold for all (20,000)"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not in %s", want, page)
		}
	}
}
