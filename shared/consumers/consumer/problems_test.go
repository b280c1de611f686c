package consumer_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"ciclo/shared/consumers"
	"ciclo/shared/consumers/consumerstest"
	"ciclo/shared/consumers/operation"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/hooked"
)

// route is an operation with a request that succeeds in the fixture.
type route struct {
	api.Spec
	path, body string
}

// fixture registers consumer ann with account acc-c1, card c1 and digital card d1; consumer
// bob, which is deleted; and consumer cid with card cid, which is DELETING. It returns a
// request for each operation.
func (w *world) fixture() map[string]route {
	w.Helper()
	w.cards("ann", "c1")
	w.digitalCard("c1", "d1")
	w.register("bob")
	w.deleted("bob", operation.Successful)
	w.deleting("cid")
	requests := map[string]route{
		"consumer/register":       {path: consumerPath("ann")},
		"consumer/register-cards": {path: consumerPath("ann") + "/cards", body: cardsBody("c1")},
		"consumer/get":            {path: consumerPath("ann")},
		"consumer/list-accounts":  {path: consumerPath("ann") + "/accounts"},
		"consumer/list-cards":     {path: consumerPath("ann") + "/cards"},
		"consumer/delete":         {path: consumerPath("dan") + "/operations:delete"},
		"account/register":        {path: accountPath("acc-c1"), body: accountBody("ann")},
		"card/get":                {path: cardPath("c1")},
		"digitalcard/register":    {path: digitalCardPath("c1", "d1")},
		"operation/list":          {path: consumerPath("ann") + "/operations"},
		"operation/get":           {path: consumerPath("ann") + "/operations/" + w.operations("ann")[0].OperationID},
	}
	for _, op := range ops {
		spec := op.Describe()
		r, ok := requests[spec.ID]
		if !ok {
			w.Fatalf("the fixture has no request for %s", spec.ID)
		}
		r.Spec = spec
		requests[spec.ID] = r
	}
	w.register("dan") // for one delete
	return requests
}

// writes tells whether the operation writes. All operations that write read a body.
func (r route) writes() bool { return r.Method != http.MethodGet }

func (w *world) send(as *api.Identity, r route, header ...string) apitest.Response {
	w.Helper()
	return w.As(as, r.Method, r.path, r.body, header...)
}

// TestEveryProblemIsDeclaredAndProduced: every operation answers with each code that it
// declares, and with no other code.
func TestEveryProblemIsDeclaredAndProduced(t *testing.T) {
	embedded(t, func(w *world) {
		for id, r := range w.fixture() {
			declared := map[string]problem.Code{}
			for _, c := range slices.Concat(r.Product.Frame(), r.Problems) {
				declared[c.Name] = c
			}
			produced := w.produced(r, declared)
			delete(declared, cannotProduce(r))
			if !r.writes() {
				delete(declared, r.Product.Media.Name)
			}
			for code := range declared {
				if !produced[code] {
					w.Errorf("%s never answered with %s, which it declares", id, code)
				}
			}
		}
	})
}

// produced provokes all refusals of an operation and returns their codes. It fails unless they
// are declared.
func (w *world) produced(r route, declared map[string]problem.Code) map[string]bool {
	w.Helper()
	produced := map[string]bool{}
	for _, res := range slices.Concat(w.frameProblems(r), w.ownProblems(r.ID)) {
		code := consumerstest.CodeOf(res)
		if want, ok := declared[code]; !ok || res.Status != want.Status {
			w.Errorf("%s answered %d with a code it does not declare:\n%s", r.ID, res.Status, res.Raw)
		}
		if kind := res.Header.Get("Content-Type"); kind != "application/problem+json" {
			w.Errorf("%s: Content-Type %s", r.ID, kind)
		}
		produced[code] = true
	}
	return produced
}

// cannotProduce names the code of values that are not allowed for the operations
// that have ids in their path and nothing else: an id is malformed or fine.
func cannotProduce(r route) string {
	switch r.ID {
	case "consumer/register", "consumer/get", "card/get", "operation/get":
		return r.Product.InvalidValue.Name
	}
	return ""
}

// frameProblems makes the refusals that every operation has in common.
func (w *world) frameProblems(r route) []apitest.Response {
	w.Helper()
	answers := []apitest.Response{
		w.send(nil, r),
		w.send(apitest.Issuer("ISSUER-002", consumers.ScopeFull), r),
		w.send(writer, r, api.CorrelationHeader, "a/b"),
		w.As(writer, r.Method, r.path, `{"x":"`+strings.Repeat("x", api.MaxBodyBytes)+`"}`),
	}
	for _, err := range []error{hooked.ErrDown, errors.New("broken")} {
		w.Tap.Set(func(*call) error { return err })
		answers = append(answers, w.send(writer, r))
		w.Tap.Set(nil)
	}
	switch r.ID {
	case "consumer/list-accounts", "consumer/list-cards", "operation/list":
		answers = append(answers, w.As(writer, r.Method, r.path+"?limit=51", ""))
	case "consumer/delete":
		answers = append(answers, w.As(writer, r.Method, r.path, `{"reasonCode":"OTHER"}`))
	case "consumer/register-cards", "account/register", "digitalcard/register":
		answers = append(answers, w.As(writer, r.Method, r.path, `{"state":"OTHER","cards":[]}`))
	}
	if r.writes() {
		req := route{Spec: r.Spec, path: r.path, body: "x=1"}
		answers = append(answers, w.send(writer, req, "Content-Type", "application/x-www-form-urlencoded"))
	}
	return answers
}

// ownProblems makes the refusals of one operation.
func (w *world) ownProblems(id string) (answers []apitest.Response) {
	w.Helper()
	call := func(method, path, body string) { answers = append(answers, w.As(writer, method, path, body)) }
	switch id {
	case "consumer/register":
		call("PUT", consumerPath("bob"), "")
		call("PUT", consumerPath("cid"), "")
	case "consumer/register-cards":
		call("PUT", consumerPath("bob")+"/cards", cardsBody("new"))
		call("PUT", consumerPath("cid")+"/cards", cardsBody("new"))
		call("PUT", consumerPath("eve")+"/cards", cardsBody("c1"))
	case "consumer/get":
		call("GET", consumerPath("bob"), "")
	case "consumer/list-accounts":
		call("GET", consumerPath("bob")+"/accounts", "")
	case "consumer/list-cards":
		call("GET", consumerPath("bob")+"/cards", "")
	case "consumer/delete":
		call("POST", consumerPath("bob")+"/operations:delete", "")
	case "account/register":
		call("PUT", accountPath("new"), accountBody("bob"))
		call("PUT", accountPath("new"), accountBody("cid"))
		call("PUT", accountPath("acc-c1"), accountBody("dan"))
	case "card/get":
		call("GET", cardPath("unknown"), "")
	case "digitalcard/register":
		call("PUT", digitalCardPath("unknown", "d"), "")
		call("PUT", digitalCardPath("cid", "new"), "")
	case "operation/get":
		call("GET", consumerPath("ann")+"/operations/unknown", "")
	}
	for i, res := range answers {
		if res.Status < 400 {
			w.Errorf("%s: request %d was not refused: %d", id, i, res.Status)
		}
	}
	return answers
}

// TestBrokenStorage: an engine that is down is answered with 503, an unknown error with 500.
func TestBrokenStorage(t *testing.T) {
	embedded(t, func(w *world) {
		for id, r := range w.fixture() {
			w.Tap.Set(down)
			res := w.send(writer, r)
			if res.Status != http.StatusServiceUnavailable || res.Header.Get("Retry-After") != "1" {
				w.Errorf("%s with the engine down = %d, Retry-After %q", id, res.Status, res.Header.Get("Retry-After"))
			}
			w.Tap.Set(func(*call) error { return fmt.Errorf("secret of %s", consumerPath("ann")) })
			res = w.send(writer, r)
			if res.Status != http.StatusInternalServerError || strings.Contains(res.Raw, "secret") {
				w.Errorf("%s with a broken engine = %d %s", id, res.Status, res.Raw)
			}
			w.Tap.Set(nil)
		}
	})
}
