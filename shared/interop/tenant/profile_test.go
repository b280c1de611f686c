package tenant_test

import (
	"errors"
	"testing"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/interop/tenant"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/hooked"
)

// profile is a profile that says everything.
func profile(id string) tenant.Profile {
	return tenant.Profile{
		Organization: interop.Organization{ID: id, Name: "Comune", Origin: "IPA", Value: "c_1"},
		Kind:         "PA", OnboardedAt: t0, SubUnitType: "UO", SelfcareInstitutionType: "PA",
		Certifier: new(true),
	}
}

// described is what is answered of a tenant with that profile. That it is a certifier is not
// published.
func described(id string) object {
	return object{
		"id": id, "name": "Comune", "externalId": object{"origin": "IPA", "value": "c_1"}, "createdAt": t0,
		"kind": "PA", "onboardedAt": t0, "subUnitType": "UO", "selfcareInstitutionType": "PA",
	}
}

func describe(w *world, p tenant.Profile) *tenant.Tenant {
	w.Helper()
	t, err := tenant.NewRegistrar(w.Deps()).Describe(w.Context(), p)
	if err != nil {
		w.Error(err) // not Fatal, as races call it
		return &tenant.Tenant{}
	}
	return t
}

// TestDescribe: a profile makes a tenant or updates it, and leaves what it does not say; so
// does a token. All lists have it.
func TestDescribe(t *testing.T) {
	t.Parallel()
	suite.Each(t, func(w *world) {
		id := owner.Subject
		want := described(id)
		is := func() {
			w.Helper()
			answers(w, w.As(reader, "GET", home, ""), want)
			lists(w, "/tenants", want)
			lists(w, "/tenants?IPACode=c_1", want)
			audit(w, id)
		}
		describe(w, profile(id))
		is()
		w.Clock.Advance(time.Hour)
		before := stored(w)
		describe(w, profile(id))
		describe(w, tenant.Profile{Organization: interop.Organization{ID: id}})
		register(w, interop.Organization{ID: id, Name: "Comune"})
		interoptest.Equal(t, "after nothing new", stored(w), before)
		describe(w, tenant.Profile{Organization: interop.Organization{ID: id}, Kind: "GSP", OnboardedAt: t1})
		want["kind"] = "GSP"
		want["onboardedAt"] = t1
		want["updatedAt"] = t1
		is()
		register(w, interop.Organization{ID: id, Name: "Ente"})
		want["name"] = "Ente"
		is()
	})
}

// TestDescribeCertifier: a profile makes a tenant a certifier or takes that away; one that does
// not say it, and a token, leave it.
func TestDescribeCertifier(t *testing.T) {
	t.Parallel()
	suite.Each(t, func(w *world) {
		p := tenant.Profile{Organization: interop.Organization{ID: owner.Subject}}
		is := func(want bool) {
			w.Helper()
			interoptest.Equal(t, "certifier", describe(w, p).Certifier, want)
			register(w, interop.Organization{ID: owner.Subject, Name: interoptest.Unique("Comune")})
			interoptest.Equal(t, "certifier after a token", describe(w, p).Certifier, want)
			audit(w, owner.Subject)
		}
		is(false)
		for _, want := range []bool{true, false, true} {
			said := p
			said.Certifier = &want
			describe(w, said)
			is(want)
		}
	})
}

// TestEarlierTenants: a tenant that an earlier release has stored is read and changed like
// every other.
func TestEarlierTenants(t *testing.T) {
	t.Parallel()
	suite.Each(t, func(w *world) {
		id := owner.Subject
		register(w, interop.Organization{ID: id, Name: "Comune", Origin: "IPA", Value: "c_1"})
		for attribute := range w.Items("TENANT#" + id)["TENANT"] {
			switch attribute {
			case table.PK, table.SK, "id", "name", "externalId", "createdAt", "version", "listed":
			default:
				t.Errorf("a tenant of a token is stored with %s", attribute)
			}
		}
		want := object{"id": id, "name": "Comune", "externalId": object{"origin": "IPA", "value": "c_1"}, "createdAt": t0}
		answers(w, w.As(reader, "GET", home, ""), want)
		lists(w, "/tenants", want)
		w.Clock.Advance(time.Hour)
		describe(w, profile(id))
		want = described(id)
		want["updatedAt"] = t1
		answers(w, w.As(reader, "GET", home, ""), want)
		audit(w, id)
	})
}

// TestProfilesWithoutID: such a profile is of the tenant with its external id, in the same
// registry, or of a new one, whose id follows from the external id.
func TestProfilesWithoutID(t *testing.T) {
	t.Parallel()
	suite.Each(t, func(w *world) {
		first := describe(w, profile(""))
		interoptest.Equal(t, "the same again", describe(w, profile("")).ID, first.ID)
		interoptest.Equal(t, "form of the id", interop.IsOrganization(first.ID), true)
		elsewhere := profile("")
		elsewhere.Origin = "ADE"
		second := describe(w, elsewhere).ID
		interoptest.Equal(t, "of another registry", second == first.ID, false)
		elsewhere.Origin = "TIN" // which has its entries where ADE has them
		interoptest.Equal(t, "of a third registry", describe(w, elsewhere).ID == second, false)
		known := profile("")
		known.Value = "c_2"
		register(w, interop.Organization{ID: owner.Subject, Origin: "IPA", Value: "c_2"})
		interoptest.Equal(t, "of one that has called", describe(w, known).ID, owner.Subject)
		register(w, interop.Organization{ID: interoptest.UnknownID(), Origin: "IPA", Value: "c_2"})
		if _, err := tenant.NewRegistrar(w.Deps()).Describe(w.Context(), known); !errors.Is(err, tenant.ErrAmbiguous) {
			t.Errorf("of two: %v", err)
		}
	})
}

// TestDescribedIsForgotten: the call after a profile is recorded again by the process that
// has recorded it before.
func TestDescribedIsForgotten(t *testing.T) {
	t.Parallel()
	suite.Embedded(t, func(w *world) {
		r := tenant.NewRegistrar(w.Deps())
		said := interop.Organization{ID: owner.Subject, Name: "Of the token"}
		for range 2 {
			if err := r.Register(w.Context(), said); err != nil {
				t.Fatal(err)
			}
			interoptest.Equal(t, "name", w.As(reader, "GET", home, "").Text("name"), "Of the token")
			if _, err := r.Describe(w.Context(), profile(owner.Subject)); err != nil {
				t.Fatal(err)
			}
			interoptest.Equal(t, "name", w.As(reader, "GET", home, "").Text("name"), "Comune")
		}
	})
}

// TestDescribeRaces makes a profile, a first call and a first user meet: the tenant has what
// all of them say.
func TestDescribeRaces(t *testing.T) {
	t.Parallel()
	suite.Each(t, func(w *world) {
		id := owner.Subject
		said := profile(id)
		said.OnboardedAt = ""
		w.Race(3, 3, func(i int) string {
			switch i {
			case 0:
				describe(w, said)
			case 1:
				register(w, interop.Organization{ID: id})
			default:
				onboard(w, id)
			}
			return ""
		})
		res := w.As(reader, "GET", home, "")
		for member, want := range map[string]string{"name": "Comune", "kind": "PA", "onboardedAt": t0} {
			interoptest.Equal(t, member, res.Text(member), want)
		}
		audit(w, id)
	})
}

// onboard onboards an organization, as the registration of its first user does.
func onboard(w *world, id string) {
	w.Helper()
	for range 8 {
		item, err := w.DB.Get(w.Context(), tenant.Key(id))
		if err != nil {
			w.Error(err)
		}
		t, err := tenant.As(item)
		if err != nil {
			w.Error(err)
		}
		steps := tenant.OnboardSteps(t, id, now(w))
		if len(steps) == 0 || w.DB.Write(w.Context(), steps...) == nil {
			return
		}
	}
	w.Error("the organization is not onboarded")
}

// TestOnboardSteps: an onboarded tenant is not onboarded again, and one that has changed since
// it was read refuses.
func TestOnboardSteps(t *testing.T) {
	t.Parallel()
	suite.Each(t, func(w *world) {
		id := owner.Subject
		first := tenant.OnboardSteps(nil, id, t0)
		register(w, interop.Organization{ID: id})
		if err := w.DB.Write(w.Context(), first...); !isRefused(err, tenant.LabelTenant) {
			t.Errorf("after a first call: %v", err)
		}
		onboard(w, id)
		w.Clock.Advance(time.Hour)
		w.Tap.Set(func(c *hooked.Call) error {
			if c.Writes() {
				t.Error("it is onboarded again")
			}
			return c.Run()
		})
		onboard(w, id)
		w.Tap.Set(nil)
		interoptest.Equal(t, "onboarded at", w.As(reader, "GET", home, "").Text("onboardedAt"), t0)
		audit(w, id)
	})
}

func isRefused(err error, label string) bool {
	refused := table.AsRefused(err)
	if refused == nil {
		return false
	}
	_, ok := refused.By(label)
	return ok
}
