package main

import (
	"context"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// call is a request to a sandbox and its answer.
type call struct {
	method, path string
	status       int
	body         string
}

// recording has the calls of a sandbox in their order.
type recording struct {
	mu    sync.Mutex
	calls []call
}

func (r *recording) add(c call) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, c)
}

func (r *recording) clear() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = nil
}

// pastes returns the calls before each call of /pasted.
func (r *recording) pastes() [][]call {
	r.mu.Lock()
	defer r.mu.Unlock()
	var pastes [][]call
	var paste []call
	for _, c := range r.calls {
		if c.path == "/pasted" {
			pastes, paste = append(pastes, paste), nil
			continue
		}
		paste = append(paste, c)
	}
	return pastes
}

// recordingSandbox starts a sandbox and records its calls. It answers /pasted itself.
func recordingSandbox(t *testing.T) (url string, recorded *recording) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	url, recorded = "http://localhost:"+port, &recording{}
	box, err := newSandbox(embedded(t), url, nothing, quiet())
	if err != nil {
		t.Fatal(err)
	}
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: recorded.around(box)}}
	server.Start()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := box.start(ctx)
	t.Cleanup(func() {
		server.Close()
		cancel()
		<-done
	})
	return url, recorded
}

func (r *recording) around(handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		answer := httptest.NewRecorder()
		if req.URL.Path != "/pasted" {
			handler.ServeHTTP(answer, req)
		}
		r.add(call{method: req.Method, path: req.URL.Path, status: answer.Code, body: answer.Body.String()})
		maps.Copy(w.Header(), answer.Header())
		w.WriteHeader(answer.Code)
		_, _ = io.Copy(w, answer.Body)
	})
}
