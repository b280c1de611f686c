package agreement_test

import (
	"testing"

	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
)

// TestListsReadPages checks that a list reads the agreements of its page alone, once it has
// read the entries of the caller. Two thousand others have another state, consumer, producer
// or e-service.
func TestListsReadPages(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.newOffer("MANUAL")
		c := &crew{world: w}
		all := w.templates()
		other := func(kind string, group, i int) string { return numberedID(kind, 1000*group+i) }
		for i := range 10 {
			target := about{
				id: other("10000000", 0, i), eservice: other("20000000", 0, i), descriptor: other("30000000", 0, i),
				consumer: consumer.Subject,
			}
			onIt := about{id: other("10000000", 1, i), eservice: o.id, descriptor: o.descriptor, consumer: other("40000000", 0, i)}
			if i == 0 {
				target.eservice, target.descriptor = o.id, o.descriptor
			} else {
				c.add(all["PENDING"].steps(onIt))
			}
			c.add(all["PENDING"].steps(target))
		}
		for i := range 400 {
			c.add(all["PENDING"].steps(about{id: other("10000000", 2, i), eservice: other("20000000", 2, i), producer: other("50000000", 2, i)}))
			c.add(all["ACTIVE"].steps(about{id: other("10000000", 3, i), eservice: other("20000000", 3, i)}))
			c.add(all["PENDING"].steps(about{id: other("10000000", 4, i), eservice: other("20000000", 4, i), consumer: other("40000000", 4, i)}))
			c.add(all["ACTIVE"].steps(about{id: other("10000000", 5, i), eservice: o.id, descriptor: o.descriptor, consumer: other("40000000", 5,
				i)}))
			c.add(all["PENDING"].steps(about{
				id: other("10000000", 6, i), eservice: other("20000000", 6, i), consumer: other("40000000", 6, i),
				producer: other("50000000", 6, i),
			}))
		}
		c.flush()
		list := func(trips, matching float64, as *api.Identity, query string) {
			w.Helper()
			path := "/agreements?limit=10&" + query
			got := w.OK(as, "GET", path, "").Body["pagination"].(object)["totalCount"] //nolint:forcetypeassert // checked by OK
			interoptest.Equal(w.TB, "matching "+query, got, any(matching))
			w.costs(priced{trips, min(matching, 10), query, as, "GET", path, ""})
		}
		list(2, 10, consumer, "states=PENDING&producerIds="+producer.Subject)
		list(2, 410, consumer, "states=PENDING&consumerIds="+consumer.Subject)
		list(2, 10, producer, "states=PENDING&consumerIds="+consumer.Subject)
		list(2, 400, consumer, "states=ACTIVE&consumerIds="+consumer.Subject)
		list(2, 10, producer, "states=PENDING&eserviceIds="+o.id)
		list(2, 1, producer, "states=PENDING&consumerIds="+consumer.Subject+"&eserviceIds="+o.id)
		list(2, 1, consumer, "states=PENDING&eserviceIds="+o.id)
		list(2, 1, consumer, "eserviceIds="+o.id)
		list(1, 0, stranger, "states=PENDING&eserviceIds="+o.id)
		list(1, 0, stranger, "states=PENDING")
		list(0, 0, stranger, "states=PENDING&consumerIds="+consumer.Subject+"&producerIds="+producer.Subject)
		list(2, 10, producer, "states=PENDING&descriptorIds="+o.descriptor)
		list(2, 1, consumer, "states=PENDING&descriptorIds="+o.descriptor)
		next := w.newDraftDescriptor(o)
		w.OK(producer, "POST", next+"/publish", "")
		list(1, 0, producer, "states=PENDING&descriptorIds="+next[len(next)-36:])
	})
}
