package operation_test

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"ciclo/shared/consumers/consumerstest"
	"ciclo/shared/consumers/operation"
)

const issuer = consumerstest.Issuer

var suite = consumerstest.New(operation.Operations()...)

func owner(consumer string) operation.Owner {
	return operation.Owner{IssuerID: issuer, ConsumerID: consumer}
}

// world is a World with a log of operations.
type world struct{ *consumerstest.World }

// each runs test in a world of its own on each engine.
func each(t *testing.T, test func(w *world)) {
	t.Helper()
	suite.Each(t, func(w *consumerstest.World) { test(&world{w}) })
}

// log returns the log under the current settings.
func (w *world) log() *operation.Log {
	w.Helper()
	log, err := operation.NewLog(w.Deps())
	if err != nil {
		w.Fatal(err)
	}
	return log
}

func instant(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// next records an operation now, after the one with id last, and returns its id.
func (w *world) next(o operation.Owner, last string) string {
	w.Helper()
	id, at, err := w.log().Next(last)
	if err != nil {
		w.Fatal(err)
	}
	w.append(operation.Entry{Owner: o, ID: id, At: at, Kind: operation.Register, Action: operation.Record})
	return id
}

func (w *world) append(e operation.Entry) {
	w.Helper()
	steps, err := w.log().EntrySteps(w.Context(), e)
	if err != nil {
		w.Fatal(err)
	}
	if err := w.DB.Write(w.Context(), steps...); err != nil {
		w.Fatal(err)
	}
}

// idAt returns the n-th id of a millisecond.
func idAt(t testing.TB, at time.Time, n uint64) string {
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
	IDs       []string
	Remaining int
}

func (w *world) list(o operation.Owner, offset, limit int) page {
	w.Helper()
	ops, remaining, err := w.log().List(w.Context(), o, offset, limit)
	if err != nil {
		w.Fatal(err)
	}
	p := page{IDs: []string{}, Remaining: remaining}
	for _, op := range ops {
		p.IDs = append(p.IDs, op.OperationID)
	}
	return p
}

// cut returns the expected page of a list; ids are all ids, oldest first.
func cut(ids []string, offset, limit int) page {
	p := page{IDs: []string{}}
	for i := range ids {
		switch id := ids[len(ids)-1-i]; {
		case i < offset:
		case len(p.IDs) < limit:
			p.IDs = append(p.IDs, id)
		default:
			p.Remaining++
		}
	}
	return p
}
