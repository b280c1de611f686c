package purpose_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
)

// TestRoles calls every operation as everybody.
func TestRoles(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		all := w.requests()
		for id, r := range all {
			roles := []string{interop.RoleReader, interop.RoleAdmin, interop.RoleCertifier}
			if r.Method != "GET" || id == "purpose/remaining-daily-calls" { // as published
				roles = []string{interop.RoleAdmin}
			}
			if diff := cmp.Diff(roles, r.Scopes); diff != "" {
				t.Errorf("%s is for (-want +got):\n%s", id, diff)
			}
		}
		again := func() map[string]interoptest.Request {
			if w.As(consumer, "GET", all["purpose/delete"].At, "").Status != 200 { // all were answered
				all = w.requests()
			}
			return all
		}
		// Who has no role does not get as far as storage.
		w.Roles(again, func() any { return w.Tap.Seen() }, nil)
		w.consistent()
	})
}

// TestSuccess looks at the answers of every operation, on both engines.
func TestSuccess(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.Succeed(w.requests())
		w.consistent()
	})
}

// TestWhoReads reads purposes in each situation as everybody with each role that
// reads: either side, a draft the consumer alone.
func TestWhoReads(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for _, situation := range []string{"DRAFT", "WAITING", "A+W", "CP", "REJECTED", "R+W", "ARCHIVED"} {
			c := w.situated(consumer, situation)
			paths := []string{"", "/versions", "/history", "/agreement", "/remainingDailyCalls"}
			for _, id := range w.versionIDs(c) {
				paths = append(paths, "/versions/"+id)
			}
			for name, caller := range callers {
				sees := name == "consumer" || name == "producer" && situation != "DRAFT"
				for _, role := range []string{interop.RoleReader, interop.RoleAdmin, interop.RoleCertifier} {
					for _, part := range paths {
						res := w.As(interoptest.Organization(caller.Subject, role), "GET", c.path+part, "")
						switch {
						case part == "/remainingDailyCalls" && role != interop.RoleAdmin:
							w.Refused(res, interop.OperationForbidden)
						case !sees:
							w.Refused(res, interop.PurposeNotAllowed, caller.Subject, idOf(c.path))
						case strings.HasSuffix(part, w.versionIDs(c)["delUnknown"]) || res.Status == 404:
							w.Refused(res, interop.PurposeVersionNotFound)
						default:
							w.Want(res, 200)
						}
					}
				}
				listed := interoptest.Members(w.ok(caller, "GET", "/purposes", ""), "id")
				want(t, "listed to the "+name+" of what is "+situation, slices.Contains(listed, idOf(c.path)), sees)
			}
		}
	})
}

// TestNothingToRead names what there is not.
func TestNothingToRead(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		gone := w.situated(consumer, "DRAFT").path
		w.ok(consumer, "DELETE", gone, "")
		for _, path := range []string{gone, "/purposes/" + nobody()} {
			for _, part := range []string{"", "/versions", "/versions/" + nobody(), "/agreement", "/remainingDailyCalls"} {
				w.Refused(w.As(consumer, "GET", path+part, ""), interop.PurposeNotFound, idOf(path))
			}
		}
		w.Refused(w.As(consumer, "GET", "/purposes/"+nobody()+"/history", ""), interop.PurposeNotFound)
		want(t, "the history of what was deleted", interoptest.Total(w.ok(consumer, "GET", gone+"/history", "")), 2)
		w.Refused(w.As(producer, "GET", gone+"/history", ""), interop.PurposeNotAllowed)
		w.Refused(w.As(consumer, "GET", "/agreements/"+nobody()+"/purposes", ""), interop.AgreementNotFound)
		w.Refused(w.As(producer, "GET", "/eservices/"+nobody()+"/load", ""), interop.EServiceNotFound)
	})
}
