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

// TestListOfLinks lists linked purposes by e-service and by the state of any version, in
// the order of titles, without archived purposes.
func TestListOfLinks(t *testing.T) {
	t.Parallel()
	linkSuite.Each(t, func(w *world) {
		id := createClient(w, owner, nil)
		at := "/clients/" + id + "/purposes"
		first, _ := publishWithAgreement(w, owner)
		second, _ := publishWithAgreement(w, owner)
		all := map[string][]string{} // ids by state
		titled := func(o interoptest.Offer, title, state string) string {
			w.Helper()
			path := purposeInState(w, owner, o, "ACTIVE")
			w.Want(addPurpose(w, owner, id, interoptest.LastID(path)), 200)
			switch state {
			case "SUSPENDED", "ARCHIVED":
				w.OK(owner, "POST", path+map[string]string{"SUSPENDED": "/suspend", "ARCHIVED": "/archive"}[state], "")
			case "WAITING_FOR_APPROVAL", "REJECTED":
				w.OK(owner, "POST", path+"/versions", `{"dailyCalls":2000}`)
			}
			if state == "REJECTED" {
				w.OK(producer, "POST", path+"/reject", `{"rejectionReason":"Too many calls a day"}`)
			}
			all[title] = append(all[title], interoptest.LastID(path))
			return path
		}
		var mine []string // in the order of creation, which is the order of titles
		for _, o := range []interoptest.Offer{first, second} {
			for _, state := range []string{"SUSPENDED", "ACTIVE", "WAITING_FOR_APPROVAL", "REJECTED", "ARCHIVED"} {
				path := titled(o, state, state)
				if state != "ARCHIVED" {
					mine = append(mine, interoptest.LastID(path))
				}
			}
		}
		w.Pages(ownerReader, at, "id", mine)
		on := func(o ...interoptest.Offer) string {
			var ids []string
			for _, one := range o {
				ids = append(ids, one.ID)
			}
			return "eserviceIds=" + strings.Join(ids, ",")
		}
		for query, want := range map[string][]string{
			on(first): mine[:4], on(second): mine[4:], on(first, second): mine, "eserviceIds=" + interoptest.UnknownID(): nil,
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
			w.Pages(ownerReader, at+"?"+query, "id", want)
		}
		w.BadPages(ownerReader, at)
		for _, query := range []string{"states=x", "states=active", "eserviceIds=x", "eserviceIds=" + strings.Repeat(first.ID+",", 50) +
			first.ID} {
			w.Refused(w.As(ownerReader, "GET", at+"?"+query, ""), interop.BadRequest)
		}
	})
}

// TestManyLinks lists more purposes than one read returns, of a client that also has a key,
// while another client has links, too.
func TestManyLinks(t *testing.T) {
	t.Parallel()
	linkSuite.Embedded(t, func(w *world) {
		o := w.PublishEService(producer, interoptest.Descriptor{PerConsumer: 1000, Total: 1000})
		w.SubmitAgreement(owner, o)
		id, otherClient := createClient(w, owner, nil), createClient(w, owner, nil)
		createKey(w, owner, id)
		var ids []string
		for range 101 {
			ids = append(ids, interoptest.LastID(purposeInState(w, owner, o, "ACTIVE")))
			w.Want(addPurpose(w, owner, id, ids[len(ids)-1]), 200)
		}
		w.Want(addPurpose(w, owner, otherClient, ids[3]), 200)
		var all []string
		for offset := 0; offset < len(ids); offset += 50 {
			all = append(all, interoptest.Members(w.As(ownerReader, "GET", fmt.Sprint("/clients/", id, "/purposes?offset=", offset), ""), "id")...)
		}
		if diff := cmp.Diff(ids, all); diff != "" {
			t.Errorf("listed (-want +got):\n%s", diff)
		}
		w.Want(deleteClient(w, owner, id), 200)
		checkConsistent(w, id)
		if got := linkedPurposes(w, otherClient); !slices.Equal(got, ids[3:4]) {
			t.Errorf("the other client has the purposes %v", got)
		}
		w.Refused(addPurpose(w, owner, id, ids[0]), interop.ClientNotFound)
	})
}
