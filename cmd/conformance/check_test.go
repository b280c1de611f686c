package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// document has what the official ones have: a closed answer, a problem, headers.
const document = `openapi: 3.0.3
info: {title: PDND Interoperability API, version: "1.0.0"}
servers: [{url: "https://api.example.it/v9"}]
paths:
  /things/{thingId}:
    parameters:
      - {name: thingId, in: path, required: true, schema: {type: string, format: uuid}}
    patch:
      operationId: changeThing
      requestBody:
        content:
          application/json:
            schema:
              type: object
              additionalProperties: false
              required: [name]
              properties: {name: {type: string, minLength: 3, maxLength: 5}, size: {type: integer, minimum: 1}}
      responses:
        "200":
          description: changed
          headers:
            Digest: {schema: {type: string, pattern: "^SHA-256=.{43}=$"}}
            X-Rate-Limit-Limit: {schema: {type: integer, minimum: 0}}
          content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}
        "204": {description: nothing}
        "400":
          description: refused
          content: {application/problem+json: {schema: {$ref: "#/components/schemas/Problem"}}}
    get: {operationId: getThing, responses: {"200": {description: one}}}
  /things/all:
    get:
      operationId: getThings
      responses: {"200": {description: all}}
components:
  schemas:
    Thing:
      type: object
      required: [id, mails]
      properties:
        id: {type: string, format: uuid}
        parts: {type: array, items: {$ref: "#/components/schemas/Part"}}
    Part: {type: object, properties: {at: {type: string, format: date-time}}}
    Problem: {type: object, properties: {detail: {type: string, pattern: "^.{0,1024}$"}}}
`

func open(t *testing.T) *contract {
	t.Helper()
	file := filepath.Join(t.TempDir(), "document.yml")
	if err := os.WriteFile(file, []byte(document), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := load(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const thing = "/things/5f8d7a10-0000-4000-8000-000000000001"

func answered(status int, media, body string, headers ...string) answer {
	a := answer{call: call{method: http.MethodPatch, path: thing}, status: status, header: http.Header{}, raw: []byte(body)}
	if media != "" {
		a.header.Set("Content-Type", media)
	}
	for i := 0; i < len(headers); i += 2 {
		a.header.Set(headers[i], headers[i+1])
	}
	if json.Unmarshal(a.raw, &a.body) != nil {
		a.body = nil
	}
	return a
}

// TestCheck has answers with one fault each.
func TestCheck(t *testing.T) {
	t.Parallel()
	const media, id = "application/json; charset=utf-8", `"id":"5f8d7a10-0000-7000-8000-000000000001"`
	limit := []string{"header X-Rate-Limit-Limit"}
	headers := []string{"Digest", "SHA-256=" + strings.Repeat("a", 43) + "=", "X-Rate-Limit-Limit", "5"}
	o := open(t).find(http.MethodPatch, thing)
	for name, one := range map[string]struct {
		answer answer
		want   []string
	}{
		"right":            {answered(200, media, `{`+id+`,"parts":[{"at":"2026-01-01T00:00:00.000Z"}]}`, headers...), nil},
		"undeclared":       {answered(409, media, `{}`), []string{"status"}},
		"no header":        {answered(200, media, `{`+id+`}`, headers[:2]...), []string{"header X-Rate-Limit-Limit: is not sent"}},
		"no number":        {answered(200, media, `{`+id+`}`, append(slices.Clone(headers[:3]), "many")...), limit},
		"below":            {answered(200, media, `{`+id+`}`, append(slices.Clone(headers[:3]), "-1")...), limit},
		"wrong digest":     {answered(200, media, `{`+id+`}`, append([]string{"Digest", "x"}, headers[2:]...)...), []string{"header Digest"}},
		"other type":       {answered(200, "text/plain", `x`, headers...), []string{"content type"}},
		"other charset":    {answered(200, "application/json; charset=latin1", `{`+id+`}`, headers...), []string{"content type"}},
		"no JSON":          {answered(200, media, `{`, headers...), []string{"body"}},
		"more members":     {answered(200, media, `{`+id+`,"more":1}`, headers...), []string{"body "}},
		"more, within":     {answered(200, media, `{`+id+`,"parts":[{"more":1}]}`, headers...), []string{"body /parts/*"}},
		"no member":        {answered(200, media, `{}`, headers...), []string{"body /id"}},
		"no uuid":          {answered(200, media, `{"id":"x"}`, headers...), []string{"body /id"}},
		"no date":          {answered(200, media, `{`+id+`,"parts":[{"at":"x"}]}`, headers...), []string{"body /parts/*/at"}},
		"nothing":          {answered(204, "", ""), nil},
		"not nothing":      {answered(204, media, "{}"), []string{"body"}},
		"long":             {answered(400, "application/problem+json", `{"detail":"`+strings.Repeat("è", 1024)+`"}`), nil},
		"too long":         {answered(400, "application/problem+json", `{"detail":"`+strings.Repeat("è", 1025)+`"}`), []string{"body /detail"}},
		"of several lines": {answered(400, "application/problem+json", `{"detail":"a\nb"}`), []string{"body /detail"}},
	} {
		var got []string
		for _, f := range check(o, one.answer) {
			got = append(got, f.where+": "+f.why)
		}
		if !slices.EqualFunc(got, one.want, strings.HasPrefix) {
			t.Errorf("%s: found %q, want %q", name, got, one.want)
		}
	}
}

// TestFind prefers what is literal.
func TestFind(t *testing.T) {
	t.Parallel()
	c := open(t)
	if c.base != "/v9" {
		t.Errorf("the base path is %q", c.base)
	}
	for request, want := range map[string]string{
		"GET /things/all?x=/": "getThings", "PATCH " + thing: "changeThing", "GET " + thing: "getThing",
		"PATCH /things": "", "PATCH /things/all": "changeThing",
	} {
		method, path, _ := strings.Cut(request, " ")
		got := ""
		if o := c.find(method, path); o != nil {
			got = o.id
		}
		if got != want {
			t.Errorf("%s is %q, want %q", request, got, want)
		}
	}
}

// TestStrays counts the broken calls that must be refused, and those that may pass.
func TestStrays(t *testing.T) {
	t.Parallel()
	o := open(t).find(http.MethodPatch, thing)
	sample := call{method: http.MethodPatch, path: thing, body: []byte(`{"name":"name","size":3}`)}
	want := map[string]bool{ // refused
		`{"size":3}`: true, `{"name":"name"}`: false, `{"name":"","size":3}`: true, `{"name":"nnnnnn","size":3}`: true,
		`{"name":"nn","size":3}`: true, `{"name":"name","size":0}`: true, `{"name":"name","size":7}`: false,
		`{"name":null,"size":3}`: true, `{"name":"name","size":3,"unknownMember":1}`: true, `{`: true, `[]`: true, "": false,
	}
	for _, b := range strayBodies(o, sample) {
		if refuse, listed := want[string(b.body)]; listed {
			if delete(want, string(b.body)); refuse != b.refuse {
				t.Errorf("the body %s must be refused: %t", b.body, b.refuse)
			}
		}
	}
	if len(want) > 0 {
		t.Errorf("these bodies are not sent: %v", want)
	}
	refused := 0
	for _, b := range strayPaths(o, sample) {
		if b.refuse {
			refused++
		}
	}
	if refused != 2 {
		t.Errorf("%d paths must be refused, want 2", refused)
	}
}

// TestReport tells a known difference from a mismatch, and an operation that was not driven.
func TestReport(t *testing.T) {
	t.Parallel()
	c := open(t)
	for _, o := range c.operations {
		o.offered = o.id != "getThing"
	}
	o := c.find(http.MethodPatch, thing)
	r := newReport(c)
	door := answered(401, "", "")
	door.call.door = true
	r.add(o, door, []finding{{"header X-Rate-Limit-Limit", "is not sent"}})
	var out strings.Builder
	if r.print(&out, false) || !strings.Contains(out.String(), "not driven: 1 getThings") || !strings.Contains(out.String(), "mismatches: 0") {
		t.Errorf("an operation that is not driven: %s", &out)
	}
	r.add(c.find(http.MethodGet, "/things/all"), answered(200, "", ""), nil)
	if !r.print(&out, false) {
		t.Errorf("all is well: %s", &out)
	}
	r.add(o, answered(401, "", ""), []finding{{"header X-Rate-Limit-Limit", "is not sent"}})
	out.Reset()
	if r.print(&out, false) || !strings.Contains(out.String(), "mismatches: 1") || !strings.Contains(out.String(), "changeThing 401 ×1") {
		t.Errorf("a mismatch: %s", &out)
	}
}
