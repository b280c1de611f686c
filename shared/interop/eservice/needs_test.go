package eservice_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"ciclo/shared/interop/eservice"
	"ciclo/shared/platform/testing/apitest"
)

// kinds are those of attributes as paths tell them.
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
func (w *world) define(kind string, n int) (ids []string) {
	w.Helper()
	by := producer
	seed := object{"description": "Somebody has it"}
	if kind == "certified" {
		by, seed["code"] = certifier, "code"
	}
	for range n {
		number := strconv.FormatInt(unique.Add(1), 10)
		if seed["name"] = "Attribute " + number; kind == "certified" {
			seed["code"] = "code " + number
		}
		ids = append(ids, w.want(w.as(by, "POST", "/"+kind+"Attributes", payload(seed, nil)), http.StatusCreated).Text("id"))
	}
	return ids
}

// group is the body that names attributes.
func group(ids ...string) string {
	b, err := json.Marshal(object{"attributeIds": append([]string{}, ids...)})
	if err != nil {
		panic(err)
	}
	return string(b)
}

// in is the path of the attributes in a group.
func in(descriptor, kind string, index int) string {
	return fmt.Sprintf("%s/%sAttributes/groups/%d/attributes", descriptor, kind, index)
}

// need adds a group of attributes.
func (w *world) need(descriptor, kind string, ids ...string) apitest.Response {
	w.Helper()
	return w.want(w.call("POST", descriptor+"/"+kind+"Attributes/groups", group(ids...)), http.StatusCreated)
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
	for _, one := range results(w.want(w.call("GET", descriptor+"/"+kind+"Attributes", ""), http.StatusOK)) {
		attribute, _ := one["attribute"].(object)
		all = append(all, fmt.Sprint(one["groupIndex"], " ", attribute["id"]))
	}
	return all
}

// use counts agreements on a version.
func (w *world) use(path string, number, by int64) {
	w.Helper()
	if err := w.tap.DB.Write(w.Context(), eservice.UsageStep(idOf(path), number, by)); err != nil {
		w.Fatal(err)
	}
}

// lastOf is the last word of a path.
func lastOf(path string) string { return path[strings.LastIndex(path, "/")+1:] }

// requirementProblems makes the refusals of an operation on required attributes.
func (w *world) requirementProblems(r request) (answers []apitest.Response) {
	w.Helper()
	_, kind, ok := strings.Cut(r.ID, "/")
	if !ok || !strings.Contains(r.Path, "Attributes") || !r.writes() {
		return nil
	}
	kind = strings.Split(kind, "-")[1]
	with := func(path, body string) {
		answers = append(answers, w.as(producer, r.Method, path, body))
	}
	if strings.Contains(r.Path, "{groupIndex}") {
		with(strings.Replace(r.path, "/groups/0/", "/groups/9/", 1), r.body)
	}
	if strings.Contains(r.Path, "{attributeId}") {
		with(strings.Replace(r.path, lastOf(r.path), uuid.NewString(), 1), r.body)
	}
	if strings.Contains(r.body, "attributeIds") {
		with(r.path, group(uuid.NewString()))
		one := w.attributes(kind)[0]
		with(r.path, group(one, one))
	}
	if strings.Contains(r.body, "dailyCalls") {
		with(r.path, `{"dailyCallsPerConsumer":101}`)
		w.want(w.call("PATCH", r.path, `{"dailyCallsPerConsumer":3}`), http.StatusOK)
		with(r.path, `{"dailyCallsPerConsumer":3}`)
	}
	if strings.Contains(r.ID, "/add-") {
		_, live := w.needing()
		w.move(live, "publish")
		with(in(live, kind, 0), group())
	}
	return answers
}
