package sample_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"ciclo/shared/consumers"
	"ciclo/shared/platform/api"
	"ciclo/shared/services"
)

// TestHandwriting: every operation takes its event's request with a byte order mark
// before the JSON, whole numbers with a fraction of zeros and, but for D1, a correlation
// id of another form, which it replaces.
func TestHandwriting(t *testing.T) {
	t.Parallel()
	w, numbers := one(t), 0
	w.each(func(r request) {
		for _, p := range w.integers(r) {
			if value := w.value(r, p); value != "" {
				numbers++
				r = w.with(r, p, value+".0")
			}
		}
		r.header = r.header.Clone()
		if strings.HasPrefix(string(r.body), "{") {
			r.body = append([]byte("\ufeff"), r.body...)
		}
		sent := "first/second"
		if r.Product.StrictCorrelation {
			sent = ""
		}
		r.header.Set(api.CorrelationHeader, sent)
		w.seed(r)
		res := w.send(r)
		if got := res.Header.Get(api.CorrelationHeader); res.Status != r.Status || got == "" || got == sent {
			w.Errorf("%s = %d with the correlation id %q\n%.300s", r.ID, res.Status, got, res.Raw)
		}
	})
	if numbers < 5 {
		t.Errorf("there are %d whole numbers in bodies", numbers)
	}
}

// TestCorrelationIDs: D1 refuses a correlation id of another form and nobody else does;
// one that fits is echoed by all, and an empty one is none.
func TestCorrelationIDs(t *testing.T) {
	t.Parallel()
	w := one(t)
	w.each(func(r request) {
		if strict := r.Product == consumers.Product; r.Product.StrictCorrelation != strict {
			t.Errorf("%s is strict about correlation ids: %t", r.ID, !strict)
		}
		r.query = url.Values{"x": {"\xff"}} // refused, whatever else the request has
		for sent, fits := range map[string]bool{"use case 7": true, "": false, "a/b": false, "é": false, strings.Repeat("x", 65): false} {
			r.header = r.header.Clone()
			r.header.Set(api.CorrelationHeader, sent)
			got := w.send(r).Header.Get(api.CorrelationHeader)
			if got == "" || (got == sent) != fits {
				w.Errorf("%s: the correlation id %q became %q", r.ID, sent, got)
			}
		}
		if !r.Product.StrictCorrelation {
			return
		}
		r.query = nil
		r.header.Set(api.CorrelationHeader, "a/b")
		w.refused(r, 400, "a correlation id of another form", "header.x-correlation-id")
	})
}

// integers lists the places in the body of a request where whole numbers stand.
func (w *walk) integers(r request) []place {
	return slices.DeleteFunc(w.places(r), func(p place) bool { return p.in != "body" || !p.is("integer") })
}

// TestNumbers: at every place of a body that has a whole number, it may be written in
// any notation of JSON; what is not whole or too large is refused at its place.
func TestNumbers(t *testing.T) {
	t.Parallel()
	w, places := one(t), 0
	w.each(func(r request) {
		for _, p := range w.integers(r) {
			places++
			for _, number := range []string{"5.5", "5e-1", "1e400", "-1e400", "1e999999999", "1e99999999999999999999", "9007199254740993.5"} {
				w.refused(w.with(r, p, number), 400, number, p.name())
			}
			for _, number := range []string{"100.0", "1e2", "1000e-1", "1.00E+2"} {
				if res := w.send(w.with(r, p, number)); res.Status == 400 && strings.Contains(res.Raw, p.String()) {
					w.Errorf("%s with %s = %s is refused: %s", r.ID, p, number, res.Raw)
				}
			}
		}
		for _, p := range w.places(r) {
			if p.in == "body" && p.is("number") {
				w.refused(w.with(r, p, "1e400"), 400, "1e400", p.name())
			}
		}
	})
	if places < 10 {
		t.Errorf("there are whole numbers at %d places", places)
	}
}

// TestQueriesAreNumbers: the lists of App IO, whose contract says number, take a limit
// and an offset in any notation of JSON; those of the others say integer and take digits.
func TestQueriesAreNumbers(t *testing.T) {
	t.Parallel()
	w := one(t)
	w.each(func(r request) {
		for _, p := range w.filters(r) {
			if !p.is("integer") {
				continue
			}
			w.seed(r)
			for _, number := range []string{"20.0", "2e1", "200e-1"} {
				r.query = url.Values{p.at[0]: {number}}
				if res := w.send(r); (res.Status == 200) != (r.Product == services.Product) {
					w.Errorf("%s?%s=%s = %d %.300s", r.ID, p.at[0], number, res.Status, res.Raw)
				}
			}
			for _, number := range []string{"1.5", "1e400", "1e999999999", "+5", "05"} {
				r.query = url.Values{p.at[0]: {number}}
				w.refused(r, 400, number, "query."+p.at[0])
			}
		}
	})
}

// TestTexts: no operation takes a body, a query or a path that is no text in UTF-8, nor
// a body in another encoding than it says.
func TestTexts(t *testing.T) {
	t.Parallel()
	w, bodies := one(t), 0
	w.each(func(r request) {
		broken := r
		broken.query = url.Values{"x": {"\xff"}}
		w.refused(broken, 400, "a query that is not UTF-8", "query")
		for _, p := range w.places(r) {
			if p.in == "path" && p.is("string") {
				w.refused(w.with(r, p, "%FF"), 400, "a path that is not UTF-8", p.String())
			}
		}
		op := w.document.Paths[r.Path][strings.ToLower(r.Method)]
		if documented := op.Responses["415"] != nil; documented != (op.RequestBody.Content != nil) {
			w.Errorf("%s: 415 is documented: %t", r.ID, documented)
		}
		if op.RequestBody.Content == nil {
			return
		}
		bodies++
		w.encodings(r)
	})
	if bodies < 50 {
		t.Errorf("%d operations take a body", bodies)
	}
}

// encodings sends a body that is not what its headers say, and bytes that are no text.
func (w *walk) encodings(r request) {
	w.Helper()
	if r.body == nil {
		r.body, r.header = []byte("{}"), map[string][]string{"Content-Type": {"application/json"}}
	}
	with := func(name, value string) request {
		other := r
		other.header = r.header.Clone()
		other.header.Set(name, value)
		return other
	}
	kind := r.header.Get("Content-Type")
	w.refused(with("Content-Encoding", "gzip"), 415, "a coding", "Content-Encoding")
	w.refused(with("Content-Type", kind+"; charset=iso-8859-1"), 415, "a charset", "UTF-8")
	if strings.Contains(kind, "form") {
		r.body = append(bytes.Clone(r.body), "&x=%FF"...)
		w.refused(r, 400, "a form that is not UTF-8", "body.x")
		return
	}
	for _, body := range []string{
		"{\"x\":\"\xff\"}", "{\"x\":\"\xed\xa0\x80\"}", "{\"\xc3\":1}",
		`{"x":"\ud800"}`, `{"\udc00":1}`, `{"x":["\u0000"]}`,
	} {
		r.body = []byte(body)
		w.refused(r, 400, body, "body")
	}
}

// TestNames: at every place of a body that has a text, NUL and halves of surrogate pairs
// are refused; names and titles are one line besides, whose direction nobody turns.
func TestNames(t *testing.T) {
	t.Parallel()
	w, names := one(t), 0
	w.each(func(r request) {
		for _, p := range w.places(r) {
			if p.in != "body" || !p.is("string") {
				continue
			}
			for _, bad := range []string{`"a name\u0000"`, `"a name\ud83d"`, `"a name\ude42 of it"`, `"a name\ude42\ude42"`} {
				w.refused(w.with(r, p, bad), 400, bad, p.String())
			}
			if name := strings.ToLower(p.name()); !strings.HasSuffix(name, "name") && !strings.HasSuffix(name, "title") {
				continue
			}
			names++
			for _, c := range "\n\t\r\u0001\u001b\u007f\u0085\u2028\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069" {
				quoted, err := json.Marshal(fmt.Sprintf("a name%cof it", c))
				if err != nil {
					w.Fatal(err)
				}
				w.refused(w.with(r, p, string(quoted)), 400, fmt.Sprintf("%q", c), p.String()+": expected one line")
			}
		}
	})
	if names < 12 {
		t.Errorf("there are %d names and titles", names)
	}
}
