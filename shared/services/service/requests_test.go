package service_test

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/png"
	"slices"
	"strings"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/services"
	"ciclo/shared/services/service"
)

// pixel is the body of a request with the smallest logo.
var pixel = func() string {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		panic(err)
	}
	return `{"logo":"` + base64.StdEncoding.EncodeToString(b.Bytes()) + `"}`
}()

// request is an operation with a request that it answers with success.
type request struct {
	api.Spec
	path, body string
}

// caller returns a caller that may send the request.
func (r request) caller() *api.Identity {
	if slices.Equal(r.Scopes, services.Reviewers) {
		return reviewer
	}
	return owner
}

// hasService reports whether the path of the request names a service.
func (r request) hasService() bool { return strings.Contains(r.Path, "{serviceId}") }

// requests makes services in every state and returns a request for each operation, by id.
func (w *world) requests() map[string]request {
	w.Helper()
	draft := w.create(w.fresh())
	removed := w.create(w.fresh())
	waiting := func() string {
		path := w.create(w.fresh())
		w.submit(path, true)
		return path
	}
	visible := waiting()
	w.Want(w.call("PUT", visible+"/logo", pixel), 204)
	w.decide(visible, "approve")
	requests := map[string]request{
		"service/info":            {path: "/info"},
		"service/create":          {path: "/services", body: w.fresh()},
		"service/list":            {path: "/services?limit=2&offset=1"},
		"service/topics":          {path: "/services/topics"},
		"service/get":             {path: visible},
		"service/allowed-actions": {path: visible + "/allowedActions"},
		"service/update":          {path: draft, body: w.fresh()},
		"service/delete":          {path: removed},
		"service/update-logo":     {path: visible + "/logo", body: pixel},
		"service/get-logo":        {path: visible + "/logo"},
		"service/history":         {path: visible + "/history?limit=2"},
		"service/keys":            {path: visible + "/keys"},
		"service/regenerate-key":  {path: visible + "/keys/primary"},
		"service/review":          {path: w.create(w.fresh()) + "/review", body: `{"auto_publish":true}`},
		"service/withdraw":        {path: waiting() + "/review"},
		"service/check":           {path: draft + "/review/check"},
		"service/get-review":      {path: waiting() + "/review"},
		"service/approve":         {path: waiting() + "/review/approve"},
		"service/reject":          {path: waiting() + "/review/reject", body: `{"reason":"R","code":"NOT_A_DELEGATE"}`},
		"service/list-reviews":    {path: "/reviews"},
		"service/release":         {path: visible + "/release"},
		"service/get-release":     {path: visible + "/release"},
		"service/unpublish":       {path: visible + "/release"},
	}
	for _, op := range service.Operations() {
		spec := op.Describe()
		r, ok := requests[spec.ID]
		if !ok {
			w.Fatalf("there is no request for %s", spec.ID)
		}
		r.Spec = spec
		requests[spec.ID] = r
	}
	return requests
}

// send sends the request as that caller.
func (w *world) send(as *api.Identity, r request, header ...string) apitest.Response {
	w.Helper()
	return w.As(as, r.Method, r.path, r.body, header...)
}

// fresh returns a complete payload with a name that no other service has.
func (w *world) fresh() string { return named("service %d", unique.Add(1)) }
