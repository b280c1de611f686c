package purpose_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
)

// many are the ids, with others that nothing has, as many as a filter takes.
func many(n int, ids ...string) string {
	for len(ids) < n {
		ids = append(ids, uuid.NewString())
	}
	return strings.Join(ids, ",")
}

// TestListsOfManyRanges lists the same with filters of few and of many values, for
// which broader ranges are read: the answer is the same.
func TestListsOfManyRanges(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		one := w.publish(3, 1000)
		two := w.publish(3, 1000)
		for _, caller := range []*api.Identity{consumer, other} {
			for _, o := range []offer{one, two} {
				w.SubmitAgreement(caller, o)
				w.ActivatePurpose(caller, o, 2) // active
				w.ActivatePurpose(caller, o, 5) // waits
				w.DraftPurpose(caller, o, 1)
			}
		}
		for _, query := range []struct {
			as                *api.Identity
			states, eservices string
			consumers         []string
			matching          int
		}{
			{producer, "&states=ACTIVE", one.ID, []string{consumer.Subject, other.Subject}, 2},
			{producer, "&states=ACTIVE,WAITING_FOR_APPROVAL", one.ID, []string{consumer.Subject}, 2},
			{consumer, "&states=DRAFT,ACTIVE", two.ID, []string{consumer.Subject}, 2},
			{consumer, "", two.ID, []string{consumer.Subject}, 3},
			{producer, "&states=SUSPENDED,REJECTED", one.ID, []string{consumer.Subject, other.Subject}, 0},
		} {
			list := func(consumers, eservices string) []string {
				w.Helper()
				return interoptest.Members(w.OK(query.as, "GET", "/purposes?consumerIds="+consumers+"&eserviceIds="+eservices+query.states, ""), "id")
			}
			few := list(strings.Join(query.consumers, ","), query.eservices)
			interoptest.Equal(t, "purposes"+query.states, len(few), query.matching)
			for _, n := range []int{11, 50} {
				if got := list(many(n, query.consumers...), many(n, query.eservices)); !slices.Equal(few, got) {
					t.Errorf("with %d values%s: %v, want %v", n, query.states, got, few)
				}
			}
		}
	})
}
