package service_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/testing/apitest"
)

// withMember returns the complete payload with a member, as JSON, added or replaced. A dot in
// the name separates the name of a part.
func withMember(name, value string) string {
	return complete(map[string]any{name: json.RawMessage(value)})
}

// wantInvalid fails unless the answer is a 400 with that title and one line for each of the
// fields.
func (w *world) wantInvalid(res apitest.Response, title string, fields ...string) {
	w.Helper()
	errs, _ := res.Body["errors"].([]any)
	var lines, named []string
	for _, e := range errs {
		e, _ := e.(map[string]any)
		lines = append(lines, fmt.Sprint(e["field"], ": ", e["detail"]))
		named = append(named, fmt.Sprint(e["field"]))
		if e["code"] != "REQUEST_INVALID" {
			w.Errorf("code %v", e["code"])
		}
	}
	hasLines := len(errs) == 0 || res.Text("detail") == strings.Join(lines, "\n")
	if res.Status != http.StatusBadRequest || res.Text("title") != title || !hasLines || !slices.Equal(named, fields) {
		w.Errorf("%d about %v, want a 400 %q about %v\n%s", res.Status, named, title, fields, res.Raw)
	}
}

// plainTexts lists the members that accept any text except an empty one.
var plainTexts = []string{
	"description", "organization.name", "organization.department_name",
	"metadata.web_url", "metadata.app_ios", "metadata.app_android", "metadata.tos_url", "metadata.privacy_url",
	"metadata.address", "metadata.phone", "metadata.email", "metadata.pec", "metadata.cta", "metadata.token_name", "metadata.support_url",
}

// bad lists names of members with values that are refused, as JSON.
func bad() (all [][2]string) {
	for _, name := range append(slices.Clone(plainTexts), "name", "organization.fiscal_code", "metadata.scope", "metadata.group_id") {
		all = append(all, [2]string{name, `""`}, [2]string{name, `1`}, [2]string{name, `["a"]`}, [2]string{name, `null`})
	}
	for name, values := range map[string][]string{
		"organization":               {`null`, `"Comune"`, `[]`},
		"metadata":                   {`null`, `"LOCAL"`},
		"organization.fiscal_code":   {`"1234567890"`, `"123456789012"`, `"1234567890a"`, `"12345678901\n"`, `"１2345678901"`},
		"metadata.scope":             {`"local"`, `"LOCAL "`, `true`},
		"metadata.topic_id":          {`"3"`, `null`, `true`, `[3]`},
		"require_secure_channel":     {`null`, `"true"`, `1`},
		"suitable_for_minors":        {`null`, `"true"`, `0`},
		"authorized_cidrs":           {`null`, `"1.2.3.4"`, `{}`},
		"authorized_recipients":      {`null`, `"AAAAAA00A00A000A"`, `{}`},
		"max_allowed_payment_amount": {`-1`, `10000000000`, `0.5`, `9999999999.5`, `"1"`, `1e300`, `[]`},
	} {
		for _, value := range values {
			all = append(all, [2]string{name, value})
		}
	}
	return all
}

// TestBadMembers sends members with values that are refused.
func TestBadMembers(t *testing.T) {
	t.Parallel()
	eachEmbedded(t, func(w *world) {
		path := w.create(complete(nil))
		wantInvalid := func(body string, fields ...string) {
			w.Helper()
			w.wantInvalid(w.call("POST", "/services", body), "Invalid CreateServicePayload", fields...)
			w.wantInvalid(w.call("PUT", path, body), "Invalid ServicePayload", fields...)
		}
		for _, b := range bad() {
			wantInvalid(withMember(b[0], b[1]), "body."+b[0])
		}
		for _, cidr := range []string{
			`"1.2.3.4/33"`, `"1.2.3"`, `"1.2.3.4/"`, `"1.2.3.4/024"`, `"1.2.3.4\n"`, `"::1"`, `"1234.2.3.4"`, `"a.2.3.4"`,
			`""`, `null`, `1`,
		} {
			wantInvalid(withMember("authorized_cidrs", `["1.2.3.4",`+cidr+`]`), "body.authorized_cidrs[1]")
		}
		for _, code := range []string{`"AAAAAA00A00A000"`, `"aaaaaa00a00a000a"`, `"AAAAAA00F00A000A"`, `"AAAAAA00A00A000A "`, `""`, `null`, `1`} {
			wantInvalid(withMember("authorized_recipients", `["AAAAAA00A00A000A",`+code+`]`), "body.authorized_recipients[1]")
		}
		for _, name := range []string{
			"name", "description", "organization", "metadata", "organization.fiscal_code", "organization.name",
			"metadata.scope",
		} {
			wantInvalid(complete(map[string]any{name: nil}), "body."+name)
		}
		wantInvalid(named(" \t\u00a0 "), "body.name")
		wantInvalid(strings.Replace(complete(nil), `"description"`, `"Description"`, 1), "body.description")
		wantInvalid(complete(map[string]any{"description": "", "metadata.scope": "x", "organization.fiscal_code": "1"}),
			"body.description", "body.metadata.scope", "body.organization.fiscal_code")
		if got := w.stored(path).lifecycle.Version; got != 1 {
			w.Errorf("refused payloads made version %d", got)
		}
	})
}

// TestGoodMembers sends members with values at the limits, and reads them.
func TestGoodMembers(t *testing.T) {
	t.Parallel()
	eachEmbedded(t, func(w *world) {
		path := w.create(complete(nil))
		for _, g := range [][3]string{
			{
				"authorized_cidrs", `["85.338.5.14","1.2.3.4/0","1.2.3.4/9","1.2.3.4/32","999.999.999.999"]`,
				`["85.338.5.14","1.2.3.4/0","1.2.3.4/9","1.2.3.4/32","999.999.999.999"]`,
			},
			{"authorized_cidrs", `[]`, `[]`},
			{"authorized_recipients", `[]`, `["AAAAAA00A00A000A"]`},
			{
				"authorized_recipients", `["BBBBBB00A00A000A","AAAAAA00A00A000A","CCCCCC00A00A000A"]`,
				`["BBBBBB00A00A000A","AAAAAA00A00A000A","CCCCCC00A00A000A"]`,
			},
			{"authorized_recipients", `["BBBBBB00A00A000A","CCCCCC00A00A000A"]`, `["BBBBBB00A00A000A","CCCCCC00A00A000A","AAAAAA00A00A000A"]`},
			{"max_allowed_payment_amount", `null`, `0`},
			{"max_allowed_payment_amount", `0`, `0`},
			{"max_allowed_payment_amount", `9999999999`, `9999999999`},
			{"suitable_for_minors", `true`, `true`},
			{"suitable_for_minors", `false`, `false`},
			{"require_secure_channel", `true`, `true`},
			{"require_secure_channel", `false`, `false`},
			{"name", `"  Il  nome "`, `"Il  nome"`},
			{"description", `" \n<b>&amp;</b> \u0001 😀 "`, `" \n<b>&amp;</b> \u0001 😀 "`},
			{"metadata.scope", `"NATIONAL"`, `"NATIONAL"`},
			{"metadata.email", `"string"`, `"string"`},
			{"metadata.cta", `"---\nit:\n---"`, `"---\nit:\n---"`},
			{"organization.department_name", `" "`, `" "`},
		} {
			name, inner, _ := strings.Cut(g[0], ".")
			for _, res := range []apitest.Response{
				w.Want(w.call("POST", "/services", withMember(g[0], g[1])), http.StatusCreated),
				w.Want(w.call("PUT", path, withMember(g[0], g[1])), http.StatusOK),
				w.Want(w.call("GET", path, ""), http.StatusOK),
			} {
				got := res.Body[name]
				if part, ok := got.(map[string]any); ok {
					got = part[inner]
				}
				var want any
				if err := json.Unmarshal([]byte(g[2]), &want); err != nil {
					w.Fatal(err)
				}
				if !reflect.DeepEqual(got, want) {
					w.Errorf("%s %s became %v", g[0], g[1], got)
				}
			}
		}
	})
}

// TestReplacement ignores unknown members, and resets members that are left out.
func TestReplacement(t *testing.T) {
	t.Parallel()
	eachEmbedded(t, func(w *world) {
		all := map[string]any{
			"require_secure_channel": true, "authorized_cidrs": []string{"1.2.3.4"}, "authorized_recipients": []string{"BBBBBB00A00A000A"},
			"max_allowed_payment_amount": 7, "suitable_for_minors": true,
		}
		for _, name := range plainTexts[2:] {
			all[name] = "text"
		}
		unknown := map[string]any{
			"id": "x", "status": "approved", "version": 9, "last_update": nil, "a": map[string]any{"b": nil}, "organization.id": nil,
			"Name": "", "DESCRIPTION": 1, "Metadata": nil, "organization.Fiscal_Code": "1", "metadata.SCOPE": "local", "metadata.Email": nil,
			"metadata.category": "SPECIAL", "metadata.custom_special_flow": 1, "metadata.topic": 1, "metadata.group_id": "theirs",
		}
		strip := func(res apitest.Response) map[string]any {
			for _, name := range []string{"id", "version", "last_update"} {
				delete(res.Body, name)
			}
			return res.Body
		}
		bare := complete(map[string]any{"metadata.email": nil, "metadata.privacy_url": nil, "metadata.topic_id": nil})
		path := w.create(complete(all))
		plain := strip(w.Want(w.call("POST", "/services", bare), http.StatusCreated))
		if got := strip(w.Want(w.call("PUT", path, bare), http.StatusOK)); !reflect.DeepEqual(got, plain) {
			w.Errorf("members that were left out remain: %v, want %v", got, plain)
		}
		if metadata, _ := plain["metadata"].(map[string]any); len(metadata) != 1 || len(plain) != 9 {
			w.Errorf("a bare service is %v", plain)
		}
		sent := strip(w.Want(w.call("POST", "/services", complete(all)), http.StatusCreated))
		maps.Copy(all, unknown)
		for _, res := range []apitest.Response{
			w.Want(w.call("PUT", path, complete(all)), http.StatusOK),
			w.Want(w.call("POST", "/services", complete(all)), http.StatusCreated),
		} {
			if got := strip(res); !reflect.DeepEqual(got, sent) {
				w.Errorf("with unknown members: %v, want %v", got, sent)
			}
		}
	})
}

// TestBodies sends bodies that are not JSON or too large, and JSON of several media types.
func TestBodies(t *testing.T) {
	t.Parallel()
	eachEmbedded(t, func(w *world) {
		path := w.create(complete(nil))
		sent := w.create(named("Sent"))
		waiting := w.create(named("Waiting"))
		w.submit(waiting, true)
		for _, op := range []struct {
			as                        *api.Identity
			method, path, title, good string
			most                      int
		}{
			{owner, "POST", "/services", "Invalid CreateServicePayload", complete(nil), 32 << 10},
			{owner, "PUT", path, "Invalid ServicePayload", complete(nil), 32 << 10},
			{owner, "PUT", path + "/logo", "Invalid Exact<Logo>", pixel, 1<<20/3*4 + 4<<10},
			{owner, "PUT", sent + "/review", "Invalid Exact<ReviewRequest>", `{"auto_publish":false}`, 1 << 20},
			{reviewer, "POST", waiting + "/review/reject", "Invalid request", `{"reason":"R"}`, 1 << 20},
		} {
			for _, body := range []string{
				"", "null", " ", "{", op.good[1:], op.good + "x", "[" + op.good + "]", `"` + op.path + `"`, "1", "{}", "\xff",
			} {
				res := w.As(op.as, op.method, op.path, body)
				if res.Status != http.StatusBadRequest || res.Text("title") != op.title || res.Text("detail") == "" {
					w.Errorf("%s %s %.40q: %d %s", op.method, op.path, body, res.Status, res.Raw)
				}
			}
			spaces := strings.Repeat(" ", op.most-len(op.good))
			w.Want(w.As(op.as, op.method, op.path, op.good+spaces+" "), http.StatusRequestEntityTooLarge)
			if res := w.As(op.as, op.method, op.path, op.good+spaces, "Content-Type", ""); res.Status >= http.StatusBadRequest {
				w.Errorf("%s %s with the largest body: %d %s", op.method, op.path, res.Status, res.Raw)
			}
		}
		for _, media := range []string{
			"", "text/plain", "application/xml", "application/JSON; charset=utf-8", "garbage;;;",
			"multipart/form-data", "application/x-www-form-urlencoded",
		} {
			w.Want(w.call("PUT", path, named("As %s", media), "Content-Type", media), http.StatusOK)
			if res := w.call("PUT", path, "{", "Content-Type", media); res.Status != http.StatusBadRequest {
				w.Errorf("%s: %d", media, res.Status)
			}
		}
	})
}

// TestBodiesOfReviews sends bodies of submissions and rejections.
func TestBodiesOfReviews(t *testing.T) {
	t.Parallel()
	eachEmbedded(t, func(w *world) {
		path := w.create(complete(nil))
		for body, field := range map[string]string{
			`{"auto_publish":null}`: "body.auto_publish", `{"auto_publish":"true"}`: "body.auto_publish",
			`{"auto_publish":1}`: "body.auto_publish", `{"a":true}`: "body.auto_publish",
		} {
			w.wantInvalid(w.call("PUT", path+"/review", body), "Invalid Exact<ReviewRequest>", field)
		}
		w.Want(w.call("PUT", path+"/review", `{"auto_publish":true,"comment":1}`), http.StatusNoContent)
		for body, field := range map[string]string{
			`{"reason":""}`: "body.reason", `{"reason":" \n "}`: "body.reason", `{"reason":null}`: "body.reason",
			`{"code":"INVALID_FIELDS"}`: "body.reason", `{"reason":1}`: "body.reason",
			`{"reason":"R","code":"invalid_fields"}`:         "body.code",
			`{"reason":"` + strings.Repeat("é", 4097) + `"}`: "body.reason",
		} {
			w.wantInvalid(w.As(reviewer, "POST", path+"/review/reject", body), "Invalid request", field)
		}
		longest := strings.Repeat("é", 4096)
		w.Want(w.As(reviewer, "POST", path+"/review/reject", `{"reason":"`+longest+`","code":"NOT_A_DELEGATE","a":1}`), http.StatusNoContent)
		status, _ := w.Want(w.call("GET", path, ""), http.StatusOK).Body["status"].(map[string]any)
		if !reflect.DeepEqual(status, map[string]any{"value": "rejected", "reason": longest, "code": "NOT_A_DELEGATE"}) {
			w.Errorf("status = %v", status)
		}
	})
}
