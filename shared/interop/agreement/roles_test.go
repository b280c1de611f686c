package agreement_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
)

// TestRoleMatrix calls every operation with every kind of credential. Every role reads; only
// an admin writes.
func TestRoleMatrix(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for id, r := range w.requests() {
			roles := []string{interop.RoleAdmin}
			if r.Method == "GET" {
				roles = []string{interop.RoleReader, interop.RoleAdmin, interop.RoleCertifier}
			}
			slices.Sort(roles)
			interoptest.Equal(t, "roles of "+id, slices.Sorted(slices.Values(r.Scopes)), roles)
		}
		w.Roles(w.requests, func() any { return w.everything() }, nil)
		w.checkConsistent()
	})
}

// TestReaders reads agreements in each situation, and their histories, as every caller with
// each role. Both parties can read an agreement; only the consumer can read a draft.
func TestReaders(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for _, situation := range []string{"DRAFT", "PENDING", "ACTIVE", "CPA", "MISSING", "REJECTED", "ARCHIVED"} {
			path := "/agreements/" + w.agreementIn(consumer, situation).id
			for name, caller := range callers {
				for _, role := range []string{interop.RoleReader, interop.RoleAdmin, interop.RoleCertifier} {
					for _, part := range []string{"", "/history"} {
						res := w.As(interoptest.Organization(caller.Subject, role), "GET", path+part, "")
						if name == "consumer" || name == "producer" && situation != "DRAFT" {
							w.Want(res, 200)
						} else {
							w.Refused(res, interop.AgreementNotAllowed)
						}
					}
				}
			}
		}
		own := "/agreements/" + w.agreementIn(producer, "DRAFT").id
		w.Want(w.As(producer, "GET", own, ""), 200)
		w.Refused(w.As(consumer, "GET", own, ""), interop.AgreementNotAllowed)
		for _, part := range []string{"", "/history"} {
			w.Refused(w.As(consumer, "GET", "/agreements/"+uuid.NewString()+part, ""), interop.AgreementNotFound)
		}
	})
}

// TestOrderOfRefusals sends requests with two errors: an id that is not a UUID or not known,
// and a caller without a token or a role. [interoptest.World.Roles] does it with other
// malformed requests.
func TestOrderOfRefusals(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		requests := w.requests()
		before := w.everything()
		for _, r := range requests {
			if !isNamed(r) {
				continue
			}
			withoutRole := interoptest.Organization(r.As.Subject, "admin")
			malformed := withID(r, "x")
			w.Refused(w.Send(malformed.By(nil)), interop.TokenNotValid)
			w.Refused(w.Send(malformed.By(withoutRole)), interop.BadRequest)
			w.Refused(w.Send(malformed), interop.BadRequest)
			unknown := withID(r, uuid.NewString())
			w.Refused(w.Send(unknown.By(withoutRole)), interop.OperationForbidden)
			w.Refused(w.Send(unknown), interop.AgreementNotFound)
		}
		w.wantUnchanged(before)
	})
}
