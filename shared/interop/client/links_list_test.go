package client_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
)

// TestListOfLinks lists by e-service and by the state of any version, in the order of
// titles, without what is archived.
func TestListOfLinks(t *testing.T) {
	t.Parallel()
	linking.Each(t, func(w *world) {
		id := made(w, owner, nil)
		at := "/clients/" + id + "/purposes"
		first, _ := joined(w, owner)
		second, _ := joined(w, owner)
		all := map[string][]string{} // by what they are
		titled := func(o interoptest.Offer, title, state string) string {
			w.Helper()
			path := inState(w, owner, o, "ACTIVE")
			w.Want(linkTo(w, owner, id, idOf(path)), 200)
			switch state {
			case "SUSPENDED", "ARCHIVED":
				w.OK(owner, "POST", path+map[string]string{"SUSPENDED": "/suspend", "ARCHIVED": "/archive"}[state], "")
			case "WAITING_FOR_APPROVAL", "REJECTED":
				w.OK(owner, "POST", path+"/versions", `{"dailyCalls":2000}`)
			}
			if state == "REJECTED" {
				w.OK(producer, "POST", path+"/reject", `{"rejectionReason":"Too many calls a day"}`)
			}
			all[title] = append(all[title], idOf(path))
			return path
		}
		var mine []string // in the order they were made, which is that of titles
		for _, o := range []interoptest.Offer{first, second} {
			for _, state := range []string{"SUSPENDED", "ACTIVE", "WAITING_FOR_APPROVAL", "REJECTED", "ARCHIVED"} {
				path := titled(o, state, state)
				if state != "ARCHIVED" {
					mine = append(mine, idOf(path))
				}
			}
		}
		w.Pages(home, at, "id", mine)
		on := func(o ...interoptest.Offer) string {
			var ids []string
			for _, one := range o {
				ids = append(ids, one.ID)
			}
			return "eserviceIds=" + strings.Join(ids, ",")
		}
		for query, want := range map[string][]string{
			on(first): mine[:4], on(second): mine[4:], on(first, second): mine, "eserviceIds=" + nobody(): nil,
			"states=SUSPENDED": all["SUSPENDED"], "states=ARCHIVED": nil, "states=DRAFT": nil,
			"states=ACTIVE":                             {mine[1], mine[2], mine[3], mine[5], mine[6], mine[7]},
			"states=WAITING_FOR_APPROVAL":               all["WAITING_FOR_APPROVAL"],
			"states=REJECTED":                           all["REJECTED"],
			"states=SUSPENDED,ARCHIVED,REJECTED":        {mine[0], mine[3], mine[4], mine[7]},
			"states=WAITING_FOR_APPROVAL&" + on(second): {mine[6]},
			"states=SUSPENDED,REJECTED&" + on(first):    {mine[0], mine[3]},
			"states=ARCHIVED&" + on(first, second):      nil,
			"states=SUSPENDED&eserviceIds=" + id:        nil,
		} {
			w.Pages(home, at+"?"+query, "id", want)
		}
		w.BadPages(home, at)
		for _, query := range []string{"states=x", "states=active", "eserviceIds=x", "eserviceIds=" + strings.Repeat(first.ID+",", 50) +
			first.ID} {
			w.Refused(w.As(home, "GET", at+"?"+query, ""), interop.BadRequest)
		}
	})
}

// TestManyLinks lists more purposes than one read has, after keys and beside others'.
func TestManyLinks(t *testing.T) {
	t.Parallel()
	linking.Embedded(t, func(w *world) {
		o := w.PublishEService(producer, interoptest.Descriptor{PerConsumer: 1000, Total: 1000})
		w.SubmitAgreement(owner, o)
		id, beside := made(w, owner, nil), made(w, owner, nil)
		keyed(w, owner, id)
		var ids []string
		for range 101 {
			ids = append(ids, idOf(inState(w, owner, o, "ACTIVE")))
			w.Want(linkTo(w, owner, id, ids[len(ids)-1]), 200)
		}
		w.Want(linkTo(w, owner, beside, ids[3]), 200)
		var all []string
		for offset := 0; offset < len(ids); offset += 50 {
			all = append(all, interoptest.Members(w.As(home, "GET", fmt.Sprint("/clients/", id, "/purposes?offset=", offset), ""), "id")...)
		}
		if diff := cmp.Diff(ids, all); diff != "" {
			t.Errorf("listed (-want +got):\n%s", diff)
		}
		w.Want(remove(w, owner, id), 200)
		audit(w, id)
		if got := linked(w, beside); !slices.Equal(got, ids[3:4]) {
			t.Errorf("of the other client there is %v", got)
		}
		w.Refused(linkTo(w, owner, id, ids[0]), interop.ClientNotFound)
	})
}
