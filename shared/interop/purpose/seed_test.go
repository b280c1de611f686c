package purpose_test

import (
	"fmt"
	"testing"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
)

// The published guide to the lifecycle of purposes, paragraph by paragraph. What it
// says of vouchers and keys is not about purposes alone.

// TestGuideCreating is "Creating a draft and submitting".
func TestGuideCreating(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.offers(25, 50)
		w.part("new purposes for all e-services with an active service request", func(w *world) {
			refused := func(what string) {
				w.Helper()
				w.Refused(w.As(consumer, "POST", "/purposes", interoptest.JSON(seed(o, 5))), interop.PurposeWithoutAgreement, o.id)
				want(w.TB, "purposes "+what, interoptest.Total(w.ok(consumer, "GET", "/purposes", "")), 0)
			}
			refused("without a request")
			at := "/agreements/" + w.ok(consumer, "POST", "/agreements", fmt.Sprintf(`{"eserviceId":%q,"descriptorId":%q}`, o.id, o.descriptor)).Text("id")
			refused("with a draft of one")
			w.ok(consumer, "POST", at+"/submit", "{}")
			w.ok(consumer, "POST", at+"/suspend", "")
			refused("with one suspended")
			w.ok(consumer, "POST", at+"/unsuspend", "")
			one, another := w.drafts(consumer, o, 5), w.drafts(consumer, o, 5)
			w.is(consumer, one, "DRAFT 5")
			w.is(consumer, another, "DRAFT 5")
		})
		w.part("below both thresholds it is automatically activated", func(w *world) {
			w.is(consumer, w.submits(consumer, o, 10), "ACTIVE 10")
		})
		w.part("in draft indefinitely", func(w *world) {
			path := w.drafts(consumer, o, 5)
			before := w.everything()
			w.Clock.Advance(100 * 365 * 24 * time.Hour)
			w.is(consumer, path, "DRAFT 5")
			w.unchanged("a century", before)
			w.does(consumer, path, "activate")
			w.is(consumer, path, "ACTIVE 5")
		})
		w.part("automatically until the thresholds are reached", func(w *world) {
			w.is(consumer, w.submits(consumer, o, 10), "ACTIVE 10")
			over := w.submits(consumer, o, 1)
			w.is(consumer, over, "WAITING_FOR_APPROVAL 1")
			w.because(consumer, over, why{1, 25, 25, 25, 50, "CONSUMER"})
		})
		w.part("above, the producer activates and says when to expect it", func(w *world) {
			path := w.submits(consumer, o, 30)
			day := w.Clock.Now().UTC().AddDate(0, 1, 0).Format(time.DateOnly)
			w.ok(producer, "PUT", path+"/expectedActivationDate", fmt.Sprintf(`{"date":%q}`, day))
			v, _ := w.ok(consumer, "GET", path, "").Body["waitingForApprovalVersion"].(object)
			want(w.TB, "what the consumer plans with", v["expectedActivationDate"], any(day))
			w.does(producer, path, "approve")
			w.is(consumer, path, "ACTIVE 30")
		})
	})
}

// TestGuideUpdating is "Updating the load estimate".
func TestGuideUpdating(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		path := w.runs(consumer, w.open(25, 50), 5)
		w.part("at any time", func(w *world) {
			for i, calls := range []int{25, 1, 24, 20} {
				w.after(path, calls, fmt.Sprint("ACTIVE ", calls))
				want(w.TB, "versions", interoptest.Total(w.ok(consumer, "GET", path+"/versions", "")), i+2)
			}
		})
		w.part("above a threshold not applied before the approval", func(w *world) {
			w.after(path, 26, "ACTIVE 20, WAITING_FOR_APPROVAL 26")
			w.left(consumer, path, 5, 30)
			w.does(producer, path, "approve")
			w.is(consumer, path, "ACTIVE 26")
			w.left(consumer, path, 0, 24)
		})
	})
}

// TestGuideAboveThreshold is "Approval or rejection above threshold".
func TestGuideAboveThreshold(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.open(25, 50)
		first := func() string { return w.submits(consumer, o, 26) }
		update := func() string {
			path := w.runs(consumer, o, 1)
			w.estimates(consumer, path, 70)
			return path
		}
		for what, request := range map[string]func() string{"new purpose": first, "update": update} {
			w.part("the producer activates a "+what, func(w *world) {
				path := request()
				w.does(producer, path, "approve")
				now, _ := w.ok(consumer, "GET", path, "").Body["currentVersion"].(object)
				want(w.TB, "the version in use", now["state"], any("ACTIVE"))
				w.does(consumer, path, "archive")
			})
			w.part("or rejects a "+what+" for a reason that is visible", func(w *world) {
				path := request()
				w.does(producer, path, "reject")
				for _, who := range []*api.Identity{consumer, producer} {
					p := w.ok(who, "GET", path, "").Body
					v, _ := p["rejectedVersion"].(object)
					want(w.TB, "the reason", v["rejectionReason"], any(reason))
					want(w.TB, "what waits", p["waitingForApprovalVersion"], nil)
				}
				w.part("then another purpose", func(w *world) { w.is(consumer, w.submits(consumer, o, 1), "ACTIVE 1") })
				w.part("or another estimate", func(w *world) { w.after(path, 2, "ACTIVE 2") })
			})
		}
		w.consistent()
	})
}

// TestGuideSuspending is "Suspending or reactivating a purpose".
func TestGuideSuspending(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.open(25, 50)
		w.part("independently, and whoever suspended reactivates", func(w *world) {
			path := w.runs(consumer, o, 5)
			w.does(consumer, path, "suspend")
			w.is(consumer, path, "SUSPENDED 5 by Consumer")
			w.does(producer, path, "unsuspend")
			w.is(consumer, path, "SUSPENDED 5 by Consumer")
			w.does(consumer, path, "unsuspend")
			w.is(consumer, path, "ACTIVE 5")
			w.does(producer, path, "suspend")
			w.Refused(w.try(consumer, path, "unsuspend"), interop.PurposeNotAllowed)
			w.is(consumer, path, "SUSPENDED 5 by Producer")
			w.does(producer, path, "unsuspend")
			w.is(consumer, path, "ACTIVE 5")
		})
		for i, order := range [][]*api.Identity{{consumer, producer}, {producer, consumer}} {
			w.part(fmt.Sprint("both suspend, both reactivate ", i), func(w *world) {
				path := w.runs(consumer, o, 5)
				w.does(order[0], path, "suspend")
				w.does(order[1], path, "suspend")
				w.is(consumer, path, "SUSPENDED 5 by Consumer by Producer")
				w.does(order[0], path, "unsuspend")
				w.is(consumer, path, "SUSPENDED 5 by "+[]string{"Producer", "Consumer"}[i])
				w.does(order[1], path, "unsuspend")
				w.is(consumer, path, "ACTIVE 5")
			})
		}
	})
}

// TestGuideArchiving is "Archiving a purpose".
func TestGuideArchiving(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.open(25, 50)
		same := seed(o, 20)
		create := func() string {
			w.Helper()
			path := "/purposes/" + w.ok(consumer, "POST", "/purposes", interoptest.JSON(same)).Text("id")
			w.does(consumer, path, "activate")
			return path
		}
		path := create()
		w.left(consumer, path, 5, 30)
		w.does(consumer, path, "archive")
		w.part("irreversible", func(w *world) {
			before := w.everything()
			for _, who := range []*api.Identity{consumer, producer} {
				for _, action := range []string{"activate", "approve", "reject", "suspend", "unsuspend", "archive"} {
					if res := w.try(who, path, action); res.Status < 400 || res.Status >= 500 {
						w.Errorf("%s = %d %s", action, res.Status, res.Raw)
					}
				}
			}
			w.Refused(w.As(consumer, "POST", path+"/versions", `{"dailyCalls":1}`), interop.PurposeNotUpdatable)
			w.Refused(w.As(consumer, "DELETE", path, ""), interop.PurposeNotDeletable)
			w.unchanged("what is refused", before)
			w.is(consumer, path, "ARCHIVED 20")
		})
		w.part("its load is free for other purposes within the threshold", func(w *world) {
			w.left(consumer, path, 25, 50)
			w.part("even with the same characteristics", func(w *world) { w.is(consumer, create(), "ACTIVE 20") })
			w.is(consumer, w.submits(consumer, o, 5), "ACTIVE 5")
			w.is(consumer, w.submits(consumer, o, 1), "WAITING_FOR_APPROVAL 1")
		})
		w.consistent()
	})
}

// TestGuideStates is the table "States": what each state allows.
func TestGuideStates(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.open(25, 1000)
		w.part("draft: submitted or deleted by the consumer; not known to the producer", func(w *world) {
			path := w.drafts(consumer, o, 5)
			w.Refused(w.As(producer, "GET", path, ""), interop.PurposeNotAllowed)
			want(w.TB, "listed for the producer", interoptest.Total(w.ok(producer, "GET", "/purposes", "")), 0)
			w.ok(consumer, "DELETE", path, "")
			w.Refused(w.As(consumer, "GET", path, ""), interop.PurposeNotFound)
		})
		w.part("active: automatic below, manual above", func(w *world) {
			below, above := w.submits(consumer, o, 5), w.submits(consumer, o, 30)
			w.is(consumer, below, "ACTIVE 5")
			w.is(consumer, above, "WAITING_FOR_APPROVAL 30")
			w.Refused(w.try(consumer, above, "approve"), interop.NotThePurposeProducer)
			w.does(producer, above, "approve")
			w.is(consumer, above, "ACTIVE 30")
		})
		w.part("waiting for approval: a purpose or an update", func(w *world) {
			path := w.runs(consumer, o, 1)
			w.after(path, 40, "ACTIVE 1, WAITING_FOR_APPROVAL 40")
			w.Refused(w.try(consumer, path, "activate"), interop.NoPurposeVersionInState)
		})
		w.part("rejected: the reason is there, and it is submitted again", func(w *world) {
			path := w.submits(consumer, o, 500)
			w.does(producer, path, "reject")
			w.is(consumer, path, "REJECTED 500")
			w.after(path, 501, "WAITING_FOR_APPROVAL 501")
			w.does(producer, path, "approve")
			w.is(consumer, path, "ACTIVE 501")
		})
		w.part("archived: new purposes with similar content", func(w *world) {
			path := w.runs(consumer, o, 1)
			title := w.ok(consumer, "GET", path, "").Text("title")
			w.does(consumer, path, "archive")
			similar := seed(o, 1)
			similar["title"] = title
			w.ok(consumer, "POST", "/purposes", interoptest.JSON(similar))
		})
		w.consistent()
	})
}
