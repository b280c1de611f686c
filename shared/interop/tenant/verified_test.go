package tenant_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/interop"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/interop/tenant"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// Two verifiers.
const (
	one = "00000000-0000-4000-8000-00000000000a"
	two = "00000000-0000-4000-8000-00000000000b"
)

// TestVerified verifies an attribute by two organizations, revokes and repeats that, and
// checks all lists of it.
func TestVerified(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		id := made(w, owner, "verified")
		path := home + "/verifiedAttributes"
		tells := func(what string, assignedAt string, verifiers, revokers []object, expiring ...string) {
			w.Helper()
			lists(w, path, object{"id": id, "assignedAt": assignedAt})
			lists(w, path+"/"+id+"/verifiers", verifiers...)
			lists(w, path+"/"+id+"/revokers", revokers...)
			keys := map[string]bool{}
			for sk := range w.Items("EXPIRING") {
				keys[sk] = true
			}
			want := map[string]bool{}
			for _, e := range expiring {
				want[e] = true
			}
			if diff := cmp.Diff(want, keys); diff != "" {
				w.Errorf("%s: what will expire (-want +got):\n%s", what, diff)
			}
		}
		of := func(at, verifier string) string { return at + "#" + owner.Subject + "#" + id + "#" + verifier }
		sees := func(got tenant.VerifiedView, assignedAt string) {
			w.Helper()
			if got != (tenant.VerifiedView{ID: id, AssignedAt: assignedAt}) {
				w.Errorf("afterwards it is %+v, want %s", got, assignedAt)
			}
		}
		lists(w, path)
		counted(w, "verifying", 1, func() { sees(verify(w, id, one, 2*time.Hour), t0) })
		tells("verified", t0, []object{{"id": one, "verifiedAt": t0, "expiresAt": t2}}, nil, of(t2, one))
		w.Clock.Advance(time.Hour)
		counted(w, "verifying by another", 1, func() { sees(verify(w, id, two, 0), t0) })
		tells("verified twice", t0, []object{{"id": one, "verifiedAt": t0, "expiresAt": t2}, {"id": two, "verifiedAt": t1}}, nil, of(t2, one))
		// Again, until the same instant: the date is the new one.
		sees(verify(w, id, one, time.Hour), t1)
		tells("verified again", t1, []object{{"id": one, "verifiedAt": t1, "expiresAt": t2}, {"id": two, "verifiedAt": t1}}, nil, of(t2, one))
		w.Clock.Advance(time.Hour) // it has expired now, and is listed all the same
		tells("expired", t1, []object{{"id": one, "verifiedAt": t1, "expiresAt": t2}, {"id": two, "verifiedAt": t1}}, nil, of(t2, one))
		sees(verify(w, id, one, 24*time.Hour), t1)
		tells("verified for longer", t1, []object{
			{"id": two, "verifiedAt": t1},
			{"id": one, "verifiedAt": t2, "expiresAt": "2026-11-22T12:00:00.000Z"},
		}, nil, of("2026-11-22T12:00:00.000Z", one))
		counted(w, "revoking", 1, func() { sees(unverify(w, id, one), t1) })
		revoked := object{"id": one, "verifiedAt": t2, "expiresAt": "2026-11-22T12:00:00.000Z", "revokedAt": t2}
		tells("revoked", t1, []object{{"id": two, "verifiedAt": t1}}, []object{revoked})
		sees(unverify(w, id, two), t1)
		tells("revoked by all", t1, nil, []object{{"id": two, "verifiedAt": t1, "revokedAt": t2}, revoked})
		w.Clock.Advance(time.Hour)
		sees(verify(w, id, two, 0), t2)
		tells("verified after that", t2, []object{{"id": two, "verifiedAt": "2026-11-21T13:00:00.000Z"}}, []object{revoked})
		sees(verify(w, id, one, time.Hour), "2026-11-21T13:00:00.000Z")
		sees(verify(w, id, one, 0), "2026-11-21T13:00:00.000Z")
		tells("verified for ever", "2026-11-21T13:00:00.000Z", []object{
			{"id": one, "verifiedAt": "2026-11-21T13:00:00.000Z"}, {"id": two, "verifiedAt": "2026-11-21T13:00:00.000Z"},
		}, nil)
	})
}

// TestVerifiedAreListedOnce lists several attributes, of several verifiers.
func TestVerifiedAreListedOnce(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		a, b := made(w, owner, "verified"), made(w, owner, "verified")
		verify(w, b, one, 0)
		w.Clock.Advance(time.Hour)
		verify(w, a, two, 0)
		verify(w, a, one, 0)
		w.Clock.Advance(time.Hour)
		verify(w, b, two, 0)
		lists(w, home+"/verifiedAttributes", object{"id": b, "assignedAt": t0}, object{"id": a, "assignedAt": t1})
		w.Pages(reader, home+"/verifiedAttributes", "id", []string{b, a})
		w.Pages(reader, home+"/verifiedAttributes/"+a+"/verifiers", "id", []string{one, two})
		unverify(w, a, two)
		unverify(w, a, one)
		w.Pages(reader, home+"/verifiedAttributes/"+a+"/revokers", "id", []string{one, two})
	})
}

func TestRevokeVerificationRefuses(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		id := made(w, owner, "verified")
		refused := func(verifier string, want problem.Code) {
			w.Helper()
			steps, _, err := owned(w).RevocationSteps(id, verifier, now(w))
			if p := problem.As(err); p == nil || p.Code != want || steps != nil {
				w.Errorf("refused with %v, want %s", err, want.Name)
			}
		}
		refused(one, interop.TenantAttributeNotValid)
		verify(w, id, one, 0)
		refused(two, interop.RevocationNotAllowed)
		unverify(w, id, one)
		refused(one, interop.AttributeAlreadyRevoked)
	})
}

// TestVerificationLostRace: of two changes of one verification that are decided on the same
// holdings, one is made.
func TestVerificationLostRace(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		id, other := made(w, owner, "verified"), made(w, owner, "verified")
		overtaken := func(steps []table.Step) {
			w.Helper()
			before := stored(w)
			err := w.DB.Write(w.TB.Context(), steps...)
			if refused := table.AsRefused(err); refused == nil {
				w.Errorf("a change that was overtaken came to %v", err)
			} else if _, by := refused.By(tenant.LabelHolding); !by {
				w.Errorf("refused by %v", refused)
			}
			if diff := cmp.Diff(before, stored(w)); diff != "" {
				w.Errorf("refused, yet:\n%s", diff)
			}
		}
		for _, step := range []func(){
			func() { verify(w, id, one, 0) },
			func() { verify(w, id, one, time.Hour) },
			func() { verify(w, id, one, 2*time.Hour) }, // at the same instant
			func() { unverify(w, id, one) },
			func() { verify(w, id, one, 2*time.Hour) },
			func() { w.Clock.Advance(time.Minute); verify(w, id, one, 2*time.Hour-time.Minute) },
		} {
			before := owned(w)
			step()
			steps, _ := before.VerificationSteps(id, one, "", now(w))
			overtaken(steps)
			if steps, _, err := before.RevocationSteps(id, one, now(w)); err == nil {
				overtaken(steps)
			}
			steps, _ = before.VerificationSteps(other, two, "", now(w)) // which has not changed
			write(w, steps)
			steps, _, err := owned(w).RevocationSteps(other, two, now(w))
			if err != nil {
				t.Fatal(err)
			}
			write(w, steps)
			write(w, []table.Step{table.Delete("other", interop.Key("TENANT#"+owner.Subject, "VERIFIED#"+other+"#"+two))})
		}
	})
}

// TestOwned checks what the owner has at several times.
func TestOwned(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		certified, declared, verified := made(w, certifier, "certified"), made(w, owner, "declared"), made(w, owner, "verified")
		has := func(what string, kind attribute.Kind, id, verifier, at string, want bool) {
			w.Helper()
			if got := owned(w).Has(kind, id, verifier, at); got != want {
				w.Errorf("%s: has = %t, want %t", what, got, want)
			}
		}
		has("nothing", attribute.Certified, certified, "", t0, false)
		w.Want(assign(w, certified), 200)
		w.Want(declare(w, declared), 200)
		verify(w, verified, one, time.Hour)
		verify(w, verified, two, 0)
		has("certified", attribute.Certified, certified, one, t0, true)
		has("declared", attribute.Declared, declared, "", t0, true)
		has("another kind", attribute.Declared, certified, "", t0, false)
		has("verified", attribute.Verified, verified, one, "2026-11-21T10:59:59.999Z", true)
		has("expired", attribute.Verified, verified, one, t1, false)
		has("for ever", attribute.Verified, verified, two, "9999-01-01T00:00:00.000Z", true)
		has("by another verifier", attribute.Verified, verified, reader.Subject, t0, false)
		w.Want(revoke(w, certified), 200)
		w.Want(undeclare(w, declared), 200)
		unverify(w, verified, two)
		has("revoked", attribute.Certified, certified, "", t0, false)
		has("undeclared", attribute.Declared, declared, "", t0, false)
		has("unverified", attribute.Verified, verified, two, t0, false)
		if o, err := tenant.Load(w.TB.Context(), w.DB, interoptest.UnknownID()); err != nil || o.Has(attribute.Certified, certified, "", t0) {
			w.Errorf("of an unknown one: %+v, %v", o, err)
		}
	})
}

// TestVersionCheck refuses a decision on holdings that have changed since.
func TestVersionCheck(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		certified, declared, verified := made(w, certifier, "certified"), made(w, owner, "declared"), made(w, owner, "verified")
		expire, err := tenant.NewExpirer(w.Deps())
		if err != nil {
			t.Fatal(err)
		}
		for what, change := range map[string]func(){
			"assign": func() { assign(w, certified) }, "declare": func() { declare(w, declared) },
			"verify": func() { verify(w, verified, one, time.Hour) },
		} {
			before := owned(w)
			write(w, []table.Step{before.VersionCheck()})
			change()
			err := w.DB.Write(w.TB.Context(), before.VersionCheck())
			if refused := table.AsRefused(err); refused == nil {
				t.Errorf("after %s: %v", what, err)
			} else if _, by := refused.By(tenant.LabelOwned); !by {
				t.Errorf("after %s it is refused by %v", what, refused)
			}
			write(w, []table.Step{owned(w).VersionCheck()})
		}
		w.Clock.Advance(time.Hour)
		before := owned(w)
		if report, err := expire.Run(w.TB.Context()); err != nil || report.Expired != 1 {
			t.Fatalf("%+v, %v", report, err)
		}
		if err := w.DB.Write(w.TB.Context(), before.VersionCheck()); table.AsRefused(err) == nil {
			t.Errorf("after something has expired: %v", err)
		}
		for key, want := range map[table.Key]string{
			interop.Key("TENANT#x", "ATTRIBUTES"): "x", interop.Key("TENANT#x", "TENANT"): "", interop.Key("TENANTS", "ATTRIBUTES"): "",
			interop.Key("ATTRIBUTE#x", "ATTRIBUTES"): "",
		} {
			if got := tenant.ChangedOwner(key); got != want {
				t.Errorf("a change of %v is about %q, want %q", key, got, want)
			}
		}
	})
}
