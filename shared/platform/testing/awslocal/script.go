package awslocal

import (
	"io"
	"net/http"
	"sync/atomic"
)

// Script answers its first requests by steps of its own, for tests of what a
// client makes of failures, and all others by another handler.
type Script struct {
	next     http.Handler
	steps    []http.HandlerFunc
	requests atomic.Int64
}

// NewScript returns a Script; a step that is nil leaves its request to next.
func NewScript(next http.Handler, steps ...http.HandlerFunc) *Script {
	return &Script{next: next, steps: steps}
}

// ServeHTTP implements [http.Handler].
func (s *Script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n := s.requests.Add(1)
	if n <= int64(len(s.steps)) && s.steps[n-1] != nil {
		s.steps[n-1](w, r)
		return
	}
	s.next.ServeHTTP(w, r)
}

// Requests returns how many requests have come.
func (s *Script) Requests() int { return int(s.requests.Load()) }

// Answer returns a step with this status and body.
func Answer(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

// CutShort is a step that closes the connection in the middle of the answer.
func CutShort(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "100")
	_, _ = w.Write([]byte("half"))
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// HangUp is a step that closes the connection without an answer.
func HangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// Hang is a step that answers nothing while the client waits.
func Hang(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // only then does the server notice that the client leaves
	<-r.Context().Done()
}
