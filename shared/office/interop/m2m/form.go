package m2m

import (
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

// members are the members of e-services and descriptors that are not texts, by the last part of
// their names.
var members = map[string]memberKind{
	"voucherLifespan": numberMember, "dailyCallsPerConsumer": numberMember, "dailyCallsTotal": numberMember,
	"audience": listMember, "personalData": optionalMember, "asyncExchange": optionalMember,
	"isSignalHubEnabled": flagMember, "isConsumerDelegable": flagMember, "isClientAccessDelegable": flagMember,
}

// MemberOf returns the JSON value of a field. What is no number stays a text, so that the API
// says what it expects.
func MemberOf(f *office.Field) any {
	switch members[f.Name[strings.LastIndex(f.Name, ".")+1:]] {
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

// Members returns the body that the fields make, less those to skip. A dot in a name
// leads into an object.
func Members(fields []*office.Field, skip func(*office.Field) bool) map[string]any {
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
		at[name] = MemberOf(f)
	}
	return body
}

// faults are the fields that a refusal without a field is about, by its code.
var faults = map[string]string{
	"001-007": "name", "001-0046": "name", "001-0045": "description", "001-0010": "dailyCallsPerConsumer",
	"001-0025": "isClientAccessDelegable", "001-0042": "personalData", "001-0028": "dailyCallsPerConsumer", "003-0002": "name",
}

// RefuseForm puts a refusal at the fields that it is about.
func RefuseForm(f *office.Form, r *office.Refusal) {
	about := *r
	if name := faults[r.Code]; name != "" && len(r.Fields) == 0 {
		for _, field := range f.Fields {
			if field.Name == name || strings.HasSuffix(field.Name, "."+name) {
				about.Fields, about.Detail = []office.FieldError{{Name: field.Name, Detail: r.Detail}}, ""
			}
		}
	}
	f.Refuse(&about)
}

// ShownRefusal returns the refusal of an API that the page itself shows. A session that has
// ended is the frame's.
func ShownRefusal(err error) (*office.Refusal, bool) {
	refusal, refused := office.Refused(err)
	return refusal, refused && refusal.Status != http.StatusUnauthorized
}
