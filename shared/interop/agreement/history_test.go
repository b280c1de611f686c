package agreement_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
)

// rows returns a history as a caller reads it, each row as "<minutes> <action> <from>-<to>
// <side> <organization>: <reason>", and the pagination.
func (w *world) rows(as *api.Identity, path string) (all []string, pagination object) {
	w.Helper()
	res := w.OK(as, "GET", path, "")
	names := map[any]string{consumer.Subject: "consumer", producer.Subject: "producer", nil: "none"}
	for _, e := range interoptest.Results(res) {
		actor, _ := e["actor"].(object)
		at, err := time.Parse(time.RFC3339, fmt.Sprint(e["timestamp"]))
		if err != nil {
			w.Error(err)
		}
		row := fmt.Sprint(int(at.Sub(began).Minutes()), " ", e["action"], " ", e["from"], "-", e["to"], " ", actor["side"], " ",
			names[actor["organizationId"]])
		if reason, given := e["reason"]; given {
			row += fmt.Sprint(": ", reason)
		}
		all = append(all, strings.ReplaceAll(row, "<nil>", ""))
	}
	pagination, _ = res.Body["pagination"].(object)
	return all, pagination
}

// began is the time at which a world begins.
var began = time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)

// wantHistory checks the rows that a caller reads.
func (w *world) wantHistory(as *api.Identity, id string, want ...string) {
	w.Helper()
	if got, _ := w.rows(as, "/agreements/"+id+"/history"); !slices.Equal(got, want) {
		w.Errorf("the history is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestActors checks the actor, time and reason of every action.
func TestActors(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		later := func() { w.Clock.Advance(time.Minute) }
		o, required := w.offerRequiring("MANUAL", attribute.Declared, true)
		w.follow()
		id := w.createDraft(o)
		for _, step := range []struct {
			caller *api.Identity
			action string
		}{{consumer, "submit"}, {producer, "reject"}} {
			later()
			w.mustAct(step.caller, id, step.action)
		}
		later()
		clone := w.mustAct(consumer, id, "clone").Text("id")
		for _, step := range []struct {
			caller *api.Identity
			action string
		}{{consumer, "submit"}, {producer, "approve"}, {producer, "suspend"}, {consumer, "suspend"}, {consumer, "suspend"}, {
			producer,
			"unsuspend",
		}, {consumer, "unsuspend"}} {
			later()
			w.mustAct(step.caller, clone, step.action)
		}
		later()
		w.revoke(attribute.Declared, required, "")
		w.checkSettled()
		later()
		w.assign(attribute.Declared, required, "")
		w.checkSettled()
		w.newDescriptor(o, "MANUAL")
		later()
		next := w.mustAct(consumer, clone, "upgrade").Text("id")
		later()
		w.mustAct(consumer, next, "archive")
		w.checkSettled()
		for _, as := range []*api.Identity{consumer, producer, interoptest.Organization(producer.Subject, interop.RoleReader)} {
			w.wantHistory(as, id,
				"0 create -DRAFT CONSUMER consumer",
				"1 submit DRAFT-PENDING CONSUMER consumer",
				"2 reject PENDING-REJECTED PRODUCER producer: "+reason)
			w.wantHistory(as, clone,
				"3 clone -DRAFT CONSUMER consumer",
				"4 submit DRAFT-PENDING CONSUMER consumer",
				"5 approve PENDING-ACTIVE PRODUCER producer",
				"6 suspend ACTIVE-SUSPENDED PRODUCER producer",
				"7 suspend SUSPENDED-SUSPENDED CONSUMER consumer",
				"9 unsuspend SUSPENDED-SUSPENDED PRODUCER producer",
				"10 unsuspend SUSPENDED-ACTIVE CONSUMER consumer",
				"11 recompute ACTIVE-SUSPENDED PLATFORM none: The consumer lacks one declared attribute of "+required+".",
				"12 recompute SUSPENDED-ACTIVE PLATFORM none",
				"13 upgrade ACTIVE-ARCHIVED CONSUMER consumer")
			w.wantHistory(as, next, "13 upgrade -ACTIVE CONSUMER consumer", "14 archive ACTIVE-ARCHIVED CONSUMER consumer")
		}
	})
}

// TestReplacedHistory checks the history of an agreement that another one replaced.
func TestReplacedHistory(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		required := w.attribute(attribute.Declared)
		_, old := w.upgradable("AUTOMATIC", requirement{attribute.Declared, []string{required}})
		draft := w.mustAct(consumer, old, "upgrade").Text("id")
		w.assign(attribute.Declared, required, "")
		w.Clock.Advance(time.Minute)
		w.mustAct(consumer, draft, "submit")
		w.wantHistory(producer, draft, "0 upgrade -DRAFT CONSUMER consumer", "1 submit DRAFT-ACTIVE CONSUMER consumer")
		w.wantHistory(producer, old, "0 create -DRAFT CONSUMER consumer", "0 submit DRAFT-ACTIVE CONSUMER consumer",
			"1 replace ACTIVE-ARCHIVED PLATFORM none")
		w.checkSettled()
	})
}

// TestHistoryIsRead checks which callers can read a history, before and after the agreement
// is deleted.
func TestHistoryIsRead(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		readable := func(id string, by ...*api.Identity) {
			w.Helper()
			for _, as := range []*api.Identity{consumer, producer, stranger} {
				res := w.As(as, "GET", "/agreements/"+id+"/history", "")
				if slices.Contains(by, as) {
					w.Want(res, http.StatusOK)
				} else {
					w.Refused(res, interop.AgreementNotAllowed)
				}
			}
		}
		draft, pending := w.createDraft(w.newOffer("MANUAL")), w.pendingAgreement()
		readable(draft, consumer)
		readable(pending, consumer, producer)
		for _, id := range []string{draft, pending} {
			w.OK(consumer, "DELETE", "/agreements/"+id, "")
			w.Refused(w.As(consumer, "GET", "/agreements/"+id, ""), interop.AgreementNotFound)
		}
		readable(draft, consumer)
		readable(pending, consumer, producer)
		w.wantHistory(consumer, draft, "0 create -DRAFT CONSUMER consumer", "0 delete DRAFT- CONSUMER consumer")
		w.wantHistory(producer, pending, "0 create -DRAFT CONSUMER consumer", "0 submit DRAFT-PENDING CONSUMER consumer",
			"0 delete PENDING- CONSUMER consumer")
		w.Refused(w.As(consumer, "GET", "/agreements/"+stranger.Subject+"/history", ""), interop.AgreementNotFound)
		w.Refused(w.As(nil, "GET", "/agreements/"+draft+"/history", ""), interop.TokenNotValid)
		w.checkSettled()
	})
}

// TestHistoryPages reads a history of many changes by pages of every length.
func TestHistoryPages(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		id := w.pendingAgreement()
		w.mustAct(producer, id, "approve")
		for i := range 60 {
			w.Clock.Advance(time.Minute)
			w.mustAct(consumer, id, []string{"suspend", "unsuspend"}[i%2])
		}
		path := "/agreements/" + id + "/history"
		whole, _ := w.rows(consumer, path)
		rest, _ := w.rows(consumer, path+"?offset=50")
		if whole = append(whole, rest...); len(whole) != 63 || !strings.HasPrefix(whole[62], "60 unsuspend") || !strings.HasPrefix(whole[10],
			"8 unsuspend") {
			w.Fatalf("the history is %q", whole)
		}
		for _, limit := range []int{1, 7, 50} {
			var parts []string
			for offset := 0; offset < len(whole)+limit; offset += limit {
				part, pagination := w.rows(producer, fmt.Sprintf("%s?offset=%d&limit=%d", path, offset, limit))
				parts = append(parts, part...)
				interoptest.Equal(w.TB, "pagination", fmt.Sprint(pagination), fmt.Sprint(object{
					"offset": float64(offset), "limit": float64(limit),
					"totalCount": 63.0,
				}))
			}
			if !slices.Equal(parts, whole) {
				w.Errorf("pages of %d are %q", limit, parts)
			}
		}
	})
}
