package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"strconv"
	"time"

	"github.com/oklog/ulid/v2"
	"golang.org/x/sync/errgroup"

	"ciclo/shared/platform/journal"
	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/table"
)

// purgeShape is the shape of what is purged: rows of several owners and days.
type purgeShape struct {
	name                 string
	owners, days, perDay int
}

func (p purgeShape) rows() int { return p.owners * p.days * p.perDay }

// purgeWorkers is how many requests for raw deletes run at the same time, as many as the purge's.
const purgeWorkers = 16

// purgeTarget is where the purge is compared with raw deletes.
type purgeTarget struct {
	engine    string
	b         *bench
	many, one int // rows of one owner and day, in both shapes
	pairs     int
}

// benchPurge compares the purge with the removal of as many rows by DeleteAll alone, which
// knows their keys: of many owners, and of one day of one owner. The two are measured in turn,
// and the median of the ratios counts. On the embedded engine the ratio has no goal, because
// what reads and what removes share its two processors; the time of a million rows has one.
func benchPurge(ctx context.Context, b *bench, s *section) error {
	local, err := b.local(ctx)
	if err != nil {
		return err
	}
	for _, target := range []purgeTarget{{"DynamoDB Local", local, 40, 3000, 3}, {"embedded", b, 200, 20_000, 5}} {
		for _, shape := range []purgeShape{{"many owners", 40, 2, target.many}, {"one owner, one day", 1, 1, target.one}} {
			if err := target.compare(ctx, s, shape); err != nil {
				return err
			}
		}
	}
	shape := purgeShape{"1 M rows", 1000, 10, 100}
	if !b.all {
		shape = purgeShape{"100,000 rows, times ten", 100, 10, 100}
	}
	took, _, err := b.purged(ctx, shape, b.purgeAll)
	if err != nil {
		return err
	}
	s.note("the purge of a million is that of %s", shape.name)
	s.reach(goalEnginePurge, took.Seconds()*1e6/float64(shape.rows()))
	return nil
}

// compare measures pairs of raw deletes and the purge of one shape.
func (p purgeTarget) compare(ctx context.Context, s *section, shape purgeShape) error {
	var ratios, rate []float64
	n := float64(shape.rows())
	var used table.Usage
	for range p.pairs {
		raw, _, err := p.b.purged(ctx, shape, p.b.rawDeletes)
		if err != nil {
			return err
		}
		purge, usage, err := p.b.purged(ctx, shape, p.b.purgeAll)
		if err != nil {
			return err
		}
		ratios = append(ratios, raw.Seconds()/purge.Seconds())
		rate = append(rate, n/purge.Seconds())
		used = usage
	}
	slices.Sort(ratios)
	slices.Sort(rate)
	name := fmt.Sprintf("%s, %s: ", p.engine, shape.name)
	s.note("%spurge ÷ raw %.2f", name, ratios)
	s.info(name+"rows a second", rate[len(rate)/2], "")
	s.info(name+"trips a row", float64(used.RoundTrips)/n, "")
	if median := ratios[len(ratios)/2]; p.engine == "embedded" {
		s.row(name+"write units a row", used.WriteUnits/n, "", atMost(1.04))
		s.info(name+"purge ÷ raw", median, "")
	} else {
		s.reach(goalPurge, median)
	}
	return nil
}

// purged records rows that have expired, and measures how long remove takes to remove all.
func (b *bench) purged(ctx context.Context, shape purgeShape, remove func(context.Context, []table.Key) error) (
	took time.Duration, used table.Usage, err error,
) {
	keys, err := b.expired(ctx, shape)
	if err != nil {
		return 0, used, err
	}
	runtime.GC() // of what the recording has left
	metered, meter := table.WithMeter(ctx)
	began := time.Now()
	err = remove(metered, keys)
	took = time.Since(began)
	if err == nil {
		err = b.gone(ctx, keys)
	}
	return took, meter.Usage(), err
}

// gone returns an error when the first or last of some rows is left.
func (b *bench) gone(ctx context.Context, keys []table.Key) error {
	items, err := b.db.BatchGet(ctx, []table.Key{keys[0], keys[len(keys)-1]})
	if err == nil && (items[0] != nil || items[1] != nil) {
		err = errors.New("rows are left")
	}
	return err
}

// purgeAll runs the purge.
func (b *bench) purgeAll(ctx context.Context, keys []table.Key) error {
	deps := b.deps()
	deps.Log = slog.New(slog.DiscardHandler)
	purge, err := retention.NewPurge(deps, retention.Operations.Name)
	if err != nil {
		return err
	}
	report, err := purge.Run(ctx, retention.Request{})
	if err == nil && (!report.Done || report.Deleted < len(keys)) {
		err = fmt.Errorf("the purge of %d rows: %+v", len(keys), report)
	}
	return err
}

// rawDeletes removes rows by their keys.
func (b *bench) rawDeletes(ctx context.Context, keys []table.Key) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(purgeWorkers)
	for some := range slices.Chunk(keys, table.MaxDeletes) {
		g.Go(func() error { return b.db.DeleteAll(ctx, some) })
	}
	return g.Wait()
}

// event is a row like that of a voucher.
type event struct {
	ID      string `dynamodbav:"operationId"`
	Text    string `dynamodbav:"text"`
	Details string `dynamodbav:"details"`
	journal.Expiry
}

// expired records rows that have expired four months after their recording, as journals do,
// and returns their keys. Rows, counters and entries that are left are removed first.
func (b *bench) expired(ctx context.Context, shape purgeShape) ([]table.Key, error) { //nolint:gocognit // loops of a shape
	if err := b.purgeAll(ctx, nil); err != nil {
		return nil, err
	}
	j, err := journal.New(b.deps())
	if err != nil {
		return nil, err
	}
	keys := make([]table.Key, 0, shape.rows())
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(purgeWorkers)
	var steps []table.Step
	write := func(some []table.Step) { g.Go(func() error { return b.db.Write(ctx, some...) }) }
	first := b.now.UTC().AddDate(0, -4, 0).Truncate(24 * time.Hour)
	for owner := range shape.owners {
		partition := fmt.Sprintf("BENCH#%04d", owner)
		for day := range shape.days {
			for n := range shape.perDay {
				at := first.AddDate(0, 0, day).Add(time.Duration(n) * 24 * time.Hour / time.Duration(shape.perDay))
				id, err := ulid.New(ulid.Timestamp(at), ulid.DefaultEntropy())
				if err != nil {
					return nil, err
				}
				row := j.RowSteps(partition, id.String(), at, func(expiry journal.Expiry) journal.Row {
					return event{ID: id.String(), Text: "a voucher was issued to the client", Details: partition + " " + id.String(), Expiry: expiry}
				})
				keys = append(keys, row[0].Key)
				if n > 0 {
					row = row[:1] // the day's counter and entry are there
				}
				for i := range row {
					row[i].Label = strconv.Itoa(len(steps) + i)
				}
				if len(steps)+len(row) > table.MaxSteps {
					write(steps)
					steps = nil
					for i := range row {
						row[i].Label = strconv.Itoa(i)
					}
				}
				steps = append(steps, row...)
			}
		}
	}
	write(steps)
	return keys, g.Wait()
}
