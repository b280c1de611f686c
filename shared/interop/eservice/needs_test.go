package eservice_test

import (
	"fmt"
	"net/http"
	"strings"

	"ciclo/shared/interop/eservice"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/testing/apitest"
)

// kinds are the kinds of attributes as paths spell them.
var kinds = []string{"certified", "declared", "verified"}

// attributes are three of a kind, made at the first use.
func (w *world) attributes(kind string) []string {
	w.Helper()
	if w.registry[kind] == nil {
		w.registry[kind] = w.define(kind, 3)
	}
	return w.registry[kind]
}

// define adds attributes to the registry.
func (w *world) define(kind string, n int) []string {
	w.Helper()
	caller := producer
	if kind == "certified" {
		caller = certifier
	}
	var ids []string
	for range n {
		ids = append(ids, w.DefineAttribute(caller, kind))
	}
	return ids
}

// group is the body that names attributes.
func group(ids ...string) string {
	return interoptest.JSON(object{"attributeIds": append([]string{}, ids...)})
}

// in is the path of the attributes in a group.
func in(descriptor, kind string, index int) string {
	return fmt.Sprintf("%s/%sAttributes/groups/%d/attributes", descriptor, kind, index)
}

// need adds a group of attributes.
func (w *world) need(descriptor, kind string, ids ...string) apitest.Response {
	w.Helper()
	return w.Want(w.call("POST", descriptor+"/"+kind+"Attributes/groups", group(ids...)), http.StatusCreated)
}

// needing makes an e-service whose draft requires two attributes of each kind.
func (w *world) needing() (path, descriptor string) {
	w.Helper()
	path, descriptor = w.create(nil)
	for _, kind := range kinds {
		w.need(descriptor, kind, w.attributes(kind)[:2]...)
	}
	return path, descriptor
}

// needed is what a descriptor requires of a kind, as "<group> <id>".
func (w *world) needed(descriptor, kind string) (all []string) {
	w.Helper()
	for _, one := range interoptest.Results(w.Want(w.call("GET", descriptor+"/"+kind+"Attributes", ""), http.StatusOK)) {
		attribute, _ := one["attribute"].(object)
		all = append(all, fmt.Sprint(one["groupIndex"], " ", attribute["id"]))
	}
	return all
}

// use adds to the count of agreements on a version.
func (w *world) use(path string, number, by int64) {
	w.Helper()
	if err := w.Tap.DB.Write(w.Context(), eservice.UsageStep(idOf(path), number, by)); err != nil {
		w.Fatal(err)
	}
}

// requirementProblems are requests that operations on required attributes refuse.
func (w *world) requirementProblems(r interoptest.Request) []interoptest.Request {
	w.Helper()
	if !strings.Contains(r.Path, "Attributes") || !writes(r) {
		return nil
	}
	kind := strings.Split(strings.TrimPrefix(r.ID, "eservice/"), "-")[1]
	var requests []interoptest.Request
	if strings.Contains(r.Path, "{groupIndex}") {
		requests = append(requests, r.Replace("/groups/0/", "/groups/9/"))
	}
	if strings.Contains(r.Path, "{attributeId}") {
		requests = append(requests, r.Replace(interoptest.LastID(r.At), interoptest.UnknownID()))
	}
	if strings.Contains(r.Body, "attributeIds") {
		one := w.attributes(kind)[0]
		requests = append(requests, saying(r, group(interoptest.UnknownID())), saying(r, group(one, one)))
	}
	if strings.Contains(r.Body, "dailyCalls") {
		w.Want(w.call("PATCH", r.At, `{"dailyCallsPerConsumer":3}`), http.StatusOK)
		requests = append(requests, saying(r, `{"dailyCallsPerConsumer":101}`), saying(r, `{"dailyCallsPerConsumer":3}`))
	}
	if strings.Contains(r.ID, "/add-") {
		_, live := w.needing()
		w.move(live, "publish")
		none := saying(r, group())
		none.At = in(live, kind, 0)
		requests = append(requests, none)
	}
	return requests
}
