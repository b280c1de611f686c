package door_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
)

// The outcomes, "" for a request that comes in.
const (
	missing   = "017-9994"
	badScheme = "017-10028"
	notValid  = "017-10014"
	badProof  = "017-0041"
	unsigned  = "017-0042"
	reused    = "017-0044"
	otherKey  = "017-0045"
	notAdmin  = "017-9993"
	noAdmin   = "017-0004"
	noClient  = "006-0001"
	tooMany   = "017-10004"
)

// steps are the checks of the door in PDND's order, each with a fault of a request or of the
// deployment that only this check finds.
var steps = []struct {
	name, code string
	fault      func(w *world, r *request)
}{
	{"no Authorization", missing, func(_ *world, r *request) { r.then(func(h http.Header) { h.Del("Authorization") }) }},
	{"scheme", badScheme, func(_ *world, r *request) {
		r.then(func(h http.Header) {
			h.Set("Authorization", strings.Replace(h.Get("Authorization"), "DPoP", "Basic", 1))
		})
	}},
	{"no DPoP", missing, func(_ *world, r *request) { r.then(func(h http.Header) { h.Del("DPoP") }) }},
	{"audience", notValid, func(_ *world, r *request) { r.claims["aud"] = "another" }},
	{"claims", notValid, func(_ *world, r *request) { r.claims["adminId"] = absent }},
	{"htm", badProof, func(_ *world, r *request) { r.proof["htm"] = "POST" }},
	{"signature", unsigned, func(_ *world, r *request) { r.pen = keys().other }},
	{"key of the token", otherKey, func(_ *world, r *request) { r.claims["cnf"] = object{"jkt": strings.Repeat("A", 43)} }},
	{"jti", reused, func(w *world, r *request) {
		first := bound()
		first.proof["jti"] = r.proof["jti"]
		w.wants("the first use", first, "")
	}},
	{"administrator", notAdmin, func(w *world, _ *request) { w.setAdmin(clientID) }},
	{"limit", tooMany, func(w *world, _ *request) { w.limit.refuses.Store(true) }},
}

// then adds a change of the headers.
func (r *request) then(change func(http.Header)) {
	before := r.header
	r.header = func(h http.Header) {
		if before != nil {
			before(h)
		}
		change(h)
	}
}

// TestFirstFailureDecides sends requests that fail one check, and requests that fail it and
// all later ones.
func TestFirstFailureDecides(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for i, step := range steps {
			for _, last := range []int{i + 1, len(steps)} {
				r := w.faulty(i, last)
				before := w.limit.taken.Load()
				w.wants(step.name, r, step.code)
				if counted := w.limit.taken.Load() > before; counted != (step.code == tooMany) {
					w.Errorf("%s: counted %v", step.name, counted)
				}
				w.setAdmin(adminID)
				w.limit.refuses.Store(false)
			}
		}
		w.wants("no fault", bound(), "")
	})
}

// faulty returns a request with the faults of the checks from first to before last.
func (w *world) faulty(first, last int) request {
	w.Helper()
	r := bound()
	r.claims = object{}
	all := steps[first:last]
	ofRequest := max(0, len(steps)-2-first) // the others are of the deployment, and come last
	for i := min(ofRequest, len(all)) - 1; i >= 0; i-- {
		all[i].fault(w, &r)
	}
	for _, step := range all[min(ofRequest, len(all)):] {
		step.fault(w, &r)
	}
	return r
}

// TestCodes holds the codes that the door refuses with to the published statuses.
func TestCodes(t *testing.T) {
	t.Parallel()
	for name, status := range map[string]int{
		missing: 400, badScheme: 400, badProof: 401, unsigned: 401, otherKey: 401, reused: 401, notAdmin: 403, noAdmin: 403,
		noClient: 404, tooMany: 429,
	} {
		found := false
		for _, code := range interop.Product.Refusals {
			found = found || code.Name == name && code.Status == status
		}
		if !found {
			t.Errorf("the product does not refuse with %s and the status %d", name, status)
		}
	}
	if code := interop.Product.Unauthorized; code.Name != notValid || code.Status != 401 {
		t.Errorf("tokens are refused with %+v", code)
	}
}

// TestComesIn reads the caller of requests that come in.
func TestComesIn(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		admin := api.Identity{
			Subject: organizationID, Kind: interop.KindOrganization, Scopes: []string{interop.RoleAdmin}, Client: clientID, User: adminID,
			Allowance: api.Allowance{Limit: 10, Remaining: 4, Interval: time.Second},
		}
		reader := admin
		reader.Scopes = []string{interop.RoleReader}
		reader.User = ""
		rsa := bound()
		rsa.key = keys().rsa
		anyCase := bound()
		anyCase.scheme = "dPoP"
		role := object{"role": "m2m", "adminId": absent}
		reads := bound()
		reads.claims = role
		bearer := unbound()
		bearer.claims = merged(bearer.claims, role)
		plain := unbound()
		plain.base, plain.scheme = "", "bearer"
		v2 := unbound()
		v2.base = "/v2"
		for name, tc := range map[string]struct {
			request
			want api.Identity
		}{
			"a proof on P-256": {bound(), admin}, "a proof by RSA": {rsa, admin}, "dPoP": {anyCase, admin}, "m2m": {reads, reader},
			"bearer, v3": {unbound(), admin}, "bearer, m2m": {bearer, reader}, "bearer, plain": {plain, admin}, "bearer, v2": {v2, admin},
		} {
			id, refused := w.enter(tc.request)
			if diff := cmp.Diff(tc.want, id); refused != nil || diff != "" {
				t.Errorf("%s is refused with %+v\n%s", name, refused, diff)
			}
		}
	})
}

// TestCertifier: an API client with an administrator is a certifier while its organization is
// marked as one. A reader is none, and neither is a token of another issuer.
func TestCertifier(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		reader := unbound()
		reader.claims = merged(reader.claims, object{"role": "m2m", "adminId": absent})
		scopes := func(r request, want ...string) {
			w.Helper()
			id, refused := w.enter(r)
			if diff := cmp.Diff(want, id.Scopes); refused != nil || diff != "" {
				w.Errorf("refused: %+v; scopes (-want +got):\n%s", refused, diff)
			}
		}
		scopes(unbound(), interop.RoleAdmin) // without a tenant
		for _, isCertifier := range []bool{false, true, false, true} {
			w.setCertifier(isCertifier)
			want := []string{interop.RoleAdmin}
			if isCertifier {
				want = append(want, interop.RoleCertifier)
			}
			scopes(unbound(), want...)
			scopes(bound(), want...)
			scopes(reader, interop.RoleReader)
		}
		w.open(false)
		scopes(unbound(), interop.RoleAdmin)
		w.open(true)
		w.setAdmin("")
		w.wants("without an administrator", unbound(), noAdmin)
	})
}

// TestRefuses sends requests with single faults.
func TestRefuses(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for _, cases := range [][]refusalCase{schemeCases(), tokenCases(), proofCases(), keyCases()} {
			for _, tc := range cases {
				w.wants(tc.name, tc.request, tc.want)
			}
		}
		if taken, ready := w.limit.taken.Load(), w.limit.ready.Load(); taken != 0 || ready != 0 {
			t.Errorf("%d refused requests count, %d reach the limiter", taken, ready)
		}
		if w.tap.Seen() != 0 {
			t.Errorf("refused requests make %d calls of the storage", w.tap.Seen())
		}
	})
}

// TestRefusalOfTheAdministrator changes the administrator of the client after the token.
func TestRefusalOfTheAdministrator(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		reader := bound()
		reader.claims = object{"role": "m2m", "adminId": absent}
		for _, r := range []request{bound(), unbound()} {
			stranger, again := r, reader
			stranger.claims = merged(r.claims, object{"client_id": organizationID})
			if r.scheme == "DPoP" {
				stranger.proof = object{"jti": "of an unknown client"}
			}
			w.wants("an unknown client", stranger, noClient)
			for admin, want := range map[string]string{"": noAdmin, organizationID: notAdmin, adminID: ""} {
				w.setAdmin(admin)
				r.proof = object{"jti": admin + r.scheme}
				w.wants("the administrator "+admin, r, want)
				again.proof = object{"jti": "m2m" + admin + r.scheme}
				w.wants("m2m, whose administrator does not count", again, "")
			}
		}
	})
}

// TestReasons reads what a refusal says.
func TestReasons(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		several := bound()
		several.proof = object{"htm": "POST", "htu": "https://other.example", "jti": absent}
		_, refused := w.enter(several)
		for _, want := range []string{"invalidDPoPHtm: The claim htm must", "; invalidDPoPHtu: ", "; dpopJtiNotFound: "} {
			if !strings.Contains(refused.Reason, want) {
				t.Errorf("the reason %q lacks %q", refused.Reason, want)
			}
		}
		w.limit.refuses.Store(true)
		_, refused = w.enter(bound())
		if refused.Code != interop.TooManyRequests || refused.Allowance.Limit != 10 || !strings.Contains(refused.Reason, organizationID) {
			t.Errorf("refused with %+v", refused)
		}
		if (refused.Code == problem.Code{}) {
			t.Error("no code")
		}
	})
}
