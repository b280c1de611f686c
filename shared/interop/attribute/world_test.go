package attribute_test

import (
	"fmt"
	"maps"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"

	"ciclo/shared/interop"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/testing/apitest"
)

type (
	world  = interoptest.World
	object = interoptest.Object
)

var (
	suite     = interoptest.New(attribute.Operations())
	certifier = interoptest.Organization("00000000-0000-4000-8000-000000000001", interop.RoleCertifier)
	rival     = interoptest.Organization("00000000-0000-4000-8000-000000000002", interop.RoleCertifier)
	writer    = interoptest.Organization("00000000-0000-4000-8000-000000000003", interop.RoleAdmin)
	reader    = interoptest.Organization("00000000-0000-4000-8000-000000000004", interop.RoleReader)
	kinds     = []attribute.Kind{attribute.Certified, attribute.Declared, attribute.Verified}
	unique    atomic.Int64
)

func each(t *testing.T, test func(w *world)) {
	t.Helper()
	suite.Each(t, test)
}

// embedded is each without DynamoDB Local.
func embedded(t *testing.T, test func(w *world)) {
	t.Helper()
	suite.Embedded(t, test)
}

var words = map[attribute.Kind]string{attribute.Certified: "certified", attribute.Declared: "declared", attribute.Verified: "verified"}

func pathOf(kind attribute.Kind) string { return "/" + words[kind] + "Attributes" }

// seed is a new attribute with a name and, when certified, a code of its own.
func seed(kind attribute.Kind, changes object) object {
	n := unique.Add(1)
	s := object{"name": fmt.Sprintf("Attribute %d", n), "description": "What it is for"}
	if kind == attribute.Certified {
		s["code"] = fmt.Sprint("code-", n)
	}
	maps.Copy(s, changes)
	return s
}

// add sends a new attribute of a kind, as somebody who may.
func add(w *world, kind attribute.Kind, changes object) apitest.Response {
	w.Helper()
	as := writer
	if kind == attribute.Certified {
		as = certifier
	}
	return w.As(as, "POST", pathOf(kind), interoptest.JSON(seed(kind, changes)))
}

// made is the id of a new attribute.
func made(w *world, kind attribute.Kind, changes object) string {
	w.Helper()
	return w.Want(add(w, kind, changes), 201).Text("id")
}

// requests is a request for each operation.
func requests(w *world) map[string]interoptest.Request {
	w.Helper()
	all := map[string]interoptest.Request{}
	for _, kind := range kinds {
		as := writer
		if kind == attribute.Certified {
			as = certifier
		}
		all["attribute/create-"+words[kind]] = interoptest.Request{As: as, At: pathOf(kind), Body: interoptest.JSON(seed(kind, nil))}
		all["attribute/get-"+words[kind]] = interoptest.Request{As: reader, At: pathOf(kind) + "/" + made(w, kind, nil)}
		all["attribute/list-"+words[kind]] = interoptest.Request{As: reader, At: pathOf(kind) + "?limit=2&offset=1"}
	}
	if len(all) != len(attribute.Operations()) {
		w.Fatalf("%d requests for %d operations", len(all), len(attribute.Operations()))
	}
	return w.Requests(all)
}

func nobody() string { return uuid.NewString() }
