package consumer_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ciclo/shared/consumers"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/testing/apitest"
)

// invalid fails unless the answer is a 400 that names the field.
func invalid(t testing.TB, res apitest.Response, code problem.Code, field, what string) {
	t.Helper()
	var named []string
	errs, _ := res.Body["errors"].([]any)
	for _, e := range errs {
		entry, _ := e.(map[string]any)
		name, _ := entry["field"].(string)
		named = append(named, name)
	}
	if res.Status != http.StatusBadRequest || res.Text("errorCode") != code.Name || !slices.Contains(named, field) {
		t.Errorf("%s = %d, want %s naming %s\n%s", what, res.Status, code.Name, field, res.Raw)
	}
}

// id returns an id of n characters with every character that ids may have.
func id(n int) string {
	return strings.Repeat("Az09_-", n)[:n]
}

func TestPathParameters(t *testing.T) {
	embedded(t, func(w *world) {
		for name, longest := range map[string]int{
			"issuerId": 10, "consumerId": 64, "accountId": 64, "cardId": 48, "digitalCardId": 64, "operationId": 64,
		} {
			good := []string{id(longest), strings.Repeat("-", longest), strings.Repeat("_", longest)}
			bad := []string{id(longest + 1), "%0A" + id(longest-1), id(longest) + "%0A", id(longest-2) + "%2Fa"}
			for _, end := range []string{"%0A", "%20", "%00", ".", "%C3%A9", "%FF", "%D9%A3", "~", "%23"} {
				bad = append(bad, id(longest-1)+end)
			}
			if name == "issuerId" {
				bad = append(bad, id(longest-1))
			} else {
				good = append(good, "a")
			}
			for _, op := range ops {
				w.eachPath(op.Describe(), name, good, bad)
			}
		}
	})
}

// eachPath calls an operation with good and bad values of a path parameter, if it has it.
func (w *world) eachPath(spec api.Spec, name string, good, bad []string) {
	w.Helper()
	if !strings.Contains(spec.Path, "{"+name+"}") {
		return
	}
	for _, value := range good {
		if res := w.callWith(spec, name, value); res.Status == http.StatusBadRequest || res.Status == http.StatusForbidden {
			w.Errorf("%s with %s %q = %d\n%s", spec.ID, name, value, res.Status, res.Raw)
		}
	}
	for _, value := range bad {
		invalid(w.TB, w.callWith(spec, name, value), consumers.FieldInvalidFormat, "path."+name, spec.ID+" with "+name+" "+value)
	}
}

// callWith calls an operation with one path parameter as given, on consumers and cards that do
// not exist. If the parameter is the issuer, the caller has a token of that issuer.
func (w *world) callWith(spec api.Spec, name, value string) apitest.Response {
	w.Helper()
	segments := strings.Split(spec.Path, "/")
	as := writer
	for i, s := range segments {
		switch {
		case s == "{"+name+"}":
			segments[i] = value
		case s == "{issuerId}":
			segments[i] = issuer
		case strings.HasPrefix(s, "{"):
			segments[i] = "nothing"
		}
	}
	if owner, err := url.PathUnescape(value); err == nil && name == "issuerId" {
		as = apitest.Issuer(owner, consumers.ScopeFull)
	}
	body := ""
	switch spec.ID {
	case "account/register":
		body = accountBody("nothing")
	case "consumer/register-cards":
		body = cardsBody("nothing")
	}
	return w.As(as, spec.Method, strings.Join(segments, "/"), body)
}

func TestIntegersAreStrict(t *testing.T) {
	embedded(t, func(w *world) {
		w.cards("ann", "c1", "c2")
		for _, path := range []string{consumerPath("ann") + "/operations", consumerPath("ann") + "/cards"} {
			for _, query := range []string{
				"", "limit=1", "limit=50", "offset=0", "offset=1&limit=1", "offset=9223372036854775807",
				"offset=9223372036854775807&limit=50", "other=x", "Limit=x",
			} {
				w.answers(http.StatusOK, "GET", path+"?"+query, "")
			}
			for _, query := range []string{"limit=0", "limit=51", "limit=-1", "limit=1000", "offset=-1"} {
				name, _, _ := strings.Cut(query, "=")
				invalid(w.TB, w.As(reader, "GET", path+"?"+query, ""), consumers.FieldInvalidValue, "query."+name, query)
			}
			for _, name := range []string{"limit", "offset"} {
				for _, value := range []string{
					"", "+1", "%2B1", "1.5", "1.0", "1e1", "%201", "1%20", "01", "0x1", "1_0", "x", "null", "1,2", "%D9%A3", "1%0A", "1%00",
					"9223372036854775808", "-9223372036854775809", strings.Repeat("9", 400), "1&" + name + "=1", "1&" + name + "=", "1&" + name + "=2",
				} {
					query := name + "=" + value
					invalid(w.TB, w.As(reader, "GET", path+"?"+query, ""), consumers.FieldInvalidFormat, "query."+name, query)
				}
			}
		}
	})
}

var uuidPattern = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

func TestCorrelationID(t *testing.T) {
	embedded(t, func(w *world) {
		bad := []string{strings.Repeat("wrong", 13), "wrong/b", "wrong\nb", `wrong"b`, "wrongé", "wrong{b}", "wrong,b", "\twrong"}
		for _, r := range w.fixture() {
			w.eachCorrelationID(r, []string{"a", strings.Repeat("a", 64), "A z_0-9.", "..", "-"}, bad)
		}
		flagged := 0
		for _, line := range w.LogLines() {
			if line["invalidCorrelationId"] == true {
				flagged++
			}
		}
		if flagged != len(ops)*len(bad) {
			w.Errorf("%d lines mark the correlation id as invalid, want %d", flagged, len(ops)*len(bad))
		}
	})
}

// eachCorrelationID calls an operation with good and bad correlation ids, and without one.
func (w *world) eachCorrelationID(r route, good, bad []string) {
	w.Helper()
	for _, value := range good {
		res := w.send(stranger, r, "X-Correlation-ID", value)
		if res.Header.Get(api.CorrelationHeader) != value || res.Text("correlationId") != value {
			w.Errorf("%s with correlation id %q answers with %q and\n%s", r.ID, value, res.Header.Get(api.CorrelationHeader), res.Raw)
		}
	}
	made := w.send(stranger, r)
	if id := made.Header.Get(api.CorrelationHeader); !uuidPattern.MatchString(id) || made.Text("correlationId") != id {
		w.Errorf("%s without correlation id answers with %q and\n%s", r.ID, id, made.Raw)
	}
	for _, value := range bad {
		res := w.send(writer, r, api.CorrelationHeader, value)
		invalid(w.TB, res, consumers.FieldInvalidFormat, "header.x-correlation-id", r.ID+" with "+value)
		if id := res.Header.Get(api.CorrelationHeader); !uuidPattern.MatchString(id) || res.Text("correlationId") != id {
			w.Errorf("%s with correlation id %q answers with %q", r.ID, value, id)
		}
		if strings.Contains(res.Raw, "wrong") || strings.Contains(w.Logged(), "wrong") {
			w.Errorf("%s repeats the invalid correlation id %q", r.ID, value)
		}
	}
}
