package interoptest

import (
	"fmt"
	"strings"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/testing/apitest"
)

// Field is a member of a body: JSON values that it takes and that it does not take.
type Field struct{ Good, Bad []string }

// Text is a member with a text of that many characters.
func Text(least, most int) Field {
	of := func(n int) string { return `"` + strings.Repeat("à", n) + `"` }
	return Field{
		Good: []string{of(least), of(most)},
		Bad:  []string{of(least - 1), of(most + 1), `null`, `1`, `true`, `{}`, `["` + strings.Repeat("x", least) + `"]`},
	}
}

// ID is a member with a UUID; good is one of something that exists.
func ID(good string) Field {
	return Field{
		Good: []string{`"` + good + `"`},
		Bad:  []string{`""`, `null`, `1`, `"x"`, `{}`, `["` + good + `"]`, `"` + good[1:] + `"`, `"` + good + `0"`},
	}
}

// Accepts sends a request with every good value of each member and hands the answers to
// accepted; every bad value, every missing member of required and every body of another
// form is refused. body makes a new body that is accepted.
func (w *World) Accepts(
	r Request, body func() Object, required string, fields map[string]Field, accepted func(res apitest.Response, member, value string),
) {
	w.Helper()
	with := func(member, value string) string {
		b := body()
		delete(b, member)
		rest := strings.TrimSuffix(JSON(b), "}")
		if len(b) > 0 {
			rest += ","
		}
		return fmt.Sprintf("%s%q:%s}", rest, member, value)
	}
	refused := func(what, at, text string) {
		w.Helper()
		res := w.As(r.As, r.Method, r.At, text)
		if CodeOf(res) != interop.BadRequest.Name || res.Status != 400 || !strings.Contains(res.Raw, at) {
			w.Errorf("%s with %s = %d\n%s", r.ID, what, res.Status, res.Raw)
		}
	}
	for member, values := range fields {
		for _, value := range values.Good {
			accepted(w.As(r.As, r.Method, r.At, with(member, value)), member, value)
		}
		for _, value := range values.Bad {
			refused(member+" "+value, `"body.`+member, with(member, value))
		}
		refused(member+" in capitals", "", with(strings.ToUpper(member), `"x"`))
	}
	for member := range strings.FieldsSeq(required) {
		b := body()
		delete(b, member)
		refused("no "+member, `"body.`+member, JSON(b))
	}
	for _, member := range []string{"other", "createdAt", "$schema"} {
		refused("an unknown member", "body", with(member, `"x"`))
	}
	for _, text := range []string{"", "null", "[]", `"x"`, "1", "{", JSON(body()) + "x"} {
		refused("a body of "+text, "", text)
	}
}

// badPages are queries for pages that no list has.
var badPages = []string{
	"offset=-1", "offset=x", "offset=", "offset=1.5", "offset=+1", "offset=1&offset=1",
	"limit=0", "limit=51", "limit=-1", "limit=", "limit=x", "limit=1,2", "limit=1&limit=2", "a=%zz", "a;b",
}

// BadPages checks that a list refuses malformed pages.
func (w *World) BadPages(caller *api.Identity, path string) {
	w.Helper()
	for _, query := range badPages {
		w.Refused(w.As(caller, "GET", path+"?"+query, ""), interop.BadRequest)
	}
}

// Pages reads a list by pages of several lengths and checks that they are the whole,
// which has one member of each entry.
func (w *World) Pages(caller *api.Identity, path, member string, whole []string) {
	w.Helper()
	join := "?"
	if strings.Contains(path, "?") {
		join = "&"
	}
	pagination := func(offset, limit int) any {
		return Object{"offset": float64(offset), "limit": float64(limit), "totalCount": float64(len(whole))}
	}
	for _, limit := range []int{1, 7, 50} {
		var all []string
		for offset := 0; offset < len(whole)+limit; offset += limit {
			res := w.Want(w.As(caller, "GET", fmt.Sprint(path, join, "offset=", offset, "&limit=", limit), ""), 200)
			if diff := cmp.Diff(pagination(offset, limit), res.Body["pagination"]); diff != "" || len(Results(res)) > limit {
				w.Errorf("%s: a page of %d at %d: %s", path, limit, offset, res.Raw)
			}
			all = append(all, Members(res, member)...)
		}
		if diff := cmp.Diff(whole, all); diff != "" {
			w.Errorf("%s: pages of %d (-want +got):\n%s", path, limit, diff)
		}
	}
	res := w.Want(w.As(caller, "GET", path, ""), 200)
	if diff := cmp.Diff(pagination(0, 50), res.Body["pagination"]); diff != "" {
		w.Errorf("%s: the default page:\n%s", path, diff)
	}
}
