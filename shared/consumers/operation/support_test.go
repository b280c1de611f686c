package operation_test

import (
	"context"
	"encoding/binary"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"pgregory.net/rapid"

	"ciclo/shared/consumers/operation"
	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
)

var schemas = []table.Schema{retention.Operations}

const issuer = "ISSUER-001"

func owner(consumer string) operation.Owner {
	return operation.Owner{IssuerID: issuer, ConsumerID: consumer}
}

// tester is a test or one check of a property.
type tester interface {
	rapid.TB
	Context() context.Context
}

// world is an apitest.World with a log of operations.
type world struct{ *apitest.World }

func each(t *testing.T, test func(t *testing.T, w world)) {
	t.Helper()
	t.Parallel()
	apitest.Each(t, schemas, operation.Operations(), func(t *testing.T, w *apitest.World) { test(t, world{w}) })
}

func (w world) log(t tester) *operation.Log {
	t.Helper()
	log, err := operation.NewLog(w.Deps())
	if err != nil {
		t.Fatal(err)
	}
	return log
}

func instant(t tester, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// next records an operation now, after the one with id last, and returns its id.
func (w world) next(t tester, o operation.Owner, last string) string {
	t.Helper()
	id, at, err := w.log(t).Next(last)
	if err != nil {
		t.Fatal(err)
	}
	w.append(t, operation.Entry{Owner: o, ID: id, At: at, Kind: operation.Register, Action: operation.Record})
	return id
}

func (w world) append(t tester, e operation.Entry) {
	t.Helper()
	steps, err := w.log(t).EntrySteps(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.DB.Write(t.Context(), steps...); err != nil {
		t.Fatal(err)
	}
}

// idAt is the n-th id of that millisecond.
func idAt(t tester, at time.Time, n uint64) string {
	t.Helper()
	var id ulid.ULID
	if err := id.SetTime(ulid.Timestamp(at)); err != nil {
		t.Fatal(err)
	}
	binary.BigEndian.PutUint64(id[8:], n)
	return id.String()
}

// page is what a list returns, with ids alone.
type page struct {
	IDs       []string
	Remaining int
}

func (w world) list(t tester, o operation.Owner, offset, limit int) page {
	t.Helper()
	ops, remaining, err := w.log(t).List(t.Context(), o, offset, limit)
	if err != nil {
		t.Fatal(err)
	}
	p := page{IDs: []string{}, Remaining: remaining}
	for _, op := range ops {
		p.IDs = append(p.IDs, op.OperationID)
	}
	return p
}

// cut is the page that the naive list of all ids, oldest first, has there.
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
