package door_test

import (
	"net/http"
	"strings"
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/engine"
)

// FuzzEnter shows that no headers but the ones that we signed let anybody in, that none
// panics, and that a refusal has one of the codes and tells nothing of the headers.
func FuzzEnter(f *testing.F) {
	w := newWorld(f, apitest.New(engine.Bolt(f, []table.Schema{interop.Table}), nil))
	now := w.Clock.Now()
	valid := map[string]bool{}
	for _, r := range []request{bound(), unbound()} {
		h := r.headers(now)
		valid[h.Get("Authorization")] = true
		valid[h.Get("DPoP")] = true
		f.Add(h.Get("Authorization"), h.Get("DPoP"), "/v3")
		f.Add(strings.Replace(h.Get("Authorization"), r.scheme, "dpop", 1), h.Get("DPoP")+",", "/v2")
	}
	for _, cases := range [][]refusalCase{schemeCases(), tokenCases(), proofCases(), keyCases()} {
		for _, tc := range cases {
			h := tc.headers(now)
			f.Add(strings.Join(h.Values("Authorization"), ""), strings.Join(h.Values("DPoP"), ""), tc.base)
		}
	}
	f.Fuzz(func(t *testing.T, authorization, proof, base string) {
		header := http.Header{"Authorization": {authorization}, "Dpop": {proof}}
		id, refused, err := w.door.Enter(api.WithBase(t.Context(), base), http.MethodGet, []string{address}, header)
		if err != nil {
			t.Fatal(err)
		}
		if refused == nil {
			scheme, token, _ := strings.Cut(authorization, " ")
			isOurs := valid["Bearer "+token] && strings.EqualFold(scheme, "Bearer") ||
				valid["DPoP "+token] && strings.EqualFold(scheme, "DPoP") && valid[proof]
			if !isOurs || id.Subject != organizationID {
				t.Fatalf("%q with %q comes in as %+v", authorization, proof, id)
			}
			return
		}
		if id.Subject != "" || refused.Reason == "" || refused.Code.Status < 400 || refused.Code.Status >= 500 {
			t.Fatalf("%+v, %+v", id, refused)
		}
		for _, secret := range append(strings.Fields(authorization), proof) {
			if len(secret) > 24 && strings.Contains(refused.Reason, secret) {
				t.Fatalf("%q tells %q", refused.Reason, secret)
			}
		}
	})
}
