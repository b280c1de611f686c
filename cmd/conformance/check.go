package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
)

// answer is an answer of the sandbox to a call.
type answer struct {
	call   call
	status int
	header http.Header
	raw    []byte
	body   any // of JSON
}

// finding is one way in which an answer is not what the document says.
type finding struct{ where, why string }

// check compares an answer with what the document declares for its operation.
func check(o *operation, a answer) []finding {
	declared := o.response(a.status)
	if declared == nil {
		return []finding{{"status", fmt.Sprintf("is not declared: %s", brief(a.raw))}}
	}
	return append(checkHeaders(declared, a), checkBody(declared, a)...)
}

func brief(raw []byte) string {
	var refusal struct {
		Errors []struct {
			Code string `json:"code"`
		} `json:"errors"`
		Title string `json:"title"`
	}
	if json.Unmarshal(raw, &refusal) == nil && len(refusal.Errors) > 0 {
		return refusal.Errors[0].Code + " " + refusal.Title
	}
	return refusal.Title
}

// checkGateway checks what PDND's documents do not say. A code is not that of the other
// edition's gateway: 017 is that of v3, which has DPoP, and 012 that of v2. The correlation
// id is in a header of every answer, and repeated in refusals.
func checkGateway(isV3 bool, a answer) []finding {
	other := `"code":"017-`
	if isV3 {
		other = `"code":"012-`
	}
	var found []finding
	if a.status >= http.StatusBadRequest && bytes.Contains(a.raw, []byte(other)) {
		found = append(found, finding{"body /errors/*/code", "is one of another edition"})
	}
	id := a.header.Get("X-Correlation-Id")
	refusal, _ := a.body.(object)
	if repeated, has := refusal["correlationId"]; id == "" || has && repeated != id {
		found = append(found, finding{"header X-Correlation-Id", "is not that of the body"})
	}
	return found
}

// checkHeaders checks that every declared header is there, and valid.
func checkHeaders(declared *openapi3.Response, a answer) []finding {
	var found []finding
	for name, ref := range declared.Headers {
		where, value := "header "+name, a.header.Get(name)
		if value == "" {
			found = append(found, finding{where, "is not sent"})
			continue
		}
		if ref.Value.Schema == nil {
			continue
		}
		schema := ref.Value.Schema.Value
		var typed any = value
		if schema.Type.Is("integer") {
			n, err := strconv.ParseInt(value, 10, 64)
			if err != nil {
				found = append(found, finding{where, "is not a whole number"})
				continue
			}
			typed = float64(n)
		}
		found = append(found, checkValue(where, schema, typed)...)
	}
	return found
}

// checkBody checks type and content of the body.
func checkBody(declared *openapi3.Response, a answer) []finding {
	if len(declared.Content) == 0 {
		if len(a.raw) > 0 && a.status < http.StatusBadRequest {
			return []finding{{"body", "is sent, and none is declared"}}
		}
		return nil // what a refusal says is not declared
	}
	sent := a.header.Get("Content-Type")
	media, parameters, err := mime.ParseMediaType(sent)
	if err != nil {
		return []finding{{"content type", fmt.Sprintf("%q cannot be read", sent)}}
	}
	content := declared.Content[media]
	var found []finding
	if content == nil {
		found = append(found, finding{"content type", media + " is not declared"})
		for _, one := range declared.Content { // what it says may still be right
			content = one
		}
	}
	if charset, named := parameters["charset"]; named && !strings.EqualFold(charset, "utf-8") {
		found = append(found, finding{"content type", "is in " + charset})
	}
	if content.Schema == nil || !strings.HasSuffix(media, "json") {
		return found
	}
	if a.body == nil {
		return append(found, finding{"body", "is not JSON"})
	}
	return append(found, checkValue("body ", content.Schema.Value, a.body)...)
}

// checkValue checks a value against its schema.
func checkValue(where string, schema *openapi3.Schema, value any) []finding {
	err := schema.VisitJSON(value, openapi3.MultiErrors(), openapi3.VisitAsResponse(), openapi3.EnableFormatValidation(),
		openapi3.WithStringFormatValidators(formats), openapi3.SetSchemaRegexCompiler(compile))
	return explain(where, err)
}

// longest matches patterns that only limit the length, "^.{0,1024}$": Go's package regexp
// counts to 1000.
var longest = regexp.MustCompile(`^\^\.\{0,(\d+)\}\$$`)

type atMost int

// MatchString implements [openapi3.RegexMatcher].
func (most atMost) MatchString(text string) bool {
	return !strings.ContainsAny(text, "\n\r") && utf8.RuneCountInString(text) <= int(most)
}

// compile compiles a pattern of a document.
func compile(pattern string) (openapi3.RegexMatcher, error) {
	if limit := longest.FindStringSubmatch(pattern); limit != nil {
		n, err := strconv.Atoi(limit[1])
		return atMost(n), err
	}
	return regexp.Compile(pattern)
}

var index = regexp.MustCompile(`/\d+(/|$)`)

// explain lists the single errors in err.
func explain(where string, err error) []finding {
	if err == nil {
		return nil
	}
	if several, ok := errors.AsType[openapi3.MultiError](err); ok {
		var found []finding
		for _, one := range several {
			found = append(found, explain(where, one)...)
		}
		return found
	}
	if one, ok := errors.AsType[*openapi3.SchemaError](err); ok {
		pointer := "/" + strings.Join(one.JSONPointer(), "/")
		for index.MatchString(pointer) {
			pointer = index.ReplaceAllString(pointer, "/*$1")
		}
		if inner, ok := errors.AsType[openapi3.MultiError](one.Origin); ok && len(inner) > 0 {
			return explain(where, inner)
		}
		return []finding{{where + strings.TrimSuffix(pointer, "/"), one.Reason}}
	}
	return []finding{{where, err.Error()}}
}
