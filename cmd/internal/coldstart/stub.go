package coldstart

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

const (
	target = "X-Amz-Target" // names the operation of a request
	// token differs each time that a transaction is sent.
	token = "ClientRequestToken"
	// distance is the time that a recorded answer takes, about that of a call within a region.
	distance = time.Millisecond
)

// Stub stands between a function and DynamoDB. It passes requests on and records the answers,
// until Replay; from then on it gives the recorded answers itself, in the same time each.
// What runs behind it is then no part of what is measured. Safe for concurrent use.
type Stub struct {
	URL string

	server    *http.Server
	upstream  string
	mu        sync.Mutex
	replaying bool
	answers   []answer
	given     []bool // which of the answers, since Rewind
}

// answer is what DynamoDB answered to a request.
type answer struct {
	target, request string
	status          int
	body            []byte
}

// NewStub starts a stub in front of the DynamoDB at the URL upstream. Close stops it.
func NewStub(ctx context.Context, upstream string) (*Stub, error) {
	var listening net.ListenConfig
	listener, err := listening.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("coldstart: %w", err)
	}
	s := &Stub{URL: "http://" + listener.Addr().String(), upstream: upstream}
	s.server = &http.Server{Handler: s, ReadHeaderTimeout: time.Minute}
	go func() { _ = s.server.Serve(listener) }() // ends with Close
	return s, nil
}

// Close stops the stub.
func (s *Stub) Close() error { return s.server.Close() }

// Replay ends the recording.
func (s *Stub) Replay() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.replaying, s.given = true, make([]bool, len(s.answers))
}

// Rewind makes the stub answer as at the beginning: each answer is given once before any is
// repeated.
func (s *Stub) Rewind() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.given)
}

// Recorded returns the number of answers.
func (s *Stub) Recorded() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.answers)
}

// ServeHTTP implements [http.Handler].
func (s *Stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	a := answer{target: r.Header.Get(target), request: canonical(body)}
	s.mu.Lock()
	replaying := s.replaying
	known := replaying && s.find(&a)
	s.mu.Unlock()
	switch {
	case known:
		time.Sleep(distance) //nolint:forbidigo // as long as a call of DynamoDB takes
	case replaying:
		http.Error(w, "no answer was recorded for "+a.target, http.StatusNotImplemented)
		return
	default:
		if err := s.ask(r, body, &a); err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		s.mu.Lock()
		s.answers = append(s.answers, a)
		s.mu.Unlock()
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.Header().Set("X-Amz-Crc32", strconv.FormatUint(uint64(crc32.ChecksumIEEE(a.body)), 10))
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // a function that is gone is noticed elsewhere
}

// find completes a request with its answer: that of the same request if there is one, else
// the next one of the operation that was not given yet, since ids and times in a request
// differ from the recorded ones, else the operation's last.
func (s *Stub) find(a *answer) bool {
	best, rank := -1, 0
	for i, known := range s.answers {
		if known.target != a.target {
			continue
		}
		of := 1
		switch same := known.request == a.request; {
		case same && !s.given[i]:
			of = 4
		case same:
			of = 3
		case !s.given[i]:
			of = 2
		}
		if of > rank || of == 1 && rank == 1 {
			best, rank = i, of
		}
	}
	if best < 0 {
		return false
	}
	s.given[best] = true
	a.status, a.body = s.answers[best].status, s.answers[best].body
	return true
}

// ask passes a request on.
func (s *Stub) ask(r *http.Request, body []byte, a *answer) error {
	req, err := http.NewRequestWithContext(r.Context(), r.Method, s.upstream+r.URL.Path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header = r.Header.Clone()
	req.Header.Del("Accept-Encoding")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	a.status = res.StatusCode
	a.body, err = io.ReadAll(res.Body)
	return err
}

// canonical is a request in a form that is the same each time it is sent.
func canonical(body []byte) string {
	var members map[string]any
	if json.Unmarshal(body, &members) != nil {
		return string(body)
	}
	delete(members, token)
	sorted, err := json.Marshal(members)
	if err != nil {
		return string(body)
	}
	return string(sorted)
}
