package attribute_test

import (
	"maps"
	"testing"

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
	certifier = interoptest.Certifier(1)
	rival     = interoptest.Certifier(2)
	writer    = interoptest.Admin(3)
	reader    = interoptest.Reader(4)
	kinds     = []attribute.Kind{attribute.Certified, attribute.Declared, attribute.Verified}
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
	s := object{"name": interoptest.Unique("Attribute"), "description": "What it is for"}
	if kind == attribute.Certified {
		s["code"] = interoptest.Unique("code")
	}
	maps.Copy(s, changes)
	return s
}

// add sends a new attribute of a kind.
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
