// Package faults injects failures between the DynamoDB client and the service,
// so that tests can break every call of an operation in every way it can break.
package faults

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strings"
	"sync"
)

// Fault is one way in which a request can fail.
type Fault int

// The faults. The ones named after a status or an exception are answered
// instead of sending the request.
const (
	NotSent               Fault = iota + 1 // the connection fails before the request is sent
	AnswerLost                             // carried out, but the connection fails before the answer
	Truncated                              // carried out, but the connection fails within the answer
	Deadline                               // never answered: blocks until the request's context ends
	Status500                              // InternalServerError
	Status503                              // ServiceUnavailable, without a body the client can decode
	Throttling                             // ThrottlingException or, for a transaction, that reason
	CapacityExceeded                       // ProvisionedThroughputExceededException or that reason
	TransactionConflict                    // TransactionConflictException or, for a transaction, that reason
	TransactionInProgress                  // TransactionInProgressException
)

var names = [...]string{
	NotSent: "not-sent", AnswerLost: "answer-lost", Truncated: "truncated", Deadline: "deadline",
	Status500: "status-500", Status503: "status-503", Throttling: "throttling", CapacityExceeded: "capacity-exceeded",
	TransactionConflict: "transaction-conflict", TransactionInProgress: "transaction-in-progress",
}

func (f Fault) String() string { return names[f] }

// All returns every fault.
func All() []Fault {
	all := make([]Fault, 0, len(names)-1)
	for f := NotSent; int(f) < len(names); f++ {
		all = append(all, f)
	}
	return all
}

// Client sends HTTP requests, like [http.Client] and as the SDK wants it.
type Client interface {
	Do(*http.Request) (*http.Response, error)
}

// Injector is a Client that passes requests on to another one, except those that it is
// armed for. It is safe for concurrent use.
type Injector struct {
	next Client

	mu          sync.Mutex
	seen        int // requests since armed
	first, last int // the requests to hit
	fault       Fault
	hits        int
}

// New returns an Injector in front of next that is not armed.
func New(next Client) *Injector { return &Injector{next: next, last: -1} }

// Arm makes request k from now, counted from 0 and retries included, fail with f.
func (i *Injector) Arm(k int, f Fault) { i.arm(k, k, f) }

// ArmFrom makes request k from now and all that follow fail with f.
func (i *Injector) ArmFrom(k int, f Fault) { i.arm(k, math.MaxInt, f) }

// Disarm passes every request on and restarts the count.
func (i *Injector) Disarm() { i.arm(0, -1, 0) }

func (i *Injector) arm(first, last int, f Fault) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.seen, i.hits, i.first, i.last, i.fault = 0, 0, first, last, f
}

// Requests returns how many requests were made since the injector was armed.
func (i *Injector) Requests() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.seen
}

// Hits returns how many requests failed since the injector was armed. A test
// that arms request 0, 1, 2, … has broken every call once this is 0.
func (i *Injector) Hits() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.hits
}

// Do implements [Client].
func (i *Injector) Do(req *http.Request) (*http.Response, error) {
	switch f := i.take(); f {
	case 0:
		return i.next.Do(req)
	case NotSent:
		return nil, errors.New("fault: connection refused")
	case AnswerLost:
		return i.lose(req)
	case Truncated:
		return i.truncate(req)
	case Deadline:
		<-req.Context().Done()
		return nil, req.Context().Err()
	default:
		return answer(req, f)
	}
}

// take counts one request and returns the fault it meets, 0 for none.
func (i *Injector) take() Fault {
	i.mu.Lock()
	defer i.mu.Unlock()
	k := i.seen
	i.seen++
	if k < i.first || k > i.last {
		return 0
	}
	i.hits++
	return i.fault
}

func (i *Injector) lose(req *http.Request) (*http.Response, error) {
	res, err := i.next.Do(req)
	if err != nil {
		return nil, err
	}
	// Only a whole answer proves that the request was carried out.
	_, err = io.Copy(io.Discard, res.Body)
	return nil, errors.Join(errors.New("fault: connection reset by peer"), err, res.Body.Close())
}

func (i *Injector) truncate(req *http.Request) (*http.Response, error) {
	res, err := i.next.Do(req)
	if err != nil {
		return nil, err
	}
	whole, err := io.ReadAll(res.Body)
	if err := errors.Join(err, res.Body.Close()); err != nil {
		return nil, err
	}
	res.Body = io.NopCloser(io.MultiReader(bytes.NewReader(whole[:len(whole)/2]), broken{}))
	return res, nil
}

// broken is the rest of an answer after its connection failed.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// answer returns the answer of DynamoDB to a request with fault f.
func answer(req *http.Request, f Fault) (*http.Response, error) {
	switch f {
	case Status500:
		return respond(req, http.StatusInternalServerError, exception("InternalServerError"))
	case Status503:
		return respond(req, http.StatusServiceUnavailable, "<html>Service Unavailable</html>")
	case TransactionInProgress:
		return respond(req, http.StatusBadRequest, exception("TransactionInProgressException"))
	default: // these faults have one name for a transaction and one for its item
	}
	single, reason := "TransactionConflictException", "TransactionConflict"
	switch f {
	case Throttling:
		single, reason = "ThrottlingException", "ThrottlingError"
	case CapacityExceeded:
		single, reason = "ProvisionedThroughputExceededException", "ProvisionedThroughputExceeded"
	default:
	}
	if !strings.Contains(req.Header.Get("X-Amz-Target"), ".Transact") {
		return respond(req, http.StatusBadRequest, exception(single))
	}
	body, err := canceled(req, reason)
	if err != nil {
		return nil, err
	}
	return respond(req, http.StatusBadRequest, body)
}

func exception(name string) string {
	return fmt.Sprintf(`{"__type":"com.amazonaws.dynamodb.v20120810#%s","message":"fault"}`, name)
}

// canceled returns the body of a cancelled transaction. Its last step has the reason.
func canceled(req *http.Request, reason string) (string, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return "", err
	}
	var sent struct{ TransactItems []json.RawMessage }
	if err := json.Unmarshal(body, &sent); err != nil {
		return "", err
	}
	type why struct{ Code, Message string }
	reasons := make([]why, len(sent.TransactItems))
	for k := range reasons {
		reasons[k].Code = "None"
		if k == len(reasons)-1 {
			reasons[k] = why{Code: reason, Message: "fault"}
		}
	}
	text, err := json.Marshal(map[string]any{
		"__type":              "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
		"Message":             "Transaction cancelled, please refer cancellation reasons for specific reasons",
		"CancellationReasons": reasons,
	})
	return string(text), err
}

func respond(req *http.Request, status int, body string) (*http.Response, error) {
	return &http.Response{
		StatusCode: status,
		Status:     fmt.Sprintf("%d %s", status, http.StatusText(status)),
		Proto:      "HTTP/1.1",
		ProtoMajor: 1,
		ProtoMinor: 1,
		Header:     http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
		Body:       io.NopCloser(strings.NewReader(body)),
		Request:    req,
	}, nil
}
