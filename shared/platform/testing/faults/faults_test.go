package faults_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"ciclo/shared/platform/testing/faults"
)

// counter is a service that answers every request and counts them.
type counter struct{ requests int }

func (c *counter) Do(*http.Request) (*http.Response, error) {
	c.requests++
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(`{"whole":1}`))}, nil
}

func send(ctx context.Context, t *testing.T, i *faults.Injector) (status int, body string, err error) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://service", strings.NewReader(`{"TransactItems":[{},{}]}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Amz-Target", "DynamoDB_20120810.TransactWriteItems")
	res, err := i.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return res.StatusCode, string(text), err
}

// TestArm checks that only the armed request fails, and that all requests are counted.
func TestArm(t *testing.T) {
	t.Parallel()
	const requests = 5
	for name, c := range map[string]struct {
		arm  func(*faults.Injector)
		fail string // one letter per request
	}{
		"first":     {func(i *faults.Injector) { i.Arm(0, faults.NotSent) }, "x...."},
		"third":     {func(i *faults.Injector) { i.Arm(2, faults.NotSent) }, "..x.."},
		"beyond":    {func(i *faults.Injector) { i.Arm(requests, faults.NotSent) }, "....."},
		"from":      {func(i *faults.Injector) { i.ArmFrom(3, faults.NotSent) }, "...xx"},
		"never":     {func(*faults.Injector) {}, "....."},
		"disarmed":  {func(i *faults.Injector) { i.ArmFrom(0, faults.NotSent); i.Disarm() }, "....."},
		"armed new": {func(i *faults.Injector) { i.ArmFrom(0, faults.NotSent); i.Arm(1, faults.NotSent) }, ".x..."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			service := &counter{}
			i := faults.New(service)
			c.arm(i)
			got := ""
			for range requests {
				if _, _, err := send(t.Context(), t, i); err != nil {
					got += "x"
				} else {
					got += "."
				}
			}
			hits := strings.Count(c.fail, "x")
			if got != c.fail || i.Hits() != hits || i.Requests() != requests || service.requests != requests-hits {
				t.Errorf("failed %s, %d hits of %d, %d sent on; want %s", got, i.Hits(), i.Requests(), service.requests, c.fail)
			}
		})
	}
}

// TestFaults checks the answer of each fault, and whether the request is carried out.
func TestFaults(t *testing.T) {
	t.Parallel()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for fault, c := range map[faults.Fault]struct {
		ctx    context.Context
		done   int
		status int
		body   string // part of it
		err    error  // errAny for whichever
	}{
		faults.NotSent:               {done: 0, err: errAny},
		faults.AnswerLost:            {done: 1, err: errAny},
		faults.Truncated:             {done: 1, status: 200, body: `{"who`, err: io.ErrUnexpectedEOF},
		faults.Deadline:              {ctx: ended, err: context.Canceled},
		faults.Status500:             {status: 500, body: "#InternalServerError"},
		faults.Status503:             {status: 503, body: "<html>"},
		faults.Throttling:            {status: 400, body: `{"Code":"None","Message":""},{"Code":"ThrottlingError"`},
		faults.CapacityExceeded:      {status: 400, body: `"ProvisionedThroughputExceeded"`},
		faults.TransactionConflict:   {status: 400, body: `"TransactionConflict"`},
		faults.TransactionInProgress: {status: 400, body: "#TransactionInProgressException"},
	} {
		t.Run(fault.String(), func(t *testing.T) {
			t.Parallel()
			service := &counter{}
			i := faults.New(service)
			i.Arm(0, fault)
			ctx := c.ctx
			if ctx == nil {
				ctx = t.Context()
			}
			status, body, err := send(ctx, t, i)
			if !errors.Is(err, c.err) && (err == nil || !errors.Is(c.err, errAny)) {
				t.Errorf("error %v, want %v", err, c.err)
			}
			if status != c.status || !strings.Contains(body, c.body) || service.requests != c.done {
				t.Errorf("status %d, body %s, carried out %d; want %d, %s, %d", status, body, service.requests, c.status, c.body, c.done)
			}
		})
	}
	if n := len(faults.All()); n != 10 {
		t.Errorf("%d faults, want 10", n)
	}
}

var errAny = errors.New("any")
