package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"time"
)

// object is a JSON object.
type object = map[string]any

// caller is who calls: it puts a credential into a request.
type caller struct {
	name      string
	id        string // of the organization
	user      string // of the organization, in whose name it calls; "" for none
	authorize func(*http.Request) error
}

// call is a request to the sandbox.
type call struct {
	by     *caller // nil for nobody
	method string
	path   string // below the base, with its query
	body   []byte
	header http.Header
	door   bool // it gets no further than the check of the credential
}

// world is a sandbox and what has been seen of it.
type world struct {
	url      string
	contract *contract
	client   *http.Client
	keys     signatures
	report   *report
	// samples are the first successful calls of operations, or the first ones; broken calls
	// are made of them.
	samples   map[*operation]call
	succeeded map[*operation]bool
}

func newWorld(url string, c *contract, r *report) *world {
	return &world{
		url: url, contract: c, report: r, samples: map[*operation]call{}, succeeded: map[*operation]bool{},
		client: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}
}

// send makes a call. An operation that the document has and we offer is called below the
// base, and its answer is checked; another one is called on its plain path, where the
// product has one.
func (w *world) send(ctx context.Context, c call) (answer, error) {
	o := w.contract.find(c.method, c.path)
	checked := o != nil && o.offered
	url := w.url + c.path
	if checked || w.contract.profile.base != nil {
		url = w.url + w.contract.base + c.path
	}
	a, err := w.exchange(ctx, c, url)
	if err != nil || !checked {
		return a, err
	}
	found := check(o, a)
	if w.contract.profile.closed {
		found = append(found, w.keys.check(ctx, w, o, a)...)
	}
	if w.contract.title == pdnd {
		found = append(found, checkGateway(w.contract.proves, a)...)
	}
	w.report.add(o, a, found)
	success := a.status/100 == 2
	if _, there := w.samples[o]; !there || success && !w.succeeded[o] {
		w.samples[o] = c
	}
	w.succeeded[o] = w.succeeded[o] || success
	return a, nil
}

// exchange sends a request and reads its answer.
func (w *world) exchange(ctx context.Context, c call, url string) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, c.method, url, bytes.NewReader(c.body))
	if err != nil {
		return answer{}, err
	}
	if c.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	maps.Copy(req.Header, c.header)
	if c.by != nil {
		if err := c.by.authorize(req); err != nil {
			return answer{}, err
		}
	}
	res, err := w.client.Do(req)
	if err != nil {
		return answer{}, fmt.Errorf("%s %s: %w", c.method, url, err)
	}
	defer res.Body.Close()
	a := answer{call: c, status: res.StatusCode, header: res.Header}
	if a.raw, err = io.ReadAll(res.Body); err != nil {
		return answer{}, fmt.Errorf("%s %s: %w", c.method, url, err)
	}
	if json.Unmarshal(a.raw, &a.body) != nil {
		a.body = nil
	}
	return a, nil
}

// text gets one of the sandbox's own routes.
func (w *world) text(ctx context.Context, path string) (string, error) {
	a, err := w.exchange(ctx, call{method: http.MethodGet}, w.url+path)
	if err == nil && a.status != http.StatusOK {
		err = fmt.Errorf("GET %s is answered with %d %s", path, a.status, a.raw)
	}
	return string(a.raw), err
}

// header is a credential in one header.
func header(name, value string) func(*http.Request) error {
	return func(r *http.Request) error {
		r.Header.Set(name, value)
		return nil
	}
}

// story is a run of calls that belong together.
type story struct {
	name string
	tell func(*scene)
}

// scene tells a story; after an error its calls do nothing.
type scene struct {
	*world
	*crowd
	ctx context.Context
	err error
}

// tell tells one story.
func (w *world) tell(ctx context.Context, people *crowd, one story) error {
	s := &scene{world: w, crowd: people, ctx: ctx}
	one.tell(s)
	if s.err != nil {
		return fmt.Errorf("the story of %s: %w", one.name, s.err)
	}
	return nil
}

// offers reports that an operation is in the document and offered.
func (w *world) offers(method, path string) bool {
	o := w.contract.find(method, path)
	return o != nil && o.offered
}

// request sends a JSON body, nil for none.
func (s *scene) request(by *caller, method, path string, body any) answer {
	if s.err != nil {
		return answer{}
	}
	c := call{by: by, method: method, path: path}
	if body != nil {
		if c.body, s.err = json.Marshal(body); s.err != nil {
			return answer{}
		}
	}
	a, err := s.send(s.ctx, c)
	s.err = err
	return a
}

// do makes a call that succeeds, and returns the answer's object.
func (s *scene) do(by *caller, method, path string, body any) object {
	a := s.request(by, method, path, body)
	if s.err == nil && a.status/100 != 2 {
		s.err = fmt.Errorf("%s %s by the %s is answered with %d %s", method, path, by.name, a.status, a.raw)
	}
	result, _ := a.body.(object)
	return result
}

// refused makes a call that is refused with the status.
func (s *scene) refused(status int, by *caller, method, path string, body any) {
	a := s.request(by, method, path, body)
	if s.err != nil || a.status == status {
		return
	}
	wrong := []finding{{"story", fmt.Sprintf("is answered with %d, want %d", a.status, status)}}
	if o := s.contract.find(method, path); o != nil && o.offered {
		s.report.blame(o, a, wrong)
		return
	}
	s.err = fmt.Errorf("%s %s %s", method, path, wrong[0].why)
}

func (s *scene) get(by *caller, path string) object { return s.do(by, http.MethodGet, path, nil) }

// list reads pages of a list: all, a short one, one past the end.
func (s *scene) list(by *caller, path string) object {
	mark := "?"
	if strings.Contains(path, "?") {
		mark = "&"
	}
	s.get(by, path+mark+"offset=1&limit=1")
	s.get(by, path+mark+"offset=1000&limit=50")
	return s.get(by, path+mark+"offset=0&limit=50")
}

// Waiting for what a worker does.
const (
	pollEvery = 20 * time.Millisecond
	patience  = 10 * time.Second
)

// until reads something until a member has a value.
func (s *scene) until(by *caller, path, member string, want any) {
	ctx, cancel := context.WithTimeout(s.ctx, patience)
	defer cancel()
	ticks := time.NewTicker(pollEvery)
	defer ticks.Stop()
	for s.err == nil {
		got := s.get(by, path)[member]
		if got == want || got == nil && want == false {
			return
		}
		select {
		case <-ctx.Done():
			s.err = fmt.Errorf("%s of %s stays %v", member, path, got)
		case <-ticks.C:
		}
	}
}

func (s *scene) post(by *caller, path string, body any) object {
	return s.do(by, http.MethodPost, path, body)
}

func (s *scene) patch(by *caller, path string, body any) object {
	return s.do(by, http.MethodPatch, path, body)
}

func (s *scene) remove(by *caller, path string) { s.do(by, http.MethodDelete, path, nil) }

// put replaces something.
func (s *scene) put(by *caller, path string, body any) { s.do(by, http.MethodPut, path, body) }

// create makes something and returns its id.
func (s *scene) create(by *caller, path string, body any) string {
	id, _ := s.post(by, path, body)["id"].(string)
	if s.err == nil && id == "" {
		s.err = fmt.Errorf("POST %s answers no id", path)
	}
	return id
}
