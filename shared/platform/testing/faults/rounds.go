package faults

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
)

// Rounds is a Client that makes simultaneous writers conflict as often as possible. It
// delays their transactions until every caller has sent one. Then it passes on those that
// share no item with an earlier one, and answers the others with TransactionConflict, as
// DynamoDB refuses a transaction while another one writes one of its items. Requests
// outside of Begin and End, and other requests than transactions, pass at once. It is safe
// for concurrent use.
type Rounds struct {
	next Client

	mu      sync.Mutex
	callers int
	held    []*heldWrite
	refused int
}

// heldWrite is a transaction that waits for the other callers.
type heldWrite struct {
	items  []string
	passes chan bool
}

// NewRounds returns Rounds in front of next without callers.
func NewRounds(next Client) *Rounds { return &Rounds{next: next} }

// Begin announces n callers. Each must call End.
func (r *Rounds) Begin(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.callers += n
}

// End reports that a caller has its answer and writes nothing more.
func (r *Rounds) End() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.callers--
	r.release()
}

// Refused returns how many transactions were answered with TransactionConflict.
func (r *Rounds) Refused() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.refused
}

// Do implements [Client].
func (r *Rounds) Do(req *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(req.Header.Get("X-Amz-Target"), ".TransactWriteItems") {
		return r.next.Do(req)
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	items, err := itemsOf(body)
	if err != nil {
		return nil, err
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	if !r.passes(items) {
		return answer(req, TransactionConflict)
	}
	return r.next.Do(req)
}

// passes waits until all callers have sent a transaction, and reports whether the one that
// writes these items may be carried out.
func (r *Rounds) passes(items []string) bool {
	r.mu.Lock()
	if r.callers == 0 {
		r.mu.Unlock()
		return true
	}
	w := &heldWrite{items: items, passes: make(chan bool, 1)}
	r.held = append(r.held, w)
	r.release()
	r.mu.Unlock()
	return <-w.passes
}

// release ends the round when every caller has a transaction in it.
func (r *Rounds) release() {
	if len(r.held) < r.callers {
		return
	}
	taken := map[string]bool{}
	for _, w := range r.held {
		free := true
		for _, item := range w.items {
			free = free && !taken[item]
		}
		if !free {
			r.refused++
		}
		for _, item := range w.items {
			taken[item] = taken[item] || free
		}
		w.passes <- free
	}
	r.held = nil
}

// itemsOf names the items that a transaction has an action for.
func itemsOf(body []byte) ([]string, error) {
	type action struct {
		TableName string
		Key, Item struct{ PK, SK struct{ S string } }
	}
	var sent struct{ TransactItems []map[string]action }
	if err := json.Unmarshal(body, &sent); err != nil {
		return nil, err
	}
	var items []string
	for _, actions := range sent.TransactItems {
		for _, a := range actions {
			key := a.Key
			if a.Item.PK.S != "" {
				key = a.Item
			}
			items = append(items, strings.Join([]string{a.TableName, key.PK.S, key.SK.S}, "\n"))
		}
	}
	return items, nil
}
