package purpose_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
)

// TestRoles calls every operation with every kind of credential.
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
		// A caller without the role causes no call to the storage.
		w.Roles(again, func() any { return w.Tap.Seen() }, nil)
		w.checkConsistent()
	})
}

// TestSuccess looks at the answers of every operation, on both engines.
func TestSuccess(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.Succeed(w.requests())
		w.checkConsistent()
	})
}

// checkReads reads all paths below a purpose as a caller that may see it or not.
func (w *world) checkReads(c cell, caller *api.Identity, paths []string, sees bool) {
	w.Helper()
	for _, part := range paths {
		res := w.As(caller, "GET", c.path+part, "")
		switch {
		case part == "/remainingDailyCalls" && !caller.HasScope(interop.RoleAdmin):
			w.Refused(res, interop.OperationForbidden)
		case !sees:
			w.Refused(res, interop.PurposeNotAllowed, caller.Subject, interoptest.LastID(c.path))
		case res.Status == 404:
			w.Refused(res, interop.PurposeVersionNotFound)
		default:
			w.Want(res, 200)
		}
	}
}

// TestWhoReads reads purposes in each setup as everybody with each role that
// reads: either side, a draft the consumer alone.
func TestWhoReads(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for _, setup := range []string{"DRAFT", "WAITING", "A+W", "CP", "REJECTED", "R+W", "ARCHIVED"} {
			c := w.setUp(consumer, setup)
			paths := []string{"", "/versions", "/history", "/agreement", "/remainingDailyCalls"}
			for _, id := range w.versionIDs(c) {
				paths = append(paths, "/versions/"+id)
			}
			for name, caller := range callers {
				sees := name == "consumer" || name == "producer" && setup != "DRAFT"
				for _, role := range []string{interop.RoleReader, interop.RoleAdmin, interop.RoleCertifier} {
					w.checkReads(c, interoptest.Organization(caller.Subject, role), paths, sees)
				}
				listed := interoptest.Members(w.OK(caller, "GET", "/purposes", ""), "id")
				interoptest.Equal(t, "listed to the "+name+" of what is "+setup, slices.Contains(listed, interoptest.LastID(c.path)), sees)
			}
		}
	})
}

// TestNothingToRead names what there is not.
func TestNothingToRead(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		gone := w.setUp(consumer, "DRAFT").path
		w.OK(consumer, "DELETE", gone, "")
		for _, path := range []string{gone, "/purposes/" + interoptest.UnknownID()} {
			for _, part := range []string{"", "/versions", "/versions/" + interoptest.UnknownID(), "/agreement", "/remainingDailyCalls"} {
				w.Refused(w.As(consumer, "GET", path+part, ""), interop.PurposeNotFound, interoptest.LastID(path))
			}
		}
		w.Refused(w.As(consumer, "GET", "/purposes/"+interoptest.UnknownID()+"/history", ""), interop.PurposeNotFound)
		interoptest.Equal(t, "the history of what was deleted", interoptest.Total(w.OK(consumer, "GET", gone+"/history", "")), 2)
		w.Refused(w.As(producer, "GET", gone+"/history", ""), interop.PurposeNotAllowed)
		w.Refused(w.As(consumer, "GET", "/agreements/"+interoptest.UnknownID()+"/purposes", ""), interop.AgreementNotFound)
		w.Refused(w.As(producer, "GET", "/eservices/"+interoptest.UnknownID()+"/load", ""), interop.EServiceNotFound)
	})
}
