package coldstart_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"ciclo/cmd/internal/coldstart"
)

// send sends a request of DynamoDB's protocol and returns status and body.
func send(ctx context.Context, t *testing.T, url, operation, body string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Amz-Target", "DynamoDB_20120810."+operation)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(res.StatusCode, " ", string(answer))
}

// TestStubReplays: what was recorded comes again, by request where it is the same and by
// order where it is not.
func TestStubReplays(t *testing.T) {
	t.Parallel()
	var n atomic.Int32
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(int(200 + n.Add(1)))
		_, _ = fmt.Fprintf(w, `{"answer":%d}`, n.Load())
	}))
	t.Cleanup(upstream.Close)
	stub, err := coldstart.NewStub(t.Context(), upstream.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stub.Close() })
	for i, request := range []string{`{"Key":"a","Of":1}`, `{"Key":"b"}`, `{"ClientRequestToken":"x","Put":1}`} {
		operation := map[bool]string{true: "GetItem", false: "TransactWriteItems"}[i < 2]
		if got, want := send(t.Context(), t, stub.URL, operation, request), fmt.Sprintf(`%d {"answer":%d}`, 201+i, i+1); got != want {
			t.Errorf("recorded: %q, want %q", got, want)
		}
	}
	stub.Replay()
	for range 2 {
		stub.Rewind()
		for _, c := range []struct{ operation, request, want string }{
			{"GetItem", `{"Key":"b"}`, `202 {"answer":2}`},
			{"GetItem", `{"Of":1,"Key":"a"}`, `201 {"answer":1}`},
			{"GetItem", `{"Key":"a","Of":1}`, `201 {"answer":1}`},
			{"GetItem", `{"Key":"c"}`, `202 {"answer":2}`},
			{"TransactWriteItems", `{"ClientRequestToken":"y","Put":1}`, `203 {"answer":3}`},
			{"TransactWriteItems", `{"ClientRequestToken":"z","Put":2}`, `203 {"answer":3}`},
			{"Query", `{}`, "501 no answer was recorded for DynamoDB_20120810.Query\n"},
		} {
			if got := send(t.Context(), t, stub.URL, c.operation, c.request); got != c.want {
				t.Errorf("%s %s: %q, want %q", c.operation, c.request, got, c.want)
			}
		}
		stub.Rewind()
		if got := send(t.Context(), t, stub.URL, "GetItem", `{"Key":"new"}`); got != `201 {"answer":1}` {
			t.Errorf("first of the rest: %q", got)
		}
		if got := send(t.Context(), t, stub.URL, "GetItem", `{"Key":"newer"}`); got != `202 {"answer":2}` {
			t.Errorf("second of the rest: %q", got)
		}
	}
	if n.Load() != 3 {
		t.Errorf("DynamoDB was asked %d times, want 3", n.Load())
	}
}
