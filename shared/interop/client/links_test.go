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

// linkSuite has the operations on clients and those that a purpose depends on.
var linkSuite = interoptest.New(eservice.Operations(), attribute.Operations(), tenant.Operations(), agreement.Operations(),
	purpose.Operations(), client.Operations())

var producer = interoptest.Admin(4)

// addPurpose links a client to a purpose.
func addPurpose(w *world, caller *api.Identity, id, purposeID string) apitest.Response {
	w.Helper()
	return w.As(caller, "POST", "/clients/"+id+"/purposes", interoptest.JSON(object{"purposeId": purposeID}))
}

// removePurpose unlinks a client from a purpose.
func removePurpose(w *world, caller *api.Identity, id, purposeID string) apitest.Response {
	w.Helper()
	return w.As(caller, "DELETE", "/clients/"+id+"/purposes/"+purposeID, "")
}

// linkedPurposes returns the ids of the purposes of a client, as its owner reads them.
func linkedPurposes(w *world, id string) []string {
	w.Helper()
	return interoptest.Members(w.Want(w.As(ownerReader, "GET", "/clients/"+id+"/purposes", ""), 200), "id")
}

// publishWithAgreement publishes an e-service with an active agreement of a consumer, and
// returns the path of the agreement.
func publishWithAgreement(w *world, caller *api.Identity) (o interoptest.Offer, path string) {
	w.Helper()
	o = w.PublishEService(producer, interoptest.Descriptor{PerConsumer: 100, Total: 1000})
	return o, w.SubmitAgreement(caller, o)
}

// purposeInState makes a purpose with a version in that state.
func purposeInState(w *world, caller *api.Identity, o interoptest.Offer, state string) string {
	w.Helper()
	calls := 1
	if state == "WAITING_FOR_APPROVAL" || state == "REJECTED" {
		calls = 101
	}
	path := w.DraftPurpose(caller, o, calls)
	if state != "DRAFT" {
		w.OK(caller, "POST", path+"/activate", "")
	}
	switch state {
	case "SUSPENDED":
		w.OK(producer, "POST", path+"/suspend", "")
	case "ARCHIVED":
		w.OK(caller, "POST", path+"/archive", "")
	case "REJECTED":
		w.OK(producer, "POST", path+"/reject", `{"rejectionReason":"Too many calls a day"}`)
	}
	return path
}

// linkCase is what decides whether a client may be linked to a purpose.
type linkCase struct {
	client, purpose  string // "own", "another's" or "none"
	linked           bool
	agreement, state string
}

// refusal returns the code of the refusal by the rules in their order (PDND,
// addClientPurpose), "200" when the link is allowed.
func (s linkCase) refusal() string {
	for _, rule := range []struct {
		broken bool
		code   problem.Code
	}{
		{s.client == "none", interop.ClientNotFound},
		{s.client == "another's", interop.NotTheClientOwner},
		{s.purpose == "none", interop.ClientPurposeNotFound},
		{s.purpose == "another's", interop.NotYourPurpose},
		{s.linked && s.state != "ARCHIVED", interop.PurposeAlreadyLinked}, // archiving a purpose ends its links
		{s.agreement == "ARCHIVED", interop.NoLiveAgreement},
		{s.state != "ACTIVE" && s.state != "SUSPENDED", interop.NoLivePurposeVersion},
	} {
		if rule.broken {
			return rule.code.Name
		}
	}
	return "200"
}

// linkCases returns all cases that are possible.
func linkCases() (all []linkCase) {
	states := []string{"ACTIVE", "SUSPENDED", "ARCHIVED", "DRAFT", "WAITING_FOR_APPROVAL", "REJECTED"}
	for _, clientOf := range []string{"own", "another's", "none"} {
		all = append(all, linkCase{clientOf, "none", false, "", ""})
		for _, purposeOf := range []string{"own", "another's"} {
			for _, joined := range []string{"ACTIVE", "SUSPENDED", "ARCHIVED"} {
				for i, state := range states {
					all = append(all, linkCase{clientOf, purposeOf, false, joined, state})
					if clientOf != "none" && clientOf == purposeOf && i < 3 {
						all = append(all, linkCase{clientOf, purposeOf, true, joined, state})
					}
				}
			}
		}
	}
	return all
}

// create sets up a case and returns its client and purpose.
func (s linkCase) create(w *world) (id, purposeID string) {
	w.Helper()
	callers := map[string]*api.Identity{"own": owner, "another's": other}
	id, purposeID = interoptest.UnknownID(), interoptest.UnknownID()
	if s.client != "none" {
		id = createClient(w, callers[s.client], nil)
	}
	if s.purpose == "none" {
		return id, purposeID
	}
	caller := callers[s.purpose]
	o, agreement := publishWithAgreement(w, caller)
	first := s.state
	if s.linked {
		first = "ACTIVE"
	}
	path := purposeInState(w, caller, o, first)
	purposeID = interoptest.LastID(path)
	if s.linked {
		w.Want(addPurpose(w, caller, id, purposeID), 200)
		switch s.state {
		case "SUSPENDED":
			w.OK(caller, "POST", path+"/suspend", "")
		case "ARCHIVED":
			w.OK(caller, "POST", path+"/archive", "")
		}
	}
	switch s.agreement {
	case "SUSPENDED":
		w.OK(producer, "POST", agreement+"/suspend", "")
	case "ARCHIVED":
		w.OK(caller, "POST", agreement+"/archive", "")
	}
	return id, purposeID
}

// TestLinkRules links a client to a purpose in every case: of several refusals the first in
// the order of the rules is answered.
func TestLinkRules(t *testing.T) {
	t.Parallel()
	linkSuite.Embedded(t, func(w *world) {
		answers := map[string]int{}
		for _, s := range linkCases() {
			id, purposeID := s.create(w)
			before := w.Items("CLIENT#" + id)
			res := addPurpose(w, owner, id, purposeID)
			got := interoptest.Answered(res)
			if answers[got]++; got != s.refusal() {
				t.Errorf("%+v is answered %s, want %s\n%s", s, got, s.refusal(), res.Raw)
			}
			if diff := cmp.Diff(before, w.Items("CLIENT#"+id)); (diff == "") == (got == "200") {
				t.Errorf("%+v is answered %s and changed what is stored (-before +now):\n%s", s, got, diff)
			}
			if got == "200" && !slices.Equal(linkedPurposes(w, id), []string{purposeID}) {
				t.Errorf("%+v: the linked purposes are %v", s, linkedPurposes(w, id))
			}
		}
		if len(answers) != 8 {
			t.Errorf("the answers are %v, want 8 kinds", answers)
		}
	})
}

// TestLinks links, lists and unlinks purposes, and checks what the refusals name.
func TestLinks(t *testing.T) {
	t.Parallel()
	linkSuite.Each(t, func(w *world) {
		o, agreement := publishWithAgreement(w, owner)
		path := purposeInState(w, owner, o, "ACTIVE")
		purposeID, id, second := interoptest.LastID(path), createClient(w, owner, nil), createClient(w, owner, nil)
		at, missing := "/clients/"+id+"/purposes", interoptest.UnknownID()
		w.Pages(ownerReader, at, "id", nil)
		for _, c := range []string{id, second} { // a client has many purposes, a purpose many clients
			if res := w.Want(addPurpose(w, owner, c, purposeID), 200); len(res.Body) != 0 {
				t.Errorf("linked: %s", res.Raw)
			}
		}
		if link := w.Items("CLIENT#" + id)["PURPOSE#"+purposeID]; link["linkedAt"] != "2026-11-21T10:00:00.000Z" ||
			link["purposeId"] != purposeID {
			t.Errorf("stored is %v", link)
		}
		list := w.As(ownerReader, "GET", at, "")
		interoptest.Equal(t, "listed", interoptest.Results(list), []object{w.As(ownerReader, "GET", path, "").Body})
		w.Refused(addPurpose(w, owner, id, purposeID), interop.PurposeAlreadyLinked, purposeID, id)
		w.Refused(addPurpose(w, owner, id, missing), interop.ClientPurposeNotFound, missing)
		w.Refused(addPurpose(w, other, id, purposeID), interop.NotTheClientOwner, id)
		w.Refused(addPurpose(w, other, createClient(w, other, nil), purposeID), interop.NotYourPurpose, purposeID, other.Subject)
		w.Refused(addPurpose(w, owner, missing, purposeID), interop.ClientNotFound, missing)
		for _, caller := range []*api.Identity{reader, producer} {
			w.Refused(w.As(caller, "GET", at, ""), interop.NotTheClientOwner, id)
		}
		w.Refused(w.As(ownerReader, "GET", "/clients/"+missing+"/purposes", ""), interop.ClientNotFound, missing)
		w.Refused(removePurpose(w, other, id, purposeID), interop.NotTheClientOwner, id)
		w.Refused(removePurpose(w, owner, missing, purposeID), interop.ClientNotFound, missing)
		for _, p := range []string{purposeID, purposeID, missing} { // unlinking what is not linked succeeds
			if res := w.Want(removePurpose(w, owner, id, p), 200); len(res.Body) != 0 {
				t.Errorf("unlinked: %s", res.Raw)
			}
		}
		if got := linkedPurposes(w, id); len(got) != 0 || !slices.Equal(linkedPurposes(w, second), []string{purposeID}) {
			t.Errorf("after unlinking the client has %v, the other client %v", got, linkedPurposes(w, second))
		}
		w.Want(addPurpose(w, owner, id, purposeID), 200)
		w.OK(owner, "POST", path+"/archive", "")
		if got := append(linkedPurposes(w, id), linkedPurposes(w, second)...); len(got) != 0 {
			t.Errorf("after archiving the purpose the clients have %v", got)
		}
		w.Refused(addPurpose(w, owner, id, interoptest.LastID(purposeInState(w, owner, o, "DRAFT"))), interop.NoLivePurposeVersion, "DRAFT")
		last := interoptest.LastID(purposeInState(w, owner, o, "ACTIVE"))
		w.OK(owner, "POST", agreement+"/archive", "")
		w.Refused(addPurpose(w, owner, id, last), interop.NoLiveAgreement, owner.Subject, o.ID)
		w.Want(removePurpose(w, owner, id, purposeID), 200)
	})
}

// linkRequests returns a request for each operation on links.
func linkRequests(w *world) map[string]interoptest.Request {
	w.Helper()
	o, _ := publishWithAgreement(w, owner)
	one := interoptest.LastID(purposeInState(w, owner, o, "ACTIVE"))
	two := interoptest.LastID(purposeInState(w, owner, o, "ACTIVE"))
	id := createClient(w, owner, nil)
	w.Want(addPurpose(w, owner, id, one), 200)
	at := "/clients/" + id + "/purposes"
	return w.Requests(map[string]interoptest.Request{
		"client/list-purposes":  {As: ownerReader, At: at + "?limit=3&states=ACTIVE"},
		"client/add-purpose":    {As: owner, At: at, Body: interoptest.JSON(object{"purposeId": two})},
		"client/remove-purpose": {As: owner, At: at + "/" + one},
	})
}

// TestLinkOperations checks roles, fields and declared codes of the operations on links.
func TestLinkOperations(t *testing.T) {
	t.Parallel()
	linkSuite.Embedded(t, func(w *world) {
		w.Succeed(linkRequests(w))
		w.Roles(func() map[string]interoptest.Request { return linkRequests(w) }, func() any {
			all := map[string]any{}
			for id := range listedIn(w, "CLIENTS") {
				all[id] = w.Items("CLIENT#" + id)
			}
			return all
		}, nil)
		free := interoptest.UnknownID()
		w.Accepts(linkRequests(w)["client/add-purpose"], func() object { return object{"purposeId": free} }, "purposeId",
			map[string]interoptest.Field{"purposeId": interoptest.ID(free)}, func(res apitest.Response, _, _ string) {
				w.Refused(res, interop.ClientPurposeNotFound, free)
			})
		w.DeclaredCodes(linkRequests(w), func(r interoptest.Request) []apitest.Response {
			id := strings.Split(r.At, "/")[2]
			answers := []apitest.Response{
				w.Send(r.By(interoptest.Organization(r.As.Subject, "admin"))), w.Send(r.Replace(id, interoptest.UnknownID())),
				w.Send(r.By(interoptest.Organization(interoptest.UnknownID(), r.As.Scopes...))), w.Send(r.Replace(id, "x")),
			}
			if r.ID == "client/add-purpose" {
				answers = append(answers, w.Send(r.Replace(id, createAPIClient(w, owner, nil))))
				for _, s := range linkCases() {
					if s.client == "own" && (s.agreement != "SUSPENDED") && s.refusal() != "200" && s.state != "REJECTED" {
						id, purposeID := s.create(w)
						answers = append(answers, addPurpose(w, owner, id, purposeID))
					}
				}
			}
			return answers
		})
	})
}
