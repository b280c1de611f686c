package api

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"ciclo/shared/platform/form"
	"ciclo/shared/platform/problem"
)

// queryForm is the form of a query.
const queryForm = "expected name=value pairs joined by &, with other characters percent-encoded"

// textForm is the form of a percent-encoded text.
const textForm = "expected text in UTF-8, without NUL"

// parameters are the documented query parameters of an operation, by their names.
type parameters map[string]*huma.Param

func parametersOf(op *huma.Operation) parameters {
	known := parameters{}
	for _, p := range op.Parameters {
		if p.In == "query" {
			known[p.Name] = p
		}
	}
	return known
}

// withoutBrackets returns a name without how the clients of some languages mark a list:
// states[]=, states[0]=.
func withoutBrackets(name string) string {
	marked, closed := strings.CutSuffix(name, "]")
	at := strings.LastIndexByte(marked, '[')
	if !closed || at < 0 || !form.Is(marked[at+1:], 0, len(marked), form.Digits) {
		return name
	}
	return marked[:at]
}

// lookup returns the parameter that a client means by name, nil for none. Where
// parameters are lists to filter by, one that is not recognized leaves its filter
// out, and the client takes what it gets for what it asked for: so neither the
// brackets of a list nor letter case matter there.
func (known parameters) lookup(name string, lists bool) *huma.Param {
	if p := known[name]; p != nil || !lists {
		return p
	}
	name = withoutBrackets(name)
	for documented, p := range known {
		if strings.EqualFold(documented, name) {
			return p
		}
	}
	return nil
}

// readQuery returns the request with a query that has each documented parameter under
// its name. What is not documented stays, and is ignored.
func (h *Handler) readQuery(r *http.Request, spec Spec) (*http.Request, *problem.Problem) {
	if r.URL.RawQuery == "" {
		return r, nil
	}
	sent, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return r, invalid(spec, []problem.Field{{Name: "query", Detail: queryForm}})
	}
	query := url.Values{}
	refused := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(sent)) {
		p := h.queries[spec.ID].lookup(name, spec.Product.Lists)
		at := "query"
		values := sent[name]
		if p != nil {
			name = p.Name
			at = "query." + p.Name
		}
		if slices.ContainsFunc(append(values, name), isUnreadable) {
			refused[at] = true
		}
		if p != nil && spec.Product.Numbers && p.Schema.Type == huma.TypeInteger {
			writeDigits(values)
		}
		query[name] = append(query[name], values...)
	}
	if len(refused) > 0 {
		var fields []problem.Field
		for _, at := range slices.Sorted(maps.Keys(refused)) {
			fields = append(fields, problem.Field{Name: at, Detail: textForm})
		}
		return r, invalid(spec, fields)
	}
	if spec.Product.Lists {
		joinLists(query)
	}
	next := *r
	u := *r.URL
	u.RawQuery = query.Encode()
	next.URL = &u
	return &next, nil
}

// isUnreadable reports whether the result of percent-decoding is not text.
func isUnreadable(text string) bool {
	return !utf8.ValidString(text) || strings.ContainsRune(text, 0)
}

// joinLists leaves one value for each parameter: the commas of a list stand between what
// was repeated.
func joinLists(query url.Values) {
	for name, values := range query {
		if name == "offset" || name == "limit" {
			continue
		}
		values = slices.DeleteFunc(values, func(v string) bool { return v == "" })
		if query[name] = []string{strings.Join(values, ",")}; len(values) == 0 {
			delete(query, name)
		}
	}
}

// writeDigits writes whole numbers in digits alone.
func writeDigits(values []string) {
	for i, v := range values {
		if digits, ok := wholeNumber(v); ok && isNumber(v) {
			values[i] = digits
		}
	}
}
