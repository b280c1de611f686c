package agreement_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
)

// many returns the ids with unknown ones, as many as a filter takes.
func many(ids ...string) string {
	for len(ids) < 50 {
		ids = append(ids, uuid.NewString())
	}
	return strings.Join(ids, ",")
}

// TestListsOfManyRanges lists the same agreements with filters of few and of many values.
// The list reads broader ranges for many values; the answers are the same.
func TestListsOfManyRanges(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		active, drafted := w.newOffer("AUTOMATIC"), w.newOffer("MANUAL")
		var offers []string
		for range w.fewer(48) {
			offers = append(offers, w.newOffer("MANUAL").id)
		}
		offers = append(offers, active.id, drafted.id)
		for _, caller := range []*api.Identity{consumer, stranger} {
			w.mustAct(caller, w.createDraftAs(caller, active), "submit")
			w.createDraftAs(caller, drafted)
		}
		for _, test := range []struct {
			as        *api.Identity
			few, many string
			matching  int
		}{
			{consumer, "producerIds=" + producer.Subject, "producerIds=" + many(producer.Subject), 2},
			{consumer, "states=DRAFT,ACTIVE&producerIds=" + producer.Subject, "states=DRAFT,ACTIVE&producerIds=" + many(producer.Subject), 2},
			{producer, "states=ACTIVE&consumerIds=" + consumer.Subject, "states=ACTIVE,PENDING&consumerIds=" + many(consumer.Subject), 1},
			{producer, "states=ACTIVE&eserviceIds=" + active.id, "states=ACTIVE,REJECTED&eserviceIds=" + strings.Join(offers, ","), 2},
			{
				producer, "states=ACTIVE&eserviceIds=" + active.id + "&consumerIds=" + consumer.Subject,
				"states=ACTIVE,ARCHIVED&eserviceIds=" + strings.Join(offers, ",") + "&consumerIds=" + many(consumer.Subject), 1,
			},
			{consumer, "eserviceIds=" + drafted.id, "states=DRAFT,PENDING&eserviceIds=" + strings.Join(offers, ","), 1},
		} {
			few := interoptest.Members(w.OK(test.as, "GET", "/agreements?"+test.few, ""), "id")
			interoptest.Equal(t, test.few, len(few), test.matching)
			if got := interoptest.Members(w.OK(test.as, "GET", "/agreements?"+test.many, ""), "id"); !slices.Equal(few, got) {
				t.Errorf("%s with many values: %v, want %v", test.few, got, few)
			}
		}
	})
}
