package client_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/interop"
	"ciclo/shared/interop/agreement"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/interop/client"
	"ciclo/shared/interop/eservice"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/interop/purpose"
	"ciclo/shared/interop/tenant"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/testing/apitest"
)

// linking is the operations of what clients are linked to, with those of clients.
var linking = interoptest.New(eservice.Operations(), attribute.Operations(), tenant.Operations(), agreement.Operations(),
	purpose.Operations(), client.Operations())

var producer = interoptest.Organization("00000000-0000-4000-8000-000000000004", interop.RoleAdmin)

func idOf(path string) string { return path[strings.LastIndex(path, "/")+1:] }

// linkTo links a client to a purpose, unlinkFrom takes that back.
func linkTo(w *world, as *api.Identity, id, purposeID string) apitest.Response {
	w.Helper()
	return w.As(as, "POST", "/clients/"+id+"/purposes", interoptest.JSON(object{"purposeId": purposeID}))
}

func unlinkFrom(w *world, as *api.Identity, id, purposeID string) apitest.Response {
	w.Helper()
	return w.As(as, "DELETE", "/clients/"+id+"/purposes/"+purposeID, "")
}

// linked are the purposes of a client as its owner reads them.
func linked(w *world, id string) []string {
	w.Helper()
	return interoptest.Members(w.Want(w.As(home, "GET", "/clients/"+id+"/purposes", ""), 200), "id")
}

// joined is an offer with an agreement of an organization, and the agreement's path.
func joined(w *world, as *api.Identity) (o interoptest.Offer, path string) {
	w.Helper()
	o = w.PublishEService(producer, interoptest.Descriptor{PerConsumer: 100, Total: 1000})
	return o, w.SubmitAgreement(as, o)
}

// inState makes a purpose whose newest version that counts is in a state.
func inState(w *world, as *api.Identity, o interoptest.Offer, state string) string {
	w.Helper()
	calls := 1
	if state == "WAITING_FOR_APPROVAL" || state == "REJECTED" {
		calls = 101
	}
	path := w.DraftPurpose(as, o, calls)
	if state != "DRAFT" {
		w.OK(as, "POST", path+"/activate", "")
	}
	switch state {
	case "SUSPENDED":
		w.OK(producer, "POST", path+"/suspend", "")
	case "ARCHIVED":
		w.OK(as, "POST", path+"/archive", "")
	case "REJECTED":
		w.OK(producer, "POST", path+"/reject", `{"rejectionReason":"Too many calls a day"}`)
	}
	return path
}

// situation is all that decides whether a client may be linked to a purpose.
type situation struct {
	client, purpose  string // "own", "another's" or "none"
	linked           bool
	agreement, state string
}

// refusal is why not, by the rules in their order (PDND, addClientPurpose), "200"
// when it may be.
func (s situation) refusal() string {
	for _, rule := range []struct {
		broken bool
		code   problem.Code
	}{
		{s.client == "none", interop.ClientNotFound},
		{s.client == "another's", interop.NotTheClientOwner},
		{s.purpose == "none", interop.ClientPurposeNotFound},
		{s.purpose == "another's", interop.NotYourPurpose},
		{s.linked && s.state != "ARCHIVED", interop.PurposeAlreadyLinked}, // that of one that was archived is none
		{s.agreement == "ARCHIVED", interop.NoLiveAgreement},
		{s.state != "ACTIVE" && s.state != "SUSPENDED", interop.NoLivePurposeVersion},
	} {
		if rule.broken {
			return rule.code.Name
		}
	}
	return "200"
}

// situations are those that can be.
func situations() (all []situation) {
	states := []string{"ACTIVE", "SUSPENDED", "ARCHIVED", "DRAFT", "WAITING_FOR_APPROVAL", "REJECTED"}
	for _, of := range []string{"own", "another's", "none"} {
		all = append(all, situation{of, "none", false, "", ""})
		for _, whose := range []string{"own", "another's"} {
			for _, joined := range []string{"ACTIVE", "SUSPENDED", "ARCHIVED"} {
				for i, state := range states {
					all = append(all, situation{of, whose, false, joined, state})
					if of != "none" && of == whose && i < 3 {
						all = append(all, situation{of, whose, true, joined, state})
					}
				}
			}
		}
	}
	return all
}

// make makes a situation and returns its client and purpose.
func (s situation) make(w *world) (id, purposeID string) {
	w.Helper()
	who := map[string]*api.Identity{"own": owner, "another's": other}
	id, purposeID = nobody(), nobody()
	if s.client != "none" {
		id = made(w, who[s.client], nil)
	}
	if s.purpose == "none" {
		return id, purposeID
	}
	as := who[s.purpose]
	o, agreement := joined(w, as)
	first := s.state
	if s.linked {
		first = "ACTIVE"
	}
	path := inState(w, as, o, first)
	purposeID = idOf(path)
	if s.linked {
		w.Want(linkTo(w, as, id, purposeID), 200)
		switch s.state {
		case "SUSPENDED":
			w.OK(as, "POST", path+"/suspend", "")
		case "ARCHIVED":
			w.OK(as, "POST", path+"/archive", "")
		}
	}
	switch s.agreement {
	case "SUSPENDED":
		w.OK(producer, "POST", agreement+"/suspend", "")
	case "ARCHIVED":
		w.OK(as, "POST", agreement+"/archive", "")
	}
	return id, purposeID
}

// TestLinkRules: every refusal wins over all that come later, in every situation.
func TestLinkRules(t *testing.T) {
	t.Parallel()
	linking.Embedded(t, func(w *world) {
		came := map[string]int{}
		for _, s := range situations() {
			id, purposeID := s.make(w)
			before := w.Items("CLIENT#" + id)
			res := linkTo(w, owner, id, purposeID)
			got := interoptest.Answered(res)
			if came[got]++; got != s.refusal() {
				t.Errorf("%+v comes to %s, want %s\n%s", s, got, s.refusal(), res.Raw)
			}
			if diff := cmp.Diff(before, w.Items("CLIENT#"+id)); (diff == "") == (got == "200") {
				t.Errorf("%+v came to %s and changed:\n%s", s, got, diff)
			}
			if got == "200" && !slices.Equal(linked(w, id), []string{purposeID}) {
				t.Errorf("%+v: linked are %v", s, linked(w, id))
			}
		}
		if len(came) != 8 {
			t.Errorf("it came to %v", came)
		}
	})
}

// TestLinks links, lists and unlinks, and what refusals name.
func TestLinks(t *testing.T) {
	t.Parallel()
	linking.Each(t, func(w *world) {
		o, agreement := joined(w, owner)
		path := inState(w, owner, o, "ACTIVE")
		purposeID, id, second := idOf(path), made(w, owner, nil), made(w, owner, nil)
		at, missing := "/clients/"+id+"/purposes", nobody()
		w.Pages(home, at, "id", nil)
		for _, c := range []string{id, second} { // a client has many purposes, a purpose many clients
			if res := w.Want(linkTo(w, owner, c, purposeID), 200); len(res.Body) != 0 {
				t.Errorf("linked: %s", res.Raw)
			}
		}
		if link := w.Items("CLIENT#" + id)["PURPOSE#"+purposeID]; link["linkedAt"] != "2026-11-21T10:00:00.000Z" ||
			link["purposeId"] != purposeID {
			t.Errorf("stored is %v", link)
		}
		list := w.As(home, "GET", at, "")
		if diff := cmp.Diff([]object{w.As(home, "GET", path, "").Body}, interoptest.Results(list)); diff != "" {
			t.Errorf("listed, other than it is read (-want +got):\n%s", diff)
		}
		w.Refused(linkTo(w, owner, id, purposeID), interop.PurposeAlreadyLinked, purposeID, id)
		w.Refused(linkTo(w, owner, id, missing), interop.ClientPurposeNotFound, missing)
		w.Refused(linkTo(w, other, id, purposeID), interop.NotTheClientOwner, id)
		w.Refused(linkTo(w, other, made(w, other, nil), purposeID), interop.NotYourPurpose, purposeID, other.Subject)
		w.Refused(linkTo(w, owner, missing, purposeID), interop.ClientNotFound, missing)
		for _, as := range []*api.Identity{reader, producer} {
			w.Refused(w.As(as, "GET", at, ""), interop.NotTheClientOwner, id)
		}
		w.Refused(w.As(home, "GET", "/clients/"+missing+"/purposes", ""), interop.ClientNotFound, missing)
		w.Refused(unlinkFrom(w, other, id, purposeID), interop.NotTheClientOwner, id)
		w.Refused(unlinkFrom(w, owner, missing, purposeID), interop.ClientNotFound, missing)
		for _, p := range []string{purposeID, purposeID, missing} { // what is not linked is no error
			if res := w.Want(unlinkFrom(w, owner, id, p), 200); len(res.Body) != 0 {
				t.Errorf("unlinked: %s", res.Raw)
			}
		}
		if got := linked(w, id); len(got) != 0 || !slices.Equal(linked(w, second), []string{purposeID}) {
			t.Errorf("unlinked, yet %v, and of the other client %v", got, linked(w, second))
		}
		w.Want(linkTo(w, owner, id, purposeID), 200)
		w.OK(owner, "POST", path+"/archive", "")
		if got := append(linked(w, id), linked(w, second)...); len(got) != 0 {
			t.Errorf("archived, yet %v", got)
		}
		w.Refused(linkTo(w, owner, id, idOf(inState(w, owner, o, "DRAFT"))), interop.NoLivePurposeVersion, "DRAFT")
		last := idOf(inState(w, owner, o, "ACTIVE"))
		w.OK(owner, "POST", agreement+"/archive", "")
		w.Refused(linkTo(w, owner, id, last), interop.NoLiveAgreement, owner.Subject, o.ID)
		w.Want(unlinkFrom(w, owner, id, purposeID), 200)
	})
}

// linkRequests is a request for each operation on links.
func linkRequests(w *world) map[string]interoptest.Request {
	w.Helper()
	o, _ := joined(w, owner)
	one, two, id := idOf(inState(w, owner, o, "ACTIVE")), idOf(inState(w, owner, o, "ACTIVE")), made(w, owner, nil)
	w.Want(linkTo(w, owner, id, one), 200)
	at := "/clients/" + id + "/purposes"
	return w.Requests(map[string]interoptest.Request{
		"client/list-purposes":  {As: home, At: at + "?limit=3&states=ACTIVE"},
		"client/add-purpose":    {As: owner, At: at, Body: interoptest.JSON(object{"purposeId": two})},
		"client/remove-purpose": {As: owner, At: at + "/" + one},
	})
}

// TestLinkOperations: fields, roles and the refusals that are declared.
func TestLinkOperations(t *testing.T) {
	t.Parallel()
	linking.Embedded(t, func(w *world) {
		w.Succeed(linkRequests(w))
		w.Roles(func() map[string]interoptest.Request { return linkRequests(w) }, func() any {
			all := map[string]any{}
			for id := range w.Items("CLIENTS") {
				all[id] = w.Items("CLIENT#" + id)
			}
			return all
		}, nil)
		free := nobody()
		w.Accepts(linkRequests(w)["client/add-purpose"], func() object { return object{"purposeId": free} }, "purposeId",
			map[string]interoptest.Field{"purposeId": interoptest.ID(free)}, func(res apitest.Response, _, _ string) {
				w.Refused(res, interop.ClientPurposeNotFound, free)
			})
		w.DeclaredCodes(linkRequests(w), func(r interoptest.Request) []apitest.Response {
			id := strings.Split(r.At, "/")[2]
			answers := []apitest.Response{
				w.Send(r.By(interoptest.Organization(r.As.Subject, "admin"))), w.Send(r.Replace(id, nobody())),
				w.Send(r.By(interoptest.Organization(nobody(), r.As.Scopes...))), w.Send(r.Replace(id, "x")),
			}
			if r.ID == "client/add-purpose" {
				for _, s := range situations() {
					if s.client == "own" && (s.agreement != "SUSPENDED") && s.refusal() != "200" && s.state != "REJECTED" {
						id, purposeID := s.make(w)
						answers = append(answers, linkTo(w, owner, id, purposeID))
					}
				}
			}
			return answers
		})
	})
}
