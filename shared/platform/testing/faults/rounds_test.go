package faults_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"ciclo/shared/platform/testing/faults"
)

// crowd is a service that answers many at once and counts them.
type crowd struct{ requests atomic.Int64 }

func (c *crowd) Do(*http.Request) (*http.Response, error) {
	c.requests.Add(1)
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
}

// TestRounds checks that one of several writers of an item passes in each round, and that
// transactions without a shared item and requests without callers pass at once.
func TestRounds(t *testing.T) {
	t.Parallel()
	service := &crowd{}
	r := faults.NewRounds(service)
	put := func(sk string) int {
		body := fmt.Sprintf(`{"TransactItems":[{"Put":{"TableName":"t","Item":{"pk":{"S":"own"},"sk":{"S":%q}}}},`+
			`{"Update":{"TableName":"t","Key":{"pk":{"S":"p"},"sk":{"S":%q}}}}]}`, sk, sk[:1])
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://service", strings.NewReader(body))
		if err != nil {
			t.Error(err)
			return 0
		}
		req.Header.Set("X-Amz-Target", "DynamoDB_20120810.TransactWriteItems")
		res, err := r.Do(req)
		if err != nil {
			t.Error(err)
			return 0
		}
		if err := res.Body.Close(); err != nil {
			t.Error(err)
		}
		return res.StatusCode
	}
	if status := put("alone"); status != http.StatusOK {
		t.Errorf("without callers: %d", status)
	}
	names := []string{"a1", "a2", "a3", "b1", "b2", "c1"}
	r.Begin(len(names))
	var writing sync.WaitGroup
	tries := make([]int, len(names))
	for i, name := range names {
		writing.Go(func() {
			defer r.End()
			for tries[i]++; put(name) != http.StatusOK; {
				tries[i]++
			}
		})
	}
	writing.Wait()
	// Three of a take 1, 2 and 3 rounds, those of b 1 and 2, that of c one.
	count := map[int]int{}
	for _, n := range tries {
		count[n]++
	}
	if count[1] != 3 || count[2] != 2 || count[3] != 1 || r.Refused() != 4 || service.requests.Load() != 7 {
		t.Errorf("tries %v, %d refused, %d carried out", tries, r.Refused(), service.requests.Load())
	}
}
