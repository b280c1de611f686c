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
	f := huma.Format{
		Marshal:   huma.DefaultJSONFormat.Marshal,
		Unmarshal: func(body []byte, v any) error { return readable(unmarshal(body, v)) },
	}
	return map[string]huma.Format{"application/json": f, "json": f}
}()

// unmarshal decodes a body into v. encoding/json would take "State" for "state",
// which was not validated: to huma that is an unknown member (config). So members
// whose names differ in case alone are dropped like all unknown ones. It would also
// refuse 5.0 and 5e0 for the whole number that they are, which is put right before.
func unmarshal(body []byte, v any) error {
	t := reflect.TypeOf(v).Elem()
	if t.Kind() == reflect.Interface {
		return unmarshalAny(body, v)
	}
	sent, err := decode(body)
	if err != nil {
		return err
	}
	sent, changed := adapt(t, sent)
	if changed {
		if body, err = json.Marshal(sent); err != nil {
			return err
		}
	}
	err = json.Unmarshal(body, v)
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		// What is valid JSON and of the schema's type, and does not fit Go's.
		return fmt.Errorf("%s: expected a number that fits 64 bits", e.Field)
	}
	return err
}

// decode reads a body with its numbers as they are written, so that encoding it again
// changes none.
func decode(body []byte) (sent any, err error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	err = decoder.Decode(&sent)
	return sent, err
}

// unmarshalAny decodes a body to be validated. A number that is beyond 64 bits is
// infinite then, which is beyond every bound of a schema: encoding/json would refuse
// it without saying where it is.
func unmarshalAny(body []byte, v any) error {
	err := json.Unmarshal(body, v)
	if _, beyond := errors.AsType[*json.UnmarshalTypeError](err); !beyond {
		return err
	}
	sent, err := decode(body)
	if err == nil {
		reflect.ValueOf(v).Elem().Set(reflect.ValueOf(toFloats(sent)))
	}
	return err
}

// toFloats replaces the numbers in sent by what encoding/json makes of them.
func toFloats(sent any) any {
	switch sent := sent.(type) {
	case json.Number:
		f, _ := sent.Float64() // of the right sign when it is infinite
		return f
	case []any:
		for i, item := range sent {
			sent[i] = toFloats(item)
		}
	case map[string]any:
		for name, member := range sent {
			sent[name] = toFloats(member)
		}
	}
	return sent
}

// adapt makes of sent what encoding/json can decode into t: it removes members that only
// look like fields of t, and writes whole numbers in digits alone. changed reports whether
// there were any.
func adapt(t reflect.Type, sent any) (fitting any, changed bool) {
	switch t.Kind() {
	case reflect.Pointer:
		return adapt(t.Elem(), sent)
	case reflect.Slice, reflect.Array:
		list, _ := sent.([]any)
		for i, item := range list {
			var other bool
			list[i], other = adapt(t.Elem(), item)
			changed = changed || other
		}
	case reflect.Struct:
		object, _ := sent.(map[string]any)
		fields := membersOf(t)
		before := len(object)
		maps.DeleteFunc(object, func(name string, _ any) bool {
			_, exact := fields[name]
			return !exact && looksLikeOne(name, fields)
		})
		changed = len(object) < before
		for name, value := range object {
			if field, ok := fields[name]; ok {
				var other bool
				object[name], other = adapt(field, value)
				changed = changed || other
			}
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		number, _ := sent.(json.Number)
		if digits, ok := wholeNumber(number.String()); ok && strings.ContainsAny(number.String(), ".eE") {
			return json.Number(digits), true
		}
	}
	return sent, changed
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
