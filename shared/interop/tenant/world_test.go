package tenant_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"ciclo/shared/interop"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/interop/tenant"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
)

type (
	world  = interoptest.World
	object = interoptest.Object
)

var (
	suite     = interoptest.New(tenant.Operations(), attribute.Operations())
	certifier = interoptest.Organization("00000000-0000-4000-8000-000000000001", interop.RoleCertifier)
	rival     = interoptest.Organization("00000000-0000-4000-8000-000000000002", interop.RoleCertifier)
	owner     = interoptest.Organization("00000000-0000-4000-8000-000000000003", interop.RoleAdmin)
	reader    = interoptest.Organization("00000000-0000-4000-8000-000000000004", interop.RoleReader)
	home      = "/tenants/" + owner.Subject
	unique    atomic.Int64
)

// each runs a test where the owner has called once.
func each(t *testing.T, test func(w *world)) {
	t.Helper()
	suite.Each(t, registered(test))
}

// embedded is each without DynamoDB Local.
func embedded(t *testing.T, test func(w *world)) {
	t.Helper()
	suite.Embedded(t, registered(test))
}

func registered(test func(w *world)) func(w *world) {
	return func(w *world) {
		register(w, interop.Organization{ID: owner.Subject})
		test(w)
	}
}

// register is a call of an organization to a new process.
func register(w *world, o interop.Organization) {
	w.Helper()
	if err := tenant.NewRegistrar(w.Deps()).Register(w.TB.Context(), o); err != nil {
		w.Fatal(err)
	}
}

func nobody() string { return uuid.NewString() }

// made is the id of a new attribute; a certified one is of the caller.
func made(w *world, as *api.Identity, kind string) string {
	w.Helper()
	n := unique.Add(1)
	s := object{"name": fmt.Sprintf("Attribute %d", n), "description": "What it is for"}
	if kind == "certified" {
		s["code"] = fmt.Sprint(n)
	}
	return w.Want(w.As(as, "POST", "/"+kind+"Attributes", interoptest.JSON(s)), 201).Text("id")
}

func named(id string) string { return `{"id":"` + id + `"}` }

func assign(w *world, id string) apitest.Response {
	w.Helper()
	return w.As(certifier, "POST", home+"/certifiedAttributes", named(id))
}

func revoke(w *world, id string) apitest.Response {
	w.Helper()
	return w.As(certifier, "DELETE", home+"/certifiedAttributes/"+id, "")
}

func declare(w *world, id string) apitest.Response {
	w.Helper()
	return w.As(owner, "POST", home+"/declaredAttributes", named(id))
}

func undeclare(w *world, id string) apitest.Response {
	w.Helper()
	return w.As(owner, "DELETE", home+"/declaredAttributes/"+id, "")
}

// owned is what the owner owns.
func owned(w *world) tenant.Owned {
	w.Helper()
	o, err := tenant.Load(w.TB.Context(), w.DB, owner.Subject)
	if err != nil {
		w.Fatal(err)
	}
	return o
}

// write carries a transaction out.
func write(w *world, steps []table.Step) {
	w.Helper()
	if err := w.DB.Write(w.TB.Context(), steps...); err != nil {
		w.Fatal(err)
	}
}

// verify lets a verifier vouch for an attribute of the owner, for as long.
func verify(w *world, id, verifier string, during time.Duration) tenant.VerifiedView {
	w.Helper()
	expires := ""
	if during != 0 {
		expires = table.Stamp(w.Clock.Now().Add(during))
	}
	steps, view := owned(w).VerificationSteps(id, verifier, expires, now(w))
	write(w, steps)
	return view
}

// unverify takes a verification back.
func unverify(w *world, id, verifier string) tenant.VerifiedView {
	w.Helper()
	steps, view, err := owned(w).RevocationSteps(id, verifier, now(w))
	if err != nil {
		w.Fatal(err)
	}
	write(w, steps)
	return view
}

func now(w *world) string { return table.Stamp(w.Clock.Now()) }

// stored is everything that is stored about the owner, and what will expire.
func stored(w *world) any {
	w.Helper()
	return []any{w.Items("TENANT#" + owner.Subject), w.Items("EXPIRING")}
}

// version counts the changes of what the owner owns.
func version(w *world) int {
	w.Helper()
	n, _ := w.Items("TENANT#" + owner.Subject)["ATTRIBUTES"]["version"].(float64)
	return int(n)
}

// counted fails unless f makes so many changes of what the owner owns.
func counted(w *world, what string, changes int, f func()) {
	w.Helper()
	before, version0 := stored(w), version(w)
	f()
	if got := version(w) - version0; got != changes {
		w.Errorf("%s made %d changes, want %d", what, got, changes)
	}
	if diff := cmp.Diff(before, stored(w)); changes == 0 && diff != "" {
		w.Errorf("%s changed what is stored:\n%s", what, diff)
	}
}

// requests is a request for each operation.
func requests(w *world) map[string]interoptest.Request {
	w.Helper()
	assigned, free := made(w, certifier, "certified"), made(w, certifier, "certified")
	w.Want(assign(w, assigned), 200)
	declared := made(w, owner, "declared")
	w.Want(declare(w, declared), 200)
	verified := made(w, owner, "verified")
	verify(w, verified, reader.Subject, time.Hour)
	return w.Requests(map[string]interoptest.Request{
		"tenant/list":                       {As: reader, At: "/tenants?limit=2&offset=0"},
		"tenant/get":                        {As: reader, At: home},
		"tenant/list-certified-attributes":  {As: reader, At: home + "/certifiedAttributes?limit=3"},
		"tenant/list-declared-attributes":   {As: reader, At: home + "/declaredAttributes?limit=3"},
		"tenant/list-verified-attributes":   {As: reader, At: home + "/verifiedAttributes?limit=3"},
		"tenant/list-verifiers":             {As: reader, At: home + "/verifiedAttributes/" + verified + "/verifiers?limit=3"},
		"tenant/list-revokers":              {As: reader, At: home + "/verifiedAttributes/" + verified + "/revokers?limit=3"},
		"tenant/assign-certified-attribute": {As: certifier, At: home + "/certifiedAttributes", Body: named(free)},
		"tenant/revoke-certified-attribute": {As: certifier, At: home + "/certifiedAttributes/" + assigned},
		"tenant/declare-attribute":          {As: owner, At: home + "/declaredAttributes", Body: named(made(w, owner, "declared"))},
		"tenant/revoke-declared-attribute":  {As: owner, At: home + "/declaredAttributes/" + declared},
	})
}
