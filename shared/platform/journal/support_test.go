package journal_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"pgregory.net/rapid"

	"ciclo/shared/platform/journal"
	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
)

var schemas = []table.Schema{retention.Operations}

// event is the row of these tests.
type event struct {
	ID   string `dynamodbav:"eventId"`
	Text string `dynamodbav:"text"`
	journal.Expiry
}

// tester is a test or one check of a property.
type tester interface {
	rapid.TB
	Context() context.Context
}

// world is an apitest.World with a journal.
type world struct{ *apitest.World }

func each(t *testing.T, test func(t *testing.T, w world)) {
	t.Helper()
	t.Parallel()
	apitest.Each(t, schemas, nil, func(t *testing.T, w *apitest.World) { test(t, world{w}) })
}

func (w world) journal(t tester) *journal.Journal {
	t.Helper()
	return open(t, w.World, w.DB)
}

// open makes the journal of a world on another storage.
func open(t tester, w *apitest.World, db table.DB) *journal.Journal {
	t.Helper()
	deps := w.Deps()
	deps.DB = db
	j, err := journal.New(deps)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func instant(t tester, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// steps returns the steps that record an event with that id and text.
func (w world) steps(t tester, partition, id string, at time.Time, text string) []table.Step {
	t.Helper()
	return stepsIn(w.journal(t), partition, id, at, text)
}

// stepsIn does the same in a journal.
func stepsIn(j *journal.Journal, partition, id string, at time.Time, text string) []table.Step {
	return j.RowSteps(partition, id, at, func(expiry journal.Expiry) journal.Row {
		return event{ID: id, Text: text, Expiry: expiry}
	})
}

// next records an event now, after the one with id last, and returns its id.
func (w world) next(t tester, partition, last string) string {
	t.Helper()
	return w.nextIn(t, w.journal(t), partition, last)
}

// nextIn does the same in a journal.
func (w world) nextIn(t tester, j *journal.Journal, partition, last string) string {
	t.Helper()
	id, at, err := j.Next(last)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.DB.Write(t.Context(), stepsIn(j, partition, id, at, "")...); err != nil {
		t.Fatal(err)
	}
	return id
}

// bulk records one event at each of the times, which ascend, as many in one
// transaction as fit, and returns their ids.
func (w world) bulk(t tester, partition string, times ...time.Time) []string {
	t.Helper()
	ids := make([]string, len(times))
	var steps []table.Step
	place := map[table.Key]int{}
	for i, at := range times {
		ids[i] = idAt(t, at, uint64(i))
		for _, s := range w.steps(t, partition, ids[i], at, "") {
			if k, ok := place[s.Key]; ok {
				for name, n := range s.Do.Add {
					steps[k].Do.Add[name] += n
				}
				continue
			}
			s.Label = fmt.Sprint(len(steps))
			place[s.Key] = len(steps)
			steps = append(steps, s)
		}
		if i < len(times)-1 && len(steps)+journal.StepsPerRow <= table.MaxSteps {
			continue
		}
		if err := w.DB.Write(t.Context(), steps...); err != nil {
			t.Fatal(err)
		}
		steps = nil
		clear(place)
	}
	return ids
}

// idAt returns the n-th id of a millisecond.
func idAt(t tester, at time.Time, n uint64) string {
	t.Helper()
	var id ulid.ULID
	if err := id.SetTime(ulid.Timestamp(at)); err != nil {
		t.Fatal(err)
	}
	binary.BigEndian.PutUint64(id[8:], n)
	return id.String()
}

// page is a page of a list, with the ids only.
type page struct {
	IDs   []string
	Total int
}

func (w world) list(t tester, partition string, offset, limit int) page {
	t.Helper()
	rows, total, err := journal.List[event](t.Context(), w.journal(t), partition, offset, limit)
	if err != nil {
		t.Fatal(err)
	}
	p := page{IDs: []string{}, Total: total}
	for _, row := range rows {
		p.IDs = append(p.IDs, row.ID)
	}
	return p
}

// cut returns the expected page of a list; ids are all ids, oldest first.
func cut(ids []string, offset, limit int) page {
	p := page{IDs: []string{}, Total: len(ids)}
	for i := len(ids) - 1 - offset; i >= 0 && len(p.IDs) < limit; i-- {
		p.IDs = append(p.IDs, ids[i])
	}
	return p
}

// timeOf returns the time in an id.
func timeOf(t tester, id string) time.Time {
	t.Helper()
	at, err := ulid.ParseStrict(id)
	if err != nil {
		t.Fatal(err)
	}
	return at.Timestamp().UTC()
}
