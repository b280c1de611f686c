package interop

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"ciclo/shared/office"
)

// memberKind is how the value of a field becomes a JSON value.
type memberKind int

const (
	textMember     memberKind = iota
	numberMember              // an integer
	flagMember                // true or false, of a check box
	optionalMember            // true, false or null, of a choice
	listMember                // a list with one text
)

// catalogueMembers are the members of e-services and descriptors that are not texts, by the
// last part of their names.
var catalogueMembers = map[string]memberKind{
	"voucherLifespan": numberMember, "dailyCallsPerConsumer": numberMember, "dailyCallsTotal": numberMember,
	"audience": listMember, "personalData": optionalMember, "asyncExchange": optionalMember,
	"isSignalHubEnabled": flagMember, "isConsumerDelegable": flagMember, "isClientAccessDelegable": flagMember,
}

// memberOf returns the JSON value of a field. What is no number stays a text, so that the API
// says what it expects.
func memberOf(f *office.Field) any {
	switch catalogueMembers[f.Name[strings.LastIndex(f.Name, ".")+1:]] {
	case numberMember:
		if n, err := strconv.ParseInt(f.Value, 10, 64); err == nil {
			return n
		}
	case flagMember:
		return f.Value == "true"
	case optionalMember:
		if f.Value == "" {
			return nil
		}
		return f.Value == "true"
	case listMember:
		return []string{f.Value}
	case textMember:
	}
	return f.Value
}

// formMembers returns the body that the fields make, less those to skip. A dot in a name
// leads into an object.
func formMembers(fields []*office.Field, skip func(*office.Field) bool) map[string]any {
	body := map[string]any{}
	for _, f := range fields {
		if f.Kind == "hidden" || skip(f) {
			continue
		}
		at, name := body, f.Name
		if outer, inner, nested := strings.Cut(name, "."); nested {
			inside, made := body[outer].(map[string]any)
			if !made {
				inside = map[string]any{}
				body[outer] = inside
			}
			at, name = inside, inner
		}
		at[name] = memberOf(f)
	}
	return body
}

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
	return formMembers(f.Fields, func(field *office.Field) bool { return field.Value == current[field.Name] }), changed
}

// catalogueFaults are the fields that a refusal without a field is about, by its code.
var catalogueFaults = map[string]string{
	"001-007": "name", "001-0046": "name", "001-0045": "description", "001-0010": "dailyCallsPerConsumer",
	"001-0025": "isClientAccessDelegable", "001-0042": "personalData", "001-0028": "dailyCallsPerConsumer", "003-0002": "name",
}

// refuseForm puts a refusal at the fields that it is about.
func refuseForm(f *office.Form, r *office.Refusal) {
	about := *r
	if name := catalogueFaults[r.Code]; name != "" && len(r.Fields) == 0 {
		for _, field := range f.Fields {
			if field.Name == name || strings.HasSuffix(field.Name, "."+name) {
				about.Fields, about.Detail = []office.FieldError{{Name: field.Name, Detail: r.Detail}}, ""
			}
		}
	}
	f.Refuse(&about)
}

// shownRefusal returns the refusal of an API that the page itself shows. A session that has
// ended is the frame's.
func shownRefusal(err error) (*office.Refusal, bool) {
	refusal, refused := errors.AsType[*office.Refusal](err)
	return refusal, refused && refusal.Status != http.StatusUnauthorized
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
