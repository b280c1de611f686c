package openapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

const schemasAt = "#/components/schemas/"

// kinds are the kinds of attributes, of which an operation id names one. Package api has one
// schema for attributes of several kinds where published contracts have one for each.
var kinds = []string{"Certified", "Declared", "Verified"}

// published returns the name that a schema has in the documents: the one in names, with the
// kind of attribute of the operation in place of an asterisk, or one made by a rule.
func published(name, operationID string) string {
	if given, ok := names[name]; ok {
		return strings.ReplaceAll(given, "*", kindOf(operationID))
	}
	if strings.HasSuffix(name, void) { // each resource has one
		return "VoidObject"
	}
	for _, rule := range []struct{ ending, instead string }{
		{"InputBody", "Request"}, {"OutputBody", "Response"}, {"Body", ""}, {"View", ""},
	} {
		if short, ok := strings.CutSuffix(name, rule.ending); ok {
			return short + rule.instead
		}
	}
	return name
}

func kindOf(operationID string) string {
	for _, kind := range kinds {
		if strings.Contains(operationID, kind) {
			return kind
		}
	}
	return ""
}

// void is what the name of an answer without members ends with.
const void = "VoidBody"

// name gives the schemas that an operation refers to, directly or through others, their
// published names. Schemas may share a name where they are the same.
func (w *writer) name(part any, operationID string) error {
	switch part := part.(type) {
	case []any:
		for _, element := range part {
			if err := w.name(element, operationID); err != nil {
				return err
			}
		}
	case object:
		if ref, ok := part["$ref"].(string); ok && strings.HasPrefix(ref, schemasAt) {
			name := strings.TrimPrefix(ref, schemasAt)
			part["$ref"] = schemasAt + published(name, operationID)
			return w.add(name, operationID)
		}
		for _, member := range part {
			if err := w.name(member, operationID); err != nil {
				return err
			}
		}
	}
	return nil
}

// add adds a schema of the contract to the document, and all that it refers to.
func (w *writer) add(name, operationID string) error {
	seen := name + " " + kindOf(operationID)
	if w.named[seen] {
		return nil
	}
	w.named[seen] = true
	schema, err := clone(in(w.contract, "components", "schemas", name))
	if err != nil {
		return err
	}
	if err := w.name(schema, operationID); err != nil {
		return err
	}
	as := published(name, operationID)
	if other, taken := w.schemas[as]; taken && !equal(other, schema) {
		return fmt.Errorf("%s (%s) would have the name %s of another schema; give it one in schemas.go", name, operationID, as)
	}
	w.schemas[as] = schema
	return nil
}

func clone(part object) (object, error) {
	raw, err := json.Marshal(part)
	if err != nil {
		return nil, err
	}
	copied := object{}
	err = json.Unmarshal(raw, &copied)
	return copied, err
}

// equal compares two parts of a document, in which maps have no order.
func equal(a, b any) bool {
	one, err1 := json.Marshal(a)
	other, err2 := json.Marshal(b)
	return err1 == nil && err2 == nil && bytes.Equal(one, other)
}
