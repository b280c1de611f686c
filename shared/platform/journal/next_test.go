package journal_test

import (
	"errors"
	"testing"
	"testing/iotest"
	"time"

	"github.com/oklog/ulid/v2"
	"pgregory.net/rapid"

	"ciclo/shared/platform/journal"
	"ciclo/shared/platform/testing/apitest"
)

// local returns a world without a storage.
func local() world { return world{apitest.New(nil, nil)} }

// follows fails unless an id sorts after the last one and holds the time at.
func follows(t tester, last, id string, at time.Time) {
	parsed, err := ulid.ParseStrict(id)
	if err != nil || id <= last || !parsed.Timestamp().Equal(at) || at.Location() != time.UTC {
		t.Fatalf("id %q at %v after %q: %v", id, at, last, err)
	}
}

func TestNextWithinOneMillisecond(t *testing.T) {
	t.Parallel()
	w := local()
	last := ""
	j := w.journal(t)
	w.Clock.Set(apitest.Start.Add(123*time.Millisecond + 456*time.Microsecond).In(time.FixedZone("", 3600)))
	for range 10_000 {
		id, at, err := j.Next(last)
		if err != nil {
			t.Fatal(err)
		}
		follows(t, last, id, at)
		if want := apitest.Start.Add(123 * time.Millisecond); !at.Equal(want) {
			t.Fatalf("at %v, want %v", at, want)
		}
		last = id
	}
}

// TestNextWheneverTheClockSteps: ids and times of an owner never go back, also when the clock
// does. Otherwise times are those of the clock.
func TestNextWheneverTheClockSteps(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := local()
		j := w.journal(t)
		last := ""
		high := time.Time{}
		for range rapid.IntRange(1, 30).Draw(t, "calls") {
			w.Clock.Advance(time.Duration(rapid.Int64Range(-int64(2*time.Second), int64(2*time.Second)).Draw(t, "step")))
			id, at, err := j.Next(last)
			if err != nil {
				t.Fatal(err)
			}
			follows(t, last, id, at)
			if now := w.Clock.Now().Truncate(time.Millisecond); now.After(high) {
				high = now
			}
			if !at.Equal(high) {
				t.Fatalf("at %v, want the latest time so far, %v", at, high)
			}
			last = id
		}
	})
}

// TestNextAfterTheLastOfAMillisecond: when a millisecond has no id left, the
// row belongs to the next one.
func TestNextAfterTheLastOfAMillisecond(t *testing.T) {
	t.Parallel()
	w := local()
	full := ulid.ULID{}
	if err := full.SetTime(ulid.Timestamp(apitest.Start)); err != nil {
		t.Fatal(err)
	}
	for i := 6; i < len(full); i++ {
		full[i] = 0xff
	}
	last := full.String()
	for range 3 {
		id, at, err := w.journal(t).Next(last)
		if err != nil {
			t.Fatal(err)
		}
		follows(t, last, id, at)
		if want := apitest.Start.Add(time.Millisecond); !at.Equal(want) {
			t.Errorf("at %v, want %v", at, want)
		}
		last = id
	}
}

func TestNextWithoutEntropy(t *testing.T) {
	t.Parallel()
	deps := local().Deps()
	broken := errors.New("no entropy")
	deps.Entropy = iotest.ErrReader(broken)
	j, err := journal.New(deps)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := j.Next(""); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
}

func TestRefusesTooShortARetention(t *testing.T) {
	t.Parallel()
	w := local()
	for _, months := range []string{"2", "0", "-3", "many"} {
		w.Settings["RETENTION_MONTHS"] = months
		if _, err := journal.New(w.Deps()); err == nil {
			t.Errorf("accepts %s months", months)
		}
	}
}
