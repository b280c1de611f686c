package cost

import (
	"context"
	"errors"
	"os"
	"slices"

	"ciclo/cmd/internal/catalog"
)

// Usage is everything that costs are computed from, beside prices.
type Usage struct {
	Calls        []Call  // of all operations, by product
	Bearer, DPoP Call    // of the authorizer of interop
	Removal      float64 // write units that remove a voucher's event
	PurgeMetrics int     // that a run of the purge logs
	Deployment   deployment
	Cached       map[string]int // seconds that the answers of authorizers are kept, by product
}

// Measure measures operations, all of them when no ids are given, and what is asked or done
// beside them. root is the folder of the repository.
func Measure(ctx context.Context, root string, ids ...string) (u Usage, err error) {
	if u.Deployment, err = readDeployment(os.DirFS(root)); err != nil {
		return u, err
	}
	m, err := newMeter(ctx, moment, u.Deployment.access)
	if err != nil {
		return u, err
	}
	defer func() { err = errors.Join(err, m.close()) }()
	u.Cached = map[string]int{}
	for _, p := range catalog.Products() {
		u.Cached[p.Name] = p.Cached()
		for _, op := range p.Operations {
			if len(ids) > 0 && !slices.Contains(ids, op.Describe().ID) {
				continue
			}
			c, err := m.operation(ctx, p.Name, op, plain)
			if err != nil {
				return u, err
			}
			if u.Calls = append(u.Calls, c); c.ID != voucherID {
				continue
			}
			if c, err = m.operation(ctx, p.Name, op, withProof); err != nil {
				return u, err
			}
			c.ID += ", DPoP"
			u.Calls = append(u.Calls, c)
		}
	}
	if u.Bearer, u.DPoP, err = entrances(ctx, root); err != nil {
		return u, err
	}
	u.Removal, u.PurgeMetrics, err = m.removal(ctx)
	return u, err
}

// call returns what a call of an operation uses.
func (u Usage) call(id string) Call {
	for _, c := range u.Calls {
		if c.ID == id {
			return c
		}
	}
	panic("cost: no operation is " + id)
}

// price returns what a million calls cost, with the authorizer where its answers are not kept.
func (u Usage) price(p Prices, c Call) Costs {
	costs := c.request(p, "rest")
	if !c.Public && u.Cached[c.Product] == 0 {
		costs = costs.plus(u.Bearer.invocation(p), 1)
	}
	return costs
}
