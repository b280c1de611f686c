package api

import (
	"reflect"
	"strings"
)

// Extensions returns the members that closed editions have on request only, by the name of
// their schema in the document.
func (h *Handler) Extensions() (map[string][]string, error) {
	found := map[string][]string{}
	doc, err := h.document()
	if err != nil {
		return nil, err
	}
	schemas := doc.Components.Schemas
	for name := range schemas.Map() {
		t := schemas.TypeFromRef("#/components/schemas/" + name)
		if t == nil || t.Kind() != reflect.Struct {
			continue
		}
		for field := range t.Fields() {
			if field.Tag.Get(editionTag) == extension {
				member, _, _ := strings.Cut(field.Tag.Get("json"), ",")
				found[name] = append(found[name], member)
			}
		}
	}
	return found, nil
}
