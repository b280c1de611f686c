package openapi

import (
	"fmt"
	"strings"

	"ciclo/cmd/internal/catalog"
	"ciclo/shared/platform/api"
)

// Together returns one OpenAPI document of several products at their plain paths, which all
// operations have. Where two of them have a
// component of the same name, that of the second has its product before it.
func Together(served []catalog.Product, address string) ([]byte, error) {
	paths, components := object{}, object{}
	var tags []object
	for _, p := range served {
		doc, err := document(p, address)
		if err != nil {
			return nil, fmt.Errorf("openapi of %s: %w", p.Name, err)
		}
		refer(doc, join(components, in(doc, "components"), strings.ToUpper(p.Name[:1])+p.Name[1:]))
		for path, item := range in(doc, "paths") {
			paths[path] = item
			for method := range in(doc, "paths", path) {
				delete(in(doc, "paths", path, method), "servers")
			}
		}
		described, _ := doc["tags"].([]object)
		tags = append(tags, described...)
	}
	return text(object{
		"openapi":    "3.1.0",
		"info":       object{"title": "Ciclo", "version": api.Version, "description": everyProduct},
		"servers":    serversOf(nil, address),
		"tags":       tags,
		"paths":      paths,
		"components": components,
	})
}

// join adds components of one document to all and returns how references to them change. A
// name that is taken by a component with another meaning gets the prefix; what refers to
// others may mean something else although it looks the same.
func join(all, components object, prefix string) map[string]string {
	rename := map[string]string{}
	for kind := range components {
		known := in(all, kind)
		if known == nil {
			known = object{}
			all[kind] = known
		}
		refers := kind == "schemas" || kind == "responses"
		for name, component := range in(components, kind) {
			as := name
			if other, taken := known[name]; taken && (refers || !equal(other, component)) {
				as = prefix + name
			}
			known[as] = component
			rename["#/components/"+kind+"/"+name] = "#/components/" + kind + "/" + as
		}
	}
	return rename
}

// refer changes references.
func refer(part any, rename map[string]string) {
	switch part := part.(type) {
	case []any:
		for _, element := range part {
			refer(element, rename)
		}
	case object:
		if ref, ok := part["$ref"].(string); ok {
			part["$ref"] = rename[ref]
			return
		}
		for _, member := range part {
			refer(member, rename)
		}
	}
}
