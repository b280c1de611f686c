package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// formats reads and writes JSON and nothing else; what ends in +json is read, too,
// like a merge patch (RFC 7396), and never written.
var formats = func() map[string]huma.Format {
	f := huma.Format{Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: func(body []byte, v any) error { return readable(unmarshal(body, v)) }}
	return map[string]huma.Format{"application/json": f, "json": f}
}()

// unmarshal decodes a body into v. encoding/json would take "State" for "state",
// which was not validated: to huma that is an unknown member (config). So members
// whose names differ in case alone are dropped like all unknown ones.
func unmarshal(body []byte, v any) error {
	t := reflect.TypeOf(v).Elem()
	if t.Kind() == reflect.Interface {
		return json.Unmarshal(body, v)
	}
	var sent any
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber() // so that encoding it again changes no number
	if err := decoder.Decode(&sent); err != nil {
		return err
	}
	if dropLookalikes(t, sent) {
		var err error
		if body, err = json.Marshal(sent); err != nil {
			return err
		}
	}
	err := json.Unmarshal(body, v)
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		// What is valid JSON and of the schema's type, yet not of Go's: 1.0 or 1e3
		// for a whole number.
		return fmt.Errorf("%s: expected decimal digits only", e.Field)
	}
	return err
}

// dropLookalikes removes members of sent that only look like fields of t; it
// tells whether there were any.
func dropLookalikes(t reflect.Type, sent any) (dropped bool) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array:
		if list, ok := sent.([]any); ok {
			for _, item := range list {
				dropped = dropLookalikes(t.Elem(), item) || dropped
			}
			return dropped
		}
		return t.Kind() == reflect.Pointer && dropLookalikes(t.Elem(), sent)
	case reflect.Struct:
		object, _ := sent.(map[string]any)
		fields := membersOf(t)
		before := len(object)
		maps.DeleteFunc(object, func(name string, _ any) bool {
			_, exact := fields[name]
			return !exact && looksLikeOne(name, fields)
		})
		dropped = len(object) < before
		for name, value := range object {
			if field, ok := fields[name]; ok {
				dropped = dropLookalikes(field, value) || dropped
			}
		}
	}
	return dropped
}

// membersOf lists the JSON names of a struct's fields with their types.
func membersOf(t reflect.Type) map[string]reflect.Type {
	fields := map[string]reflect.Type{}
	for _, f := range reflect.VisibleFields(t) {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
			fields[name] = f.Type
		}
	}
	return fields
}

func looksLikeOne(name string, fields map[string]reflect.Type) bool {
	for field := range fields {
		if strings.EqualFold(name, field) {
			return true
		}
	}
	return false
}
