package service

import (
	"encoding/json"
	"reflect"
	"strings"

	"ciclo/shared/problem"
)

// UnmarshalJSON keeps what was sent besides, for check.
func (p *Payload) UnmarshalJSON(b []byte) error {
	type plain Payload
	if err := json.Unmarshal(b, (*plain)(p)); err != nil {
		return err
	}
	return json.Unmarshal(b, &p.sent)
}

// nulls lists the members of an object of type t that may be left out and are
// null instead, which is no value of theirs (App IO).
func nulls(at string, t reflect.Type, sent any) []problem.Field {
	var all []problem.Field
	object, _ := sent.(map[string]any)
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		value, there := object[name]
		switch where := at + "." + name; {
		case there && value == nil && f.Tag.Get("nullable") != "true":
			all = append(all, problem.Field{Name: where, Code: problem.RequestInvalid.Name, Detail: "expected a value, or nothing at all"})
		case there && f.Type.Kind() == reflect.Struct:
			all = append(all, nulls(where, f.Type, value)...)
		}
	}
	return all
}
