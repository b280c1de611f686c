package api_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/problemtest"
)

// Inner is embedded, so huma needs an exported name.
type Inner struct {
	OwnerID string `json:"ownerId,omitempty" format:"uuid"`
}

// entry has a text of every rule at every place of a body.
type entry struct {
	Inner
	Name    string    `json:"name,omitempty"`
	Notes   string    `json:"notes,omitempty"`
	Members []string  `json:"members,omitempty" format:"uuid"`
	Other   *string   `json:"other_name,omitempty"`
	Parts   []Inner   `json:"parts,omitempty"`
	Titled  []*titled `json:"titled,omitempty"`
	Scale   float64   `json:"scale,omitempty"`
	Count   int32     `json:"count,omitempty"`
	Counts  []*int64  `json:"counts,omitempty"`
}

type titled struct {
	Title string `json:"title,omitempty"`
}

type entryInput struct {
	EntryID string   `path:"entryId" format:"uuid"`
	IDs     []string `query:"ids" format:"uuid"`
	Body    *entry
}

type entryOutput struct {
	Body struct {
		ID    string   `json:"id,omitempty"`
		IDs   []string `json:"ids,omitempty"`
		Entry *entry   `json:"entry,omitempty"`
	}
}

// enter returns an operation that answers with its input.
func enter(p *api.Product) api.Op {
	return api.Operation[store, entryInput, entryOutput]{
		Spec: func() api.Spec {
			return api.Spec{
				ID: "entry/put", Method: "PUT", Path: p.Base + "/entries/{entryId}", Tag: "Entries", Product: p,
				Scopes: []string{"full"}, Status: 200,
			}
		},
		Open: func(d api.Deps) (*store, error) { return &store{d}, nil },
		Run: func(_ *store, _ context.Context, in *entryInput) (*entryOutput, error) {
			out := &entryOutput{}
			out.Body.ID, out.Body.IDs, out.Body.Entry = in.EntryID, in.IDs, in.Body
			return out, nil
		},
	}
}

const (
	small   = "5f8d7a10-0000-4000-8000-00000000abcd"
	capital = "5F8D7A10-0000-4000-8000-00000000ABCD"
)

// fieldsOf returns the fields that a refusal names.
func fieldsOf(res apitest.Response) (fields []string) {
	all, _ := res.Body["errors"].([]any)
	for _, one := range all {
		if one, ok := one.(map[string]any); ok {
			fields = append(fields, fmt.Sprint(one["field"]))
		}
	}
	return fields
}

// TestIdentifiers sends UUIDs at every place. Capitals mean the same as small letters; other
// notations are refused.
func TestIdentifiers(t *testing.T) {
	t.Parallel()
	w := apitest.New(nil, []api.Op{enter(product)})
	call := func(id string) apitest.Response {
		return w.Call(t, me, "PUT", "/entries/"+id+"?ids="+id+","+small, fmt.Sprintf(
			`{"ownerId":%[1]q,"members":[%[1]q,%[2]q],"parts":[{"ownerId":%[1]q},{}],"name":%[3]q}`, id, small, capital))
	}
	want := call(small)
	for _, id := range []string{capital, "5f8D7a10-0000-4000-8000-00000000AbcD"} {
		if res := call(id); res.Status != 200 || res.Raw != want.Raw {
			t.Errorf("%s = %d %s, want %s", id, res.Status, res.Raw, want.Raw)
		}
	}
	if !strings.Contains(want.Raw, capital) {
		t.Errorf("a name that looks like an identifier is kept as it is: %s", want.Raw)
	}
	places := []string{"path.entryId", "query.ids[0]", "body.ownerId", "body.members[0]", "body.parts[0].ownerId"}
	for _, id := range []string{
		"{" + small + "}", "urn:uuid:" + small, "URN:UUID:" + small,
		strings.ReplaceAll(small, "-", ""), strings.ReplaceAll(capital, "-", ""),
	} {
		if res := call(id); res.Status != 400 || !cmp.Equal(fieldsOf(res), places) {
			t.Errorf("%s = %d, refused are %v, want %v", id, res.Status, fieldsOf(res), places)
		}
	}
}

// TestLabels sends control and direction characters. Names and titles with them are refused;
// other texts can have them.
func TestLabels(t *testing.T) {
	t.Parallel()
	w := apitest.New(nil, []api.Op{enter(product)})
	for text, fine := range map[string]bool{
		"Anagrafe àè 日本 🙂 '\"<>": true, "שלום \u200fعربي\u200e": true, "a\u00a0b\u200db": true,
		"a\nb": false, "a\tb": false, "a\rb": false, "a\u0001b": false, "a\u001bb": false, "a\u007fb": false, "a\u0085b": false,
		"a\u2028b": false, "a\u2029b": false, "a\u202ab": false, "a\u202eb": false, "a\u2066b": false, "a\u2069b": false,
	} {
		quoted, err := jsonText(text)
		if err != nil {
			t.Fatal(err)
		}
		res := w.Call(t, me, "PUT", "/entries/"+small, `{"name":`+quoted+`,"other_name":`+quoted+`,"titled":[{},{"title":`+quoted+`}]}`)
		places := []string{"body.name", "body.other_name", "body.titled[1].title"}
		if fine && res.Status != 200 || !fine && (res.Status != 400 || !cmp.Equal(fieldsOf(res), places)) {
			t.Errorf("a name of %q = %d %s", text, res.Status, res.Raw)
		}
		res = w.Call(t, me, "PUT", "/entries/"+small, `{"notes":`+quoted+`}`)
		if res.Status != 200 || res.Body["entry"].(map[string]any)["notes"] != text {
			t.Errorf("notes of %q = %d %s", text, res.Status, res.Raw)
		}
	}
}

// TestTextsAreWhatWasSent sends bytes and escapes that are not Unicode text.
func TestTextsAreWhatWasSent(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]*api.Product{"consumers": product, "services": keyed()} {
		w := apitest.New(nil, []api.Op{enter(p)})
		deep := strings.Repeat(`{"a":`, 20) + `"\u0000"` + strings.Repeat("}", 20)
		for body, want := range map[string]string{
			`{"notes":"è"}`:                                   "200 è",
			"\xef\xbb\xbf{\"notes\":\"a\"}":                   "200 a",
			`{"notes":"\ud83d\ude42 \\ud800 \u00e8\\\u0061"}`: `200 🙂 \ud800 è\a`,
			"\xef\xbb\xbf":                                    "200 <nil>",
			"\xef\xbb\xbfnull":                                "200 <nil>",
			"{\"notes\":\"\ufffd\"}":                          "200 \ufffd",
			"\xef\xbb\xbf\xef\xbb\xbf{}":                      "400 body",
			"{\"notes\":\"\xff\"}":                            "400 body",
			"{\"notes\":\"\xed\xa0\x80\"}":                    "400 body",
			"{\"not\xffes\":\"a\"}":                           "400 body",
			"{\"notes\":\"a\xc3\"}":                           "400 body",
			"\xff\xfe{\x00}\x00":                              "400 body",
			`{"notes":"\ud800"}`:                              "400 body.notes",
			`{"notes":"a\uD800b"}`:                            "400 body.notes",
			`{"notes":"\udc00"}`:                              "400 body.notes",
			`{"notes":"\udc00\udc00"}`:                        "400 body.notes",
			`{"notes":"\ud800\ud800"}`:                        "400 body.notes",
			`{"notes":"\ud800\u0061"}`:                        "400 body.notes",
			`{"notes":"\ud83d\ude42\ude42"}`:                  "400 body.notes",
			`{"notes":"\u0000"}`:                              "400 body.notes",
			`{"name":"\\\u0000"}`:                             "400 body.name",
			`{"parts":[{},{"ownerId":"\ud800"}]}`:             "400 body.parts[1].ownerId",
			`{"notes":"\ud800","name":"\u0000"}`:              "400 body.name body.notes",
			`{"\ud800":"a"}`:                                  "400 body",
			`{"other":` + deep + `}`:                          "400 body.other.a.a.a.a",
			strings.Repeat("[", 50000) + `"\ud800"`:           "400 body",
		} {
			res := w.Call(t, me, "PUT", p.Base+"/entries/"+small, body)
			got := fmt.Sprint(res.Status, " ", strings.Join(fieldsOf(res), " "))
			if res.Status == 200 {
				entry, _ := res.Body["entry"].(map[string]any)
				got = fmt.Sprint(res.Status, " ", entry["notes"])
			}
			if got != want {
				t.Errorf("%s: %.60q = %s, want %s\n%.300s", name, body, got, want, res.Raw)
			}
		}
	}
}

// TestFewTextsAreNamed checks that the answer to thousands of malformed texts names a few.
func TestFewTextsAreNamed(t *testing.T) {
	t.Parallel()
	w := apitest.New(nil, []api.Op{enter(product)})
	items := strings.TrimSuffix(strings.Repeat(`["\ud800","\u0000"],`, 20000), ",")
	res := w.Call(t, me, "PUT", "/entries/"+small, `{"members":[`+items+`]}`)
	if n := len(fieldsOf(res)); res.Status != 400 || n == 0 || n > 20 {
		t.Errorf("%d fields of a body of 40,000 are named in %d bytes", n, len(res.Raw))
	}
}

// TestEncodings declares encodings of bodies, also of empty ones.
func TestEncodings(t *testing.T) {
	t.Parallel()
	anyMedia := keyed()
	anyMedia.AnyMedia = true
	for name, p := range map[string]*api.Product{"consumers": {Product: problemtest.Product, Scheme: api.Bearer}, "services": anyMedia} {
		w := apitest.New(nil, []api.Op{enter(p), filter(p)})
		for _, tc := range []struct {
			header, value string
			want          int
		}{
			{"Content-Type", "application/json; charset=utf-8", 200},
			{"Content-Type", `application/json;charset="UTF-8"`, 200},
			{"Content-Type", "application/json; charset=utf8", 200},
			{"Content-Type", "application/json; version=1", 200},
			{"Content-Type", "application/json; charset=iso-8859-1", 415},
			{"Content-Type", "application/json; charset=utf-16", 415},
			{"Content-Type", "APPLICATION/JSON; CHARSET=LATIN1", 415},
			{"Content-Encoding", "", 200},
			{"Content-Encoding", "Identity", 200},
			{"Content-Encoding", "gzip", 415},
			{"Content-Encoding", "identity, br", 415},
			{"Content-Encoding", "aws-chunked", 415},
		} {
			res := w.Call(t, me, "PUT", p.Base+"/entries/"+small, `{}`, tc.header, tc.value)
			if res.Status != tc.want || (res.Header.Get("Accept-Encoding") != "") != (tc.want == 415 && tc.header == "Content-Encoding") {
				t.Errorf("%s: %s %s = %d %s", name, tc.header, tc.value, res.Status, res.Raw)
			}
			if res := w.Call(t, me, "PUT", p.Base+"/entries/"+small, "", tc.header, tc.value); res.Status != 200 {
				t.Errorf("%s: no body in %s %s = %d %s", name, tc.header, tc.value, res.Status, res.Raw)
			}
			if res := w.Call(t, me, "GET", "/things", `{}`, tc.header, tc.value); res.Status != 200 {
				t.Errorf("%s: an unused body in %s %s = %d %s", name, tc.header, tc.value, res.Status, res.Raw)
			}
		}
	}
}

// TestFormsAreText sends forms with percent-encoded bytes that are not text.
func TestFormsAreText(t *testing.T) {
	t.Parallel()
	w := apitest.New(nil, []api.Op{slip(api.FormToo, func(context.Context, *slipInput) error { return nil })})
	for body, want := range map[string]string{
		"first_name=%C3%A8":             "204 []",
		"first_name=%FF":                "400 [body.first_name]",
		"first_name=a&second=%ED%A0%80": "400 [body.second]",
		"first_name=a&%FF=a":            "400 [body]",
		"first_name=a%00":               "400 [body.first_name]",
	} {
		res := w.Call(t, me, "POST", "/manage/slips", body, "Content-Type", asForm)
		if got := fmt.Sprint(res.Status, " ", fieldsOf(res)); got != want {
			t.Errorf("%s = %s, want %s", body, got, want)
		}
	}
	res := w.Call(t, me, "POST", "/manage/slips", "first_name=a", "Content-Type", asForm+"; charset=windows-1252")
	if res.Status != http.StatusUnsupportedMediaType {
		t.Errorf("a form in another charset = %d", res.Status)
	}
}

// TestPathsAreText sends paths with bytes that are not text.
func TestPathsAreText(t *testing.T) {
	t.Parallel()
	w := apitest.New(nil, []api.Op{ops()[1]})
	for _, id := range []string{"%FF", "a%00", "%ED%A0%80", "a%C3"} {
		if res := w.Call(t, me, "PUT", "/things/"+id, ""); res.Status != 400 || !cmp.Equal(fieldsOf(res), []string{"path.thingId"}) {
			t.Errorf("%s = %d %s", id, res.Status, res.Raw)
		}
	}
}
