package host_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"ciclo/shared/platform/host"
	"ciclo/shared/platform/table"
)

var (
	hopeless = &table.Error{Kind: table.Invalid, Op: "decode", Err: errors.New("no such kind")}
	busy     = &table.Error{Kind: table.Conflict, Op: "write", Err: errors.New("held")}
)

// streamed runs a batch and returns which changes were handled, which one failed and
// what is in the queue of dead letters.
func streamed(t *testing.T, batch string, handle func(sk string) error, full error) (handled, failed, letters []string, log string) {
	t.Helper()
	var lines bytes.Buffer
	deps := newDeps(&lines)
	deps.DeadLetters = func(_ context.Context, letter string) error {
		letters = append(letters, letter)
		return full
	}
	res, err := host.Stream("w", "things", func(_ context.Context, c table.Change) error {
		handled = append(handled, c.Key.SK)
		return handle(c.Key.SK)
	}, deps)(t.Context(), stream(t, batch))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range res.BatchItemFailures {
		failed = append(failed, f.ItemIdentifier)
	}
	return handled, failed, letters, lines.String()
}

// TestStreamSetsAside: what can never be handled becomes a dead letter, which is counted,
// and the changes after it are handled. What may succeed later ends the batch.
func TestStreamSetsAside(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err   error
		full  error // of the queue
		aside bool
	}{
		"permanent":               {err: hopeless, aside: true},
		"wrapped":                 {err: fmt.Errorf("follow: %w", hopeless), aside: true},
		"several":                 {err: errors.Join(hopeless, fmt.Errorf("again: %w", hopeless)), aside: true},
		"transient":               {err: busy},
		"denied":                  {err: &table.Error{Kind: table.Denied, Op: "get", Err: errors.New("no permission")}},
		"one of several":          {err: errors.Join(hopeless, busy)},
		"of another kind":         {err: errors.New("boom")},
		"the queue does not take": {err: hopeless, full: errors.New("full")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			handled, failed, letters, log := streamed(t, streamEvent, func(sk string) error {
				if sk == "b" {
					return test.err
				}
				return nil
			}, test.full)
			if !test.aside {
				if !cmp.Equal(handled, []string{"a", "b"}) || !cmp.Equal(failed, []string{"200"}) || strings.Contains(log, "ChangesSetAside") {
					t.Errorf("handled %v, failed %v\n%s", handled, failed, log)
				}
				return
			}
			if !cmp.Equal(handled, []string{"a", "b", "c"}) || len(failed) != 0 || len(letters) != 1 {
				t.Fatalf("handled %v, failed %v, letters %q", handled, failed, letters)
			}
			if n := strings.Count(log, `"ChangesSetAside":1`); n != 1 || !strings.Contains(log, "no such kind") {
				t.Errorf("counted %d times:\n%s", n, log)
			}
			// The letter is an event that the function takes.
			again, _, _, _ := streamed(t, letters[0], func(string) error { return nil }, nil)
			if !cmp.Equal(again, []string{"b"}) {
				t.Errorf("the letter %s brings %v", letters[0], again)
			}
		})
	}
}

// TestStreamSetsAsideWhatItCannotRead: a record that has no keys or an attribute of a type
// that is not known does not stand in the way of the others.
func TestStreamSetsAsideWhatItCannotRead(t *testing.T) {
	t.Parallel()
	const good = `{"dynamodb":{"SequenceNumber":"2","Keys":{"pk":{"S":"p"},"sk":{"S":"a"}}}}`
	for name, bad := range map[string]string{
		"no keys":      `{"dynamodb":{"SequenceNumber":"1","NewImage":{"v":{"N":"1"}}}}`,
		"number key":   `{"dynamodb":{"SequenceNumber":"1","Keys":{"pk":{"N":"1"},"sk":{"S":"a"}}}}`,
		"unknown type": `{"dynamodb":{"SequenceNumber":"1","Keys":{"pk":{"S":"p"},"sk":{"S":"z"}},"NewImage":{"v":{"VECTOR":"1"}}}}`,
		"no record":    `7`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			handled, failed, letters, log := streamed(t, `{"Records":[`+bad+`,`+good+`]}`, func(string) error { return nil }, nil)
			if !cmp.Equal(handled, []string{"a"}) || len(failed) != 0 || !cmp.Equal(letters, []string{`{"Records":[` + bad + `]}`}) {
				t.Errorf("handled %v, failed %v, letters %q\n%s", handled, failed, letters, log)
			}
		})
	}
}

// TestLettersFit: of a record that is too long for a message the images are left out.
func TestLettersFit(t *testing.T) {
	t.Parallel()
	long := strings.Replace(streamEvent, `"OldImage":{"v":{"N":"1"}}`, `"OldImage":{"v":{"S":"`+strings.Repeat("x", 300<<10)+`"}}`, 1)
	_, failed, letters, _ := streamed(t, long, func(sk string) error {
		if sk == "b" {
			return hopeless
		}
		return nil
	}, nil)
	var e events.DynamoDBEvent
	if len(failed) != 0 || len(letters) != 1 || len(letters[0]) > 1024 {
		t.Fatalf("failed %v, %d letters", failed, len(letters))
	}
	err := json.Unmarshal([]byte(letters[0]), &e)
	if err != nil || e.Records[0].EventID != "2" || e.Records[0].Change.Keys["sk"].String() != "b" {
		t.Errorf("letter %s: %v", letters[0], err)
	}
}

// TestStreamWithoutQueue goes on, too.
func TestStreamWithoutQueue(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	fail := func(context.Context, table.Change) error { return hopeless }
	res, err := host.Stream("w", "things", fail, newDeps(&log))(t.Context(), stream(t, streamEvent))
	if err != nil || len(res.BatchItemFailures) != 0 || strings.Count(log.String(), `"ChangesSetAside":1`) != 3 {
		t.Errorf("%v, %v\n%s", res, err, log.String())
	}
}
