package api

import (
	"encoding/json"
	"net/url"

	"github.com/danielgtaylor/huma/v2"

	"ciclo/shared/problem"
)

// Form says whether an operation's body is a form.
type Form int

// The body is JSON; or a form as well; or a form and nothing else.
const (
	NoForm Form = iota
	FormToo
	FormOnly
)

// formType is the media type of a form, whose members are texts.
const formType = "application/x-www-form-urlencoded"

// takes tells whether a body of that media type is to be read.
func (f Form) takes(kind string) bool { return f != FormOnly || kind == formType }

// fromForm returns a form as the JSON object of its members, or the members that
// are there more than once (RFC 6749 §3.2). ok is false for what is no form.
func fromForm(body []byte) (object []byte, repeated []problem.Field, ok bool) {
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, nil, false
	}
	members := make(map[string]string, len(values))
	for name, all := range values {
		if len(all) > 1 {
			repeated = append(repeated, problem.Field{Name: "body." + name, Detail: "expected at most one value"})
		}
		members[name] = all[0]
	}
	object, err = json.Marshal(members)
	return object, repeated, err == nil
}

// describe says in the API document which media types a body may have.
func (f Form) describe(body *huma.RequestBody) {
	if f == NoForm {
		return
	}
	body.Content[formType] = body.Content["application/json"]
	if f == FormOnly {
		delete(body.Content, "application/json")
	}
}
