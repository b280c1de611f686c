package purpose_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
)

// checkHistory compares the history of a purpose with lines in short.
func (w *world) checkHistory(caller *api.Identity, path string, expected ...string) {
	w.Helper()
	var got []string
	for _, e := range interoptest.Results(w.OK(caller, "GET", path+"/history", "")) {
		actor, _ := e["actor"].(object)
		by := map[any]string{nil: "nobody", consumer.Subject: "C", producer.Subject: "P"}[actor["organizationId"]]
		line := fmt.Sprint(by, " as ", actor["side"], ": ", e["action"], " ", e["dailyCalls"], " from ", e["from"], " to ", e["to"])
		if e["reason"] != nil {
			line += fmt.Sprint(" because ", e["reason"])
		}
		got = append(got, line)
	}
	if diff := cmp.Diff(expected, got); diff != "" {
		w.Errorf("the history (-want +got):\n%s", diff)
	}
}

// TestHistory: the history has the actor, the action, the version and the reason.
func TestHistory(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		o := w.publishToBoth(25, 50)
		path := w.DraftPurpose(consumer, o, 5)
		tells := func(caller *api.Identity, expected ...string) {
			w.Helper()
			w.checkHistory(caller, path, expected...)
		}
		w.OK(consumer, "PATCH", path, `{"dailyCalls":30}`)
		draft := []string{"C as CONSUMER: create 5 from <nil> to DRAFT", "C as CONSUMER: update 30 from DRAFT to DRAFT"}
		tells(consumer, draft...)
		w.Refused(w.As(producer, "GET", path+"/history", ""), interop.PurposeNotAllowed)
		w.act(consumer, path, "activate")
		w.act(producer, path, "approve")
		w.createVersion(consumer, path, 31)
		w.OK(producer, "PUT", path+"/expectedActivationDate", `{"date":"2999-12-31"}`)
		w.act(producer, path, "reject")
		w.act(consumer, path, "suspend")
		w.act(consumer, path, "suspend")
		w.act(consumer, path, "unsuspend") // above by now
		w.act(producer, path, "approve")
		again := w.createVersion(consumer, path, 32).Text("id")
		w.OK(consumer, "DELETE", path+"/versions/"+again, "")
		w.createVersion(consumer, path, 4)
		w.createVersion(consumer, path, 33)
		w.act(consumer, path, "archive")
		whole := append(slices.Clone(draft),
			"C as CONSUMER: activate 30 from DRAFT to WAITING_FOR_APPROVAL",
			"P as PRODUCER: approve 30 from WAITING_FOR_APPROVAL to ACTIVE",
			"C as CONSUMER: createVersion 31 from <nil> to WAITING_FOR_APPROVAL",
			"P as PRODUCER: setExpectedActivationDate 31 from WAITING_FOR_APPROVAL to WAITING_FOR_APPROVAL",
			"P as PRODUCER: reject 31 from WAITING_FOR_APPROVAL to REJECTED because "+reason,
			"C as CONSUMER: suspend 30 from ACTIVE to SUSPENDED",
			"C as CONSUMER: unsuspend 30 from <nil> to WAITING_FOR_APPROVAL",
			"P as PRODUCER: approve 30 from WAITING_FOR_APPROVAL to ACTIVE",
			"nobody as PLATFORM: replace 30 from SUSPENDED to ARCHIVED",
			"C as CONSUMER: createVersion 32 from <nil> to WAITING_FOR_APPROVAL",
			"C as CONSUMER: deleteVersion 32 from WAITING_FOR_APPROVAL to <nil>",
			"C as CONSUMER: createVersion 4 from <nil> to ACTIVE",
			"nobody as PLATFORM: replace 30 from ACTIVE to ARCHIVED",
			"C as CONSUMER: createVersion 33 from <nil> to WAITING_FOR_APPROVAL",
			"C as CONSUMER: archive 4 from ACTIVE to ARCHIVED",
			"nobody as PLATFORM: withdraw 33 from WAITING_FOR_APPROVAL to <nil>")
		tells(consumer, whole...)
		tells(producer, whole...)
		w.Refused(w.As(stranger, "GET", path+"/history", ""), interop.PurposeNotAllowed)
		w.Pages(producer, path+"/history", "action", interoptest.Members(w.OK(producer, "GET", path+"/history", ""), "action"))
		w.BadPages(consumer, path+"/history")

		path = w.DraftPurpose(consumer, o, 5) // only the consumer ever sees it
		w.OK(consumer, "DELETE", path, "")
		tells(consumer, "C as CONSUMER: create 5 from <nil> to DRAFT", "C as CONSUMER: delete 5 from DRAFT to <nil>")
		w.Refused(w.As(producer, "GET", path+"/history", ""), interop.PurposeNotAllowed)
		path = w.ActivatePurpose(consumer, o, 30) // while the producer has seen this
		w.OK(consumer, "DELETE", path, "")
		for _, caller := range []*api.Identity{consumer, producer} {
			tells(caller, "C as CONSUMER: create 30 from <nil> to DRAFT", "C as CONSUMER: activate 30 from DRAFT to WAITING_FOR_APPROVAL",
				"C as CONSUMER: delete 30 from WAITING_FOR_APPROVAL to <nil>")
		}
		w.Refused(w.As(stranger, "GET", path+"/history", ""), interop.PurposeNotAllowed)
		w.Refused(w.As(consumer, "GET", "/purposes/"+o.ID+"/history", ""), interop.PurposeNotFound)
		w.checkConsistent()
	})
}
