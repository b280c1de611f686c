package main

import (
	"net/http"
	"slices"
	"sync"
	"time"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
)

// recentRequests is how many requests the start page shows.
const recentRequests = 20

// recent keeps the last requests for operations. It has nothing of what they said.
type recent struct {
	mu  sync.Mutex
	all []*request
}

// request is one request for an operation.
type request struct {
	At          string
	Method      string
	Path        string // of the operation, with the names of its parameters
	Status      int
	Correlation string
}

// record returns w, of whose answer the list has the status.
func (r *recent) record(w http.ResponseWriter, spec api.Spec, now time.Time) http.ResponseWriter {
	entry := &request{At: table.Stamp(now), Method: spec.Method, Path: spec.Path}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, entry)
	if len(r.all) > recentRequests {
		r.all = r.all[1:]
	}
	return &recorded{ResponseWriter: w, entry: entry, list: r}
}

// latest returns the requests that have been answered, the last one first.
func (r *recent) latest() []request {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []request
	for _, one := range slices.Backward(r.all) {
		if one.Status != 0 {
			all = append(all, *one)
		}
	}
	return all
}

// recorded notes the status of an answer.
type recorded struct {
	http.ResponseWriter

	entry *request
	list  *recent
}

// WriteHeader implements [http.ResponseWriter].
func (w *recorded) WriteHeader(status int) {
	w.list.mu.Lock()
	w.entry.Status = status
	w.entry.Correlation = w.Header().Get(api.CorrelationHeader)
	w.list.mu.Unlock()
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap returns the writer below, for [http.ResponseController].
func (w *recorded) Unwrap() http.ResponseWriter { return w.ResponseWriter }
