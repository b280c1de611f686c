package eservice

import (
	"encoding/json"
	"strconv"

	"ciclo/shared/office"
	"ciclo/shared/office/interop/m2m"
)

// isBlank reports whether a field of something new was left out.
func isBlank(f *office.Field) bool { return f.Value == "" && !f.Required }

// seenField is the name of the hidden field that has what a form showed.
const seenField = "_seen"

// fieldValues returns the values of a form by name.
func fieldValues(f *office.Form) map[string]string {
	values := map[string]string{}
	for _, field := range f.Fields {
		if field.Name != seenField {
			values[field.Name] = field.Value
		}
	}
	return values
}

// withSeen adds to a form what it shows, so that [readOver] finds what others changed since.
func withSeen(f *office.Form) *office.Form {
	text, err := json.Marshal(fieldValues(f))
	if err != nil {
		panic(err) // texts alone
	}
	f.Fields = append(f.Fields, &office.Field{Name: seenField, Kind: "hidden", Value: string(text)})
	return f
}

// readOver reads what was typed into a form that shows the current state. changed says what
// others have changed since the person saw the form. The patch has the members that the
// person wants different.
func readOver(v *office.Visit, f *office.Form) (patch map[string]any, changed []office.Change) {
	current, now := fieldValues(f), f.Field(seenField).Value
	f.Read(v)
	var seen map[string]string
	if json.Unmarshal([]byte(f.Field(seenField).Value), &seen) == nil && seen != nil {
		changed = office.Diff(seen, current)
	}
	f.Field(seenField).Value = now
	return m2m.Members(f.Fields, func(field *office.Field) bool { return field.Value == current[field.Name] }), changed
}

func flagValue(flag bool) string {
	if flag {
		return "true"
	}
	return ""
}

func optionalFlagValue(flag *bool) string {
	if flag == nil {
		return ""
	}
	return strconv.FormatBool(*flag)
}

func numberValue(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}
