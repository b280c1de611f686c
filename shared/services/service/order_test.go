package service_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/oklog/ulid/v2"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/services"
	"ciclo/shared/services/servicestest"
)

// elsewhere is the owner with a key that may not be used from the address of tests.
var elsewhere = ownerFrom("198.51.100.0/24")

// ownerFrom is the owner with a key for those networks.
func ownerFrom(networks ...string) *api.Identity {
	id := *owner
	id.Networks = networks
	return &id
}

// TestNetworks calls from several addresses with keys for some networks.
func TestNetworks(t *testing.T) {
	t.Parallel()
	const v4, v6 = "192.0.2.1:1234", "[2001:db8::1]:1234"
	cases := []struct {
		from     string
		networks []string
		ok       bool
	}{
		{v4, nil, true},
		{v4, []string{}, true},
		{v4, []string{"192.0.2.1"}, true},
		{v4, []string{"192.0.2.1/32"}, true},
		{v4, []string{"192.0.2.0/24"}, true},
		{v4, []string{"192.0.2.77/24"}, true},
		{v4, []string{"0.0.0.0/0"}, true},
		{v4, []string{"198.51.100.7", "2001:db8::/32", "192.0.2.0/30"}, true},
		{v4, []string{"192.0.2.2"}, false},
		{v4, []string{"192.0.2.2/31"}, false},
		{v4, []string{"192.0.3.0/24"}, false},
		{v4, []string{"::/0"}, false},
		{v4, []string{"192.0.2.1/33"}, false},
		{v4, []string{"nowhere", ""}, false},
		{"[::ffff:192.0.2.1]:1234", []string{"192.0.2.0/24"}, true},
		{"[::ffff:192.0.2.1]:1234", []string{"192.0.2.1"}, true},
		{v6, nil, true},
		{v6, []string{"2001:db8::/64"}, true},
		{v6, []string{"2001:db8:0::1"}, true},
		{v6, []string{"2001:db8::2", "0.0.0.0/0"}, false},
		{"", nil, true},
		{"", []string{"0.0.0.0/0", "::/0"}, false},
	}
	eachEmbedded(t, func(w *world) {
		for _, c := range cases {
			ctx := api.WithIdentity(context.Background(), *ownerFrom(c.networks...))
			r := httptest.NewRequestWithContext(ctx, "GET", services.Base+"/services", http.NoBody)
			r.RemoteAddr = c.from
			r.Header.Set("X-Forwarded-For", "192.0.2.1") // which the host reads, not the product
			rec := httptest.NewRecorder()
			w.Handler(w.TB).ServeHTTP(rec, r)
			if (rec.Code == http.StatusOK) != c.ok || !c.ok && rec.Code != http.StatusForbidden {
				w.Errorf("from %q with a key for %q = %d\n%s", c.from, c.networks, rec.Code, rec.Body)
			}
		}
		for id, r := range w.requests() {
			as := *r.caller()
			as.Networks = elsewhere.Networks
			want := services.NotAllowed
			if id == "service/info" || id == "service/topics" {
				want = fine
			}
			res := w.wantAnswer(&as, r, want, id+" from elsewhere")
			if want != fine && !strings.Contains(res.Text("detail"), "192.0.2.1") {
				w.Errorf("%s from elsewhere is refused without the address:\n%s", id, res.Raw)
			}
			as.Networks = []string{"192.0.2.0/24"}
			w.wantAnswer(&as, r, fine, id+" from the right network")
		}
	})
}

// TestOrderOfRefusals breaks two rules at once: the answer follows App IO's order.
func TestOrderOfRefusals(t *testing.T) {
	t.Parallel()
	eachEmbedded(t, func(w *world) {
		draft := w.create(w.fresh())
		waiting := w.create(w.fresh())
		gone := w.create(w.fresh())
		w.submit(waiting, true)
		w.Want(w.call("DELETE", gone, ""), http.StatusNoContent)
		absent := "/services/" + ulid.Make().String()
		large := strings.Repeat(" ", 2<<20)
		noTopic := complete(map[string]any{"metadata.topic_id": 99})
		const badPNG = `{"logo":"AAAA"}`
		serviceKey := identity(services.KindService, services.GroupWrite)
		ungrouped := identity(services.KindManage)
		for _, a := range []attempt{
			{"401 before the body", nil, "POST", "/services", "{", "", services.KeyInvalid},
			{"401 before the size", nil, "POST", "/services", large, "", services.KeyInvalid},
			{"401 before 404", nil, "GET", absent, "", "", services.KeyInvalid},
			{"kind before the body", serviceKey, "POST", "/services", "{", "", services.NotAllowed},
			{"kind before the size", serviceKey, "POST", "/services", large, "", services.NotAllowed},
			{"kind before the query", serviceKey, "GET", "/services?limit=0", "", "", services.NotAllowed},
			{"kind before 404", serviceKey, "GET", absent, "", "", services.NotAllowed},
			{"kind before permission groups", identity(services.KindService), "GET", draft, "", "", services.NotAllowed},
			{"permission groups before the body", ungrouped, "PUT", draft, "[]", "", services.NoValidScopes},
			{"permission groups before 404", ungrouped, "GET", absent, "", "", services.NoValidScopes},
			{"the right permission group before the body", reviewer, "PUT", draft, "[]", "", services.NotAllowed},
			{"the right permission group before 404", owner, "POST", absent + "/review/approve", "", "", services.NotAllowed},
			{"body before the address", elsewhere, "POST", "/services", "{}", "", services.RequestInvalid},
			{"blanks before the address", elsewhere, "POST", "/services", complete(map[string]any{"name": " "}), "", services.RequestInvalid},
			{"size before the address", elsewhere, "POST", "/services", large, "", services.PayloadTooLarge},
			{"query before the address", elsewhere, "GET", "/services?offset=-1", "", "", services.RequestInvalid},
			{"key type before the address", elsewhere, "PUT", draft + "/keys/tertiary", "", "", services.RequestInvalid},
			{"If-Match before the address", elsewhere, "DELETE", draft, "", "1", services.RequestInvalid},
			{"body before 404", owner, "PUT", absent, "{}", "", services.RequestInvalid},
			{"body before the owner", stranger, "PUT", draft, "{}", "", services.RequestInvalid},
			{"key type before 404", owner, "PUT", absent + "/keys/x", "", "", services.RequestInvalid},
			{"address before the topic", elsewhere, "POST", "/services", noTopic, "", services.NotAllowed},
			{"address before 404", elsewhere, "GET", absent, "", "", services.NotAllowed},
			{"address before the state", elsewhere, "PUT", waiting, w.fresh(), "", services.NotAllowed},
			{"404 before the topic", owner, "PUT", absent, noTopic, "", services.ServiceNotFound},
			{"owner before the topic", stranger, "PUT", draft, noTopic, "", services.NotAllowed},
			{"owner before the version", stranger, "PUT", draft, w.fresh(), `"9"`, services.NotAllowed},
			{"owner before the state", stranger, "PUT", waiting, w.fresh(), "", services.NotAllowed},
			{
				"owner before the group",
				&api.Identity{Subject: "owner-2", Kind: services.KindManage, Scopes: services.Owners, Group: "g"}, "GET", draft,
				"", "", services.NotAllowed,
			},
			{"owner before deleted", stranger, "GET", gone + "/history", "", "", services.NotAllowed},
			{"group before deleted", grouped("g"), "GET", gone + "/history", "", "", services.NoValidScopes},
			{"group before the topic", grouped("g"), "PUT", draft, noTopic, "", services.NoValidScopes},
			{"group before the state", grouped("g"), "PUT", waiting, w.fresh(), "", services.NoValidScopes},
			{"topic before the state", owner, "PUT", waiting, noTopic, "", services.TopicUnknown},
			{"topic before the version", owner, "PUT", draft, noTopic, `"9"`, services.TopicUnknown},
			{"version before the state", owner, "PUT", waiting, w.fresh(), `"9"`, services.PreconditionFailed},
			{"the state last", owner, "PUT", waiting, w.fresh(), `"2"`, services.NoTransition},
			{"owner before the image", stranger, "PUT", draft + "/logo", badPNG, "", services.NotAllowed},
			{"deleted before the image", owner, "PUT", gone + "/logo", badPNG, "", services.ServiceNotFound},
			{"deleted before the publication", owner, "GET", gone + "/release", "", "", services.ServiceNotFound},
			{"publication before its version", owner, "POST", draft + "/release", "", `"9"`, services.PublicationNotFound},
			{"owner before the publication", stranger, "DELETE", draft + "/release", "", "", services.NotAllowed},
			{"size of a body that is not read", owner, "GET", draft, large, "", services.PayloadTooLarge},
		} {
			w.wantRefusal(a)
		}
	})
}

// attempt is a request that breaks rules, and the code that it is refused with.
type attempt struct {
	why                string
	as                 *api.Identity
	method, path, body string
	ifMatch            string
	want               problem.Code
}

// wantRefusal sends the request and fails unless it is refused with the code.
func (w *world) wantRefusal(a attempt) {
	w.Helper()
	var header []string
	if a.ifMatch != "" {
		header = []string{"If-Match", a.ifMatch}
	}
	res := w.As(a.as, a.method, a.path, a.body, header...)
	if res.Status != a.want.Status || servicestest.CodeOf(res) != a.want.Name {
		w.Errorf("%s: %s %s = %d, want %v\n%.400s", a.why, a.method, a.path, res.Status, a.want, res.Raw)
	}
	wantTag := ""
	if a.want == services.PreconditionFailed {
		wantTag = fmt.Sprintf(`"%v"`, res.Body["version"])
	}
	if tag := res.Header.Get("ETag"); tag != wantTag {
		w.Errorf("%s: ETag %s, want %s", a.why, tag, wantTag)
	}
}
