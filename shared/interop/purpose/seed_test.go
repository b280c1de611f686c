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
		o := w.publish(25, 50)
		w.part("new purposes for all e-services with an active service request", func(w *world) {
			refused := func(what string) {
				w.Helper()
				w.Refused(w.As(consumer, "POST", "/purposes", interoptest.JSON(interoptest.PurposeSeed(o, 5))), interop.PurposeWithoutAgreement, o.ID)
				interoptest.Equal(w.TB, "purposes "+what, interoptest.Total(w.OK(consumer, "GET", "/purposes", "")), 0)
			}
			refused("without a request")
			at := "/agreements/" + w.OK(consumer, "POST", "/agreements",
				fmt.Sprintf(`{"eserviceId":%q,"descriptorId":%q}`, o.ID, o.Descriptor)).Text("id")
			refused("with a draft of one")
			w.OK(consumer, "POST", at+"/submit", "{}")
			w.OK(consumer, "POST", at+"/suspend", "")
			refused("with one suspended")
			w.OK(consumer, "POST", at+"/unsuspend", "")
			one := w.DraftPurpose(consumer, o, 5)
			another := w.DraftPurpose(consumer, o, 5)
			w.checkState(consumer, one, "DRAFT 5")
			w.checkState(consumer, another, "DRAFT 5")
		})
		w.part("below both thresholds it is automatically activated", func(w *world) {
			w.checkState(consumer, w.ActivatePurpose(consumer, o, 10), "ACTIVE 10")
		})
		w.part("in draft indefinitely", func(w *world) {
			path := w.DraftPurpose(consumer, o, 5)
			before := w.stored()
			w.Clock.Advance(100 * 365 * 24 * time.Hour)
			w.checkState(consumer, path, "DRAFT 5")
			w.Unchanged("a century", before, w.stored())
			w.act(consumer, path, "activate")
			w.checkState(consumer, path, "ACTIVE 5")
		})
		w.part("automatically until the thresholds are reached", func(w *world) {
			w.checkState(consumer, w.ActivatePurpose(consumer, o, 10), "ACTIVE 10")
			over := w.ActivatePurpose(consumer, o, 1)
			w.checkState(consumer, over, "WAITING_FOR_APPROVAL 1")
			w.checkReason(consumer, over, why{1, 25, 25, 25, 50, "CONSUMER"})
		})
		w.part("above, the producer activates and says when to expect it", func(w *world) {
			path := w.ActivatePurpose(consumer, o, 30)
			day := w.Clock.Now().UTC().AddDate(0, 1, 0).Format(time.DateOnly)
			w.OK(producer, "PUT", path+"/expectedActivationDate", fmt.Sprintf(`{"date":%q}`, day))
			v, _ := w.OK(consumer, "GET", path, "").Body["waitingForApprovalVersion"].(object)
			interoptest.Equal(w.TB, "what the consumer plans with", v["expectedActivationDate"], any(day))
			w.act(producer, path, "approve")
			w.checkState(consumer, path, "ACTIVE 30")
		})
	})
}

// TestGuideUpdating is "Updating the load estimate".
func TestGuideUpdating(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		path := w.activePurpose(consumer, w.publishToBoth(25, 50), 5)
		w.part("at any time", func(w *world) {
			for i, calls := range []int{25, 1, 24, 20} {
				w.checkNewVersion(path, calls, fmt.Sprint("ACTIVE ", calls))
				interoptest.Equal(w.TB, "versions", interoptest.Total(w.OK(consumer, "GET", path+"/versions", "")), i+2)
			}
		})
		w.part("above a threshold not applied before the approval", func(w *world) {
			w.checkNewVersion(path, 26, "ACTIVE 20, WAITING_FOR_APPROVAL 26")
			w.checkRemaining(consumer, path, 5, 30)
			w.act(producer, path, "approve")
			w.checkState(consumer, path, "ACTIVE 26")
			w.checkRemaining(consumer, path, 0, 24)
		})
	})
}

// TestGuideAboveThreshold is "Approval or rejection above threshold".
func TestGuideAboveThreshold(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.publishToBoth(25, 50)
		first := func() string { return w.ActivatePurpose(consumer, o, 26) }
		update := func() string {
			path := w.activePurpose(consumer, o, 1)
			w.createVersion(consumer, path, 70)
			return path
		}
		for what, request := range map[string]func() string{"new purpose": first, "update": update} {
			w.part("the producer activates a "+what, func(w *world) {
				path := request()
				w.act(producer, path, "approve")
				now, _ := w.OK(consumer, "GET", path, "").Body["currentVersion"].(object)
				interoptest.Equal(w.TB, "the version in use", now["state"], any("ACTIVE"))
				w.act(consumer, path, "archive")
			})
			w.part("or rejects a "+what+" for a reason that is visible", func(w *world) {
				path := request()
				w.act(producer, path, "reject")
				for _, caller := range []*api.Identity{consumer, producer} {
					p := w.OK(caller, "GET", path, "").Body
					v, _ := p["rejectedVersion"].(object)
					interoptest.Equal(w.TB, "the reason", v["rejectionReason"], any(reason))
					interoptest.Equal(w.TB, "what waits", p["waitingForApprovalVersion"], nil)
				}
				w.part("then another purpose", func(w *world) { w.checkState(consumer, w.ActivatePurpose(consumer, o, 1), "ACTIVE 1") })
				w.part("or another estimate", func(w *world) { w.checkNewVersion(path, 2, "ACTIVE 2") })
			})
		}
		w.checkConsistent()
	})
}

// TestGuideSuspending is "Suspending or reactivating a purpose".
func TestGuideSuspending(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.publishToBoth(25, 50)
		w.part("independently, and whoever suspended reactivates", func(w *world) {
			path := w.activePurpose(consumer, o, 5)
			w.act(consumer, path, "suspend")
			w.checkState(consumer, path, "SUSPENDED 5 by Consumer")
			w.act(producer, path, "unsuspend")
			w.checkState(consumer, path, "SUSPENDED 5 by Consumer")
			w.act(consumer, path, "unsuspend")
			w.checkState(consumer, path, "ACTIVE 5")
			w.act(producer, path, "suspend")
			w.Refused(w.tryAct(consumer, path, "unsuspend"), interop.PurposeNotAllowed)
			w.checkState(consumer, path, "SUSPENDED 5 by Producer")
			w.act(producer, path, "unsuspend")
			w.checkState(consumer, path, "ACTIVE 5")
		})
		for i, order := range [][]*api.Identity{{consumer, producer}, {producer, consumer}} {
			w.part(fmt.Sprint("both suspend, both reactivate ", i), func(w *world) {
				path := w.activePurpose(consumer, o, 5)
				w.act(order[0], path, "suspend")
				w.act(order[1], path, "suspend")
				w.checkState(consumer, path, "SUSPENDED 5 by Consumer by Producer")
				w.act(order[0], path, "unsuspend")
				w.checkState(consumer, path, "SUSPENDED 5 by "+[]string{"Producer", "Consumer"}[i])
				w.act(order[1], path, "unsuspend")
				w.checkState(consumer, path, "ACTIVE 5")
			})
		}
	})
}

// TestGuideArchiving is "Archiving a purpose".
func TestGuideArchiving(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.publishToBoth(25, 50)
		same := interoptest.PurposeSeed(o, 20)
		create := func() string {
			w.Helper()
			path := "/purposes/" + w.OK(consumer, "POST", "/purposes", interoptest.JSON(same)).Text("id")
			w.act(consumer, path, "activate")
			return path
		}
		path := create()
		w.checkRemaining(consumer, path, 5, 30)
		w.act(consumer, path, "archive")
		w.part("irreversible", func(w *world) {
			before := w.stored()
			for _, caller := range []*api.Identity{consumer, producer} {
				for _, action := range []string{"activate", "approve", "reject", "suspend", "unsuspend", "archive"} {
					if res := w.tryAct(caller, path, action); res.Status < 400 || res.Status >= 500 {
						w.Errorf("%s = %d %s", action, res.Status, res.Raw)
					}
				}
			}
			w.Refused(w.As(consumer, "POST", path+"/versions", `{"dailyCalls":1}`), interop.PurposeNotUpdatable)
			w.Refused(w.As(consumer, "DELETE", path, ""), interop.PurposeNotDeletable)
			w.Unchanged("what is refused", before, w.stored())
			w.checkState(consumer, path, "ARCHIVED 20")
		})
		w.part("its load is free for other purposes within the threshold", func(w *world) {
			w.checkRemaining(consumer, path, 25, 50)
			w.part("even with the same characteristics", func(w *world) { w.checkState(consumer, create(), "ACTIVE 20") })
			w.checkState(consumer, w.ActivatePurpose(consumer, o, 5), "ACTIVE 5")
			w.checkState(consumer, w.ActivatePurpose(consumer, o, 1), "WAITING_FOR_APPROVAL 1")
		})
		w.checkConsistent()
	})
}

// TestGuideStates is the table "States": what each state allows.
func TestGuideStates(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.publishToBoth(25, 1000)
		w.part("draft: submitted or deleted by the consumer; not known to the producer", func(w *world) {
			path := w.DraftPurpose(consumer, o, 5)
			w.Refused(w.As(producer, "GET", path, ""), interop.PurposeNotAllowed)
			interoptest.Equal(w.TB, "listed for the producer", interoptest.Total(w.OK(producer, "GET", "/purposes", "")), 0)
			w.OK(consumer, "DELETE", path, "")
			w.Refused(w.As(consumer, "GET", path, ""), interop.PurposeNotFound)
		})
		w.part("active: automatic below, manual above", func(w *world) {
			below := w.ActivatePurpose(consumer, o, 5)
			above := w.ActivatePurpose(consumer, o, 30)
			w.checkState(consumer, below, "ACTIVE 5")
			w.checkState(consumer, above, "WAITING_FOR_APPROVAL 30")
			w.Refused(w.tryAct(consumer, above, "approve"), interop.NotThePurposeProducer)
			w.act(producer, above, "approve")
			w.checkState(consumer, above, "ACTIVE 30")
		})
		w.part("waiting for approval: a purpose or an update", func(w *world) {
			path := w.activePurpose(consumer, o, 1)
			w.checkNewVersion(path, 40, "ACTIVE 1, WAITING_FOR_APPROVAL 40")
			w.Refused(w.tryAct(consumer, path, "activate"), interop.NoPurposeVersionInState)
		})
		w.part("rejected: the reason is there, and it is submitted again", func(w *world) {
			path := w.ActivatePurpose(consumer, o, 500)
			w.act(producer, path, "reject")
			w.checkState(consumer, path, "REJECTED 500")
			w.checkNewVersion(path, 501, "WAITING_FOR_APPROVAL 501")
			w.act(producer, path, "approve")
			w.checkState(consumer, path, "ACTIVE 501")
		})
		w.part("archived: new purposes with similar content", func(w *world) {
			path := w.activePurpose(consumer, o, 1)
			title := w.OK(consumer, "GET", path, "").Text("title")
			w.act(consumer, path, "archive")
			similar := interoptest.PurposeSeed(o, 1)
			similar["title"] = title
			w.OK(consumer, "POST", "/purposes", interoptest.JSON(similar))
		})
		w.checkConsistent()
	})
}
