package api

import (
	"encoding/json"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"ciclo/shared/platform/problem"
)

// Form selects the media types of an operation's body.
type Form int

// The body is JSON; or a form as well; or a form and nothing else.
const (
	NoForm Form = iota
	FormToo
	FormOnly
)

// formType is the media type of a form, whose members are texts.
const formType = "application/x-www-form-urlencoded"

// takes reports whether a body of that media type is accepted.
func (f Form) takes(kind string) bool { return f != FormOnly || kind == formType }

// readForm turns a form that the operation takes into JSON.
func readForm(r *http.Request, spec Spec, body *[]byte) *problem.Problem {
	if spec.Form == NoForm {
		return nil
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || !spec.Form.takes(kind) {
		return problem.New(spec.Product.Media, "Send the parameters as %s.", formType)
	}
	if kind != formType {
		return nil
	}
	object, refused, ok := fromForm(*body)
	switch {
	case !ok:
		return problem.New(spec.Product.InvalidFormat, "The body is not a form: expected name=value pairs joined by &.")
	case len(refused) > 0:
		return invalid(spec, refused)
	}
	*body = object
	r.Header.Set("Content-Type", "application/json")
	return nil
}

// fromForm returns a form as the JSON object of its members, or the members that
// are repeated (RFC 6749 §3.2) or not text. ok is false if it is not a form.
func fromForm(body []byte) (object []byte, refused []problem.Field, ok bool) {
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, nil, false
	}
	members := make(map[string]string, len(values))
	for _, name := range slices.Sorted(maps.Keys(values)) {
		all := values[name]
		switch {
		case isUnreadable(name):
			refused = append(refused, problem.Field{Name: "body", Detail: textForm})
		case len(all) > 1:
			refused = append(refused, problem.Field{Name: "body." + name, Detail: "expected at most one value"})
		case isUnreadable(all[0]):
			refused = append(refused, problem.Field{Name: "body." + name, Detail: textForm})
		}
		members[name] = all[0]
	}
	object, err = json.Marshal(members)
	return object, refused, err == nil
}

// describe writes the media types of a body into the API document.
func (f Form) describe(body *huma.RequestBody) {
	if f == NoForm {
		return
	}
	body.Content[formType] = body.Content["application/json"]
	if f == FormOnly {
		delete(body.Content, "application/json")
	}
}
