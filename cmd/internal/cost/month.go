package cost

import (
	"strings"

	"ciclo/shared/platform/retention"
)

// The size of PDND, from its open data of August 2026 (github.com/italia/pdnd-opendata).
const (
	pdndVouchers    = 77_020_000 // a month
	pdndTransitions = 1_000      // of agreements and purposes a month
	pdndPages       = 100_000    // of lists a month; an estimate
)

// Goals are the most that the vouchers of a month at the size of PDND may cost.
const (
	GoalStrict = 550 // a signature of KMS for each voucher
	GoalMemory = 310 // the key in memory
)

// Variant is a way to issue vouchers.
type Variant struct {
	HTTP   bool // by an HTTP API, and not by a REST API
	Strict bool // a call of KMS signs each
}

// Month is what the vouchers of a month cost.
type Month struct {
	Costs
	Removal, Storage float64
}

// Sum returns all of it.
func (m Month) Sum() float64 { return m.Costs.Sum() + m.Removal + m.Storage }

// Variant returns how the deployment issues vouchers without parameters.
func (u Usage) Variant() Variant {
	return Variant{HTTP: u.Deployment.http, Strict: u.call(voucherID).KMS > 0}
}

// Month returns what the vouchers of a month at the size of PDND cost: calls, the removal of
// as many events as are recorded, and the storage of those that are kept.
func (u Usage) Month(p Prices, v Variant) Month {
	c := u.call(voucherID)
	c.KMS = 0
	if v.Strict {
		c.KMS = 1
	}
	gateway := "rest"
	if v.HTTP {
		gateway = "http"
	}
	kept := float64(pdndVouchers*retention.MinMonths) * float64(c.Stored+itemOverhead) / gigabyte
	return Month{
		Costs:   Costs{}.plus(c.request(p, gateway), pdndVouchers/float64(million)),
		Removal: p.of("write", pdndVouchers*u.Removal),
		Storage: p.of("storage", kept) + p.of("recovery", kept),
	}
}

// Rest returns what everything else of PDND costs in a month: transitions, and pages of lists.
func (u Usage) Rest(p Prices) float64 {
	total := 0.0
	transitions := []string{"agreement/create", "agreement/submit", "purpose/create", "purpose/activate"}
	for _, id := range transitions {
		total += float64(pdndTransitions) / million * u.price(p, u.call(id)).Sum() / float64(len(transitions))
	}
	return total + float64(pdndPages)/million*u.price(p, u.call("eservice/list")).Sum()
}

// Idle returns what parts of a deployment cost in a month without calls.
func (u Usage) Idle(p Prices, prod bool, parts ...string) (alarms, keys, metrics, runs float64) {
	var has Idle
	hasPurge := false
	for _, part := range parts {
		has = has.plus(u.Deployment.idle[part])
		hasPurge = hasPurge || part == Shared
	}
	alarms = p.of("alarm", float64(has.OtherAlarms))
	if prod {
		alarms = p.of("alarm", float64(has.ProdAlarms))
	}
	if hasPurge {
		metrics = p.of("metric", float64(u.PurgeMetrics))
	}
	// A run that finds nothing to do takes a few reads and two writes of a lease.
	run := Call{Trips: 4, ReadUnits: 10, WriteUnits: 2, Memory: defaultMemory, Line: 700}
	once := run.invocation(p).Sum()/million + p.of("trace", 1) // Lambda traces one a second
	return alarms, p.of("key", float64(has.Keys)), metrics, has.Runs * once
}

// mean returns what a call costs a million times on average, over the operations of a
// product: of reads or of changes.
func (u Usage) mean(p Prices, product string, reads bool) float64 {
	total, n := 0.0, 0
	for _, c := range u.Calls {
		if c.Product == product && c.Reads == reads && !strings.HasPrefix(c.ID, voucherID) {
			total += u.price(p, c).Sum()
			n++
		}
	}
	return total / float64(n)
}
