package service_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"

	"ciclo/shared/services/service"
)

// The codes of automatic rejections.
const (
	missing = "MISSING_METADATA"
	invalid = "INVALID_FIELDS"
)

// verdict is the outcome of a review.
type verdict struct{ state, reason, code string }

// verdict reads the outcome of the review of a service.
func (w *world) verdict(path string) verdict {
	w.Helper()
	status, _ := w.Want(w.call("GET", path, ""), http.StatusOK).Body["status"].(map[string]any)
	text := func(name string) string { s, _ := status[name].(string); return s }
	return verdict{text("value"), text("reason"), text("code")}
}

// fields returns the fields that the lines of the reason are about.
func (v verdict) fields() (names []string) {
	for line := range strings.Lines(v.reason) {
		name, detail, ok := strings.Cut(line, ": ")
		if !ok || strings.TrimSpace(detail) == "" {
			name = "no field: " + line
		}
		names = append(names, name)
	}
	return names
}

// check reads a check: the outcome, its findings in the form of a reason, and the finding of
// a duplicate name.
func (w *world) check(path string) (outcome, reason, duplicate string) {
	w.Helper()
	body := w.Want(w.call("GET", path+"/review/check", ""), http.StatusOK).Body
	findings, _ := body["findings"].([]any)
	var lines []string
	for _, f := range findings {
		finding, _ := f.(map[string]any)
		line := fmt.Sprint(finding["field"], ": ", finding["detail"])
		if finding["code"] == "DUPLICATE_NAME" {
			duplicate = line
			continue
		}
		lines = append(lines, line)
	}
	if valid := body["valid"]; valid != (len(findings) == 0) {
		w.Errorf("check is valid = %v with %d findings", valid, len(findings))
	}
	outcome, _ = body["outcome"].(string)
	return outcome, strings.Join(lines, "\n"), duplicate
}

// review checks a draft, submits it, and compares the outcomes.
func (w *world) review(path string) verdict {
	w.Helper()
	outcome, reason, duplicate := w.check(path)
	w.submit(path, true)
	got := w.verdict(path)
	if reason == "" {
		reason = duplicate
	}
	if got.state != outcome || got.reason != reason {
		w.Errorf("the check returned %s because %q, the review %s because %q", outcome, reason, got.state, got.reason)
	}
	return got
}

// values lists values of a field that the review accepts, and others that it refuses.
type values struct {
	field           string
	accepts, refuse []string
}

// valuesOfFields lists the values of every field, in the order of the rules.
func valuesOfFields() (all []values) {
	label := strings.Repeat("a", 63)
	long := strings.Repeat("a", 64) + "@" + label + "." + label + "." + strings.Repeat("b", 58) + ".it" // 254 characters
	for _, field := range []string{
		"privacy_url", "email", "pec", "support_url", "tos_url", "web_url", "app_ios", "app_android", "phone", "address",
		"cta", "token_name",
	} {
		v := values{field: field}
		switch field {
		case "phone", "address", "cta":
			v.accepts = []string{"string", " ", "\n"}
		case "token_name": // one line, like all names
			v.accepts = []string{"string", " "}
		case "email", "pec":
			v.accepts = []string{
				"a@b.it", "ufficio@comune.example.it", "UFFICIO@EXAMPLE.IT", "a+b_c-d@x.example", "o'n@example.it",
				"a.b.c@sub.example.co", "1@1.it", "a@b-c.it", long,
			}
			v.refuse = []string{
				"string", "a@b", "a@", "@b.it", "a b@example.it", "Ufficio <a@example.it>", "<a@example.it>", "mailto:a@example.it", `"a"@example.it`,
				"a@example.1", "a@example.i", "à@example.it", "a@exàmple.it", "a@@example.it", "a@b@example.it", ".a@example.it",
				"a.@example.it", "a..b@example.it", "a@.example.it",
				"a@-example.it", "a@example-.it", "a@example..it", "a@192.0.2.1", "a@[192.0.2.1]", "a@example.it ",
				" a@example.it", "a@example.it\n", "a@example.it,b@example.it", " ",
				strings.Repeat("a", 65) + "@b.it", strings.Replace(long, "b.it", "bb.it", 1), "a@" + label + "a.it",
			}
		default:
			v.accepts = []string{
				"http:a", "https:a", "https://example.it", "http://example.it/a?b=c#d", "https://èxample.it", "http:/",
				"http:http:", "https:\u0001",
			}
			v.refuse = []string{
				"string", "HTTPS://A", "Http:a", "ftp://a", "https:", "http", "httpss:a", "http //a", "https://a b", " https://a",
				"https://a ", "https://a\n", "\nhttps://a",
				"https://a\tb", "https://a\u000bb", "https://a\u000cb", "https://a\u00a0b", "https://a\u2003b",
				"https://a\u2028b", "https://a\u3000", "https://a\ufeff", "see https://a", " ",
			}
		}
		all = append(all, v)
	}
	return all
}

// TestQualityOfFields reviews every value in every field: accepted ones together, then each
// refused one beside accepted and other refused ones.
func TestQualityOfFields(t *testing.T) {
	t.Parallel()
	eachEmbedded(t, func(w *world) {
		path := w.create(w.fresh())
		fields := valuesOfFields()
		reviewed := func(pick func(i int, v values) (text string, refused bool)) {
			changes := map[string]any{}
			want := verdict{state: "submitted"}
			var lines []string
			for i, v := range fields {
				text, refused := pick(i, v)
				changes["metadata."+v.field] = text
				if refused {
					lines = append(lines, "metadata."+v.field)
					want.state = "rejected"
					want.code = invalid
				}
			}
			w.Want(w.call("PUT", path, complete(changes)), http.StatusOK)
			got := w.review(path)
			found := got.fields()
			got.reason = ""
			if got != want || fmt.Sprint(found) != fmt.Sprint(lines) {
				w.Errorf("%v is %+v for %v, want %+v for %v", changes, got, found, want, lines)
			}
			if got.state == "submitted" {
				w.Want(w.call("DELETE", path+"/review", ""), http.StatusNoContent)
			}
		}
		for n := range 9 {
			reviewed(func(_ int, v values) (string, bool) { return v.accepts[n%len(v.accepts)], false })
		}
		for n := range 2 * 32 { // twice the longest list: each value is used in every second round
			reviewed(func(i int, v values) (string, bool) {
				if (n+i)%2 == 0 || v.refuse == nil {
					return v.accepts[n%len(v.accepts)], false
				}
				return v.refuse[n/2%len(v.refuse)], true
			})
		}
	})
}

// TestQualityOfServices reviews services that lack fields or have several wrong ones.
func TestQualityOfServices(t *testing.T) {
	t.Parallel()
	const contact = "metadata.email"
	none := map[string]any{contact: nil}
	with := func(changes map[string]any, name string, value any) map[string]any {
		all := map[string]any{name: value}
		for k, v := range changes {
			if _, isSet := all[k]; !isSet {
				all[k] = v
			}
		}
		return all
	}
	wrong := map[string]any{
		"metadata.privacy_url": "x", contact: "x", "metadata.pec": "x", "metadata.support_url": "x", "metadata.tos_url": "x",
		"metadata.web_url": "x", "metadata.app_ios": "x", "metadata.app_android": "x",
		"authorized_cidrs": []string{"1.2.3.4", "256.0.0.1", "0.0.0.0/0", "1.2.3.999/8"},
	}
	allWrong := []string{
		"metadata.privacy_url", contact, "metadata.pec", "metadata.support_url", "metadata.tos_url", "metadata.web_url",
		"metadata.app_ios", "metadata.app_android", "authorized_cidrs[1]", "authorized_cidrs[3]",
	}
	eachEmbedded(t, func(w *world) {
		for _, c := range []struct {
			why     string
			changes map[string]any
			fields  []string
			code    string
		}{
			{"nothing", nil, nil, ""},
			{"no privacy notice", map[string]any{"metadata.privacy_url": nil}, []string{"metadata.privacy_url"}, missing},
			{"no contact", none, []string{contact}, missing},
			{"an address is no contact", with(none, "metadata.address", "Via"), []string{contact}, missing},
			{"a web page is no contact", with(none, "metadata.web_url", "https://a"), []string{contact}, missing},
			{"a certified address", with(none, "metadata.pec", "a@b.it"), nil, ""},
			{"a telephone", with(none, "metadata.phone", "06"), nil, ""},
			{"a help desk", with(none, "metadata.support_url", "https://a"), nil, ""},
			{"a contact that is wrong", with(none, "metadata.pec", "x"), []string{"metadata.pec"}, invalid},
			{"neither", map[string]any{contact: nil, "metadata.privacy_url": nil}, []string{"metadata.privacy_url", contact}, missing},
			{
				"one missing and one wrong", map[string]any{contact: nil, "metadata.privacy_url": "x"},
				[]string{"metadata.privacy_url", contact}, missing,
			},
			{"everything wrong", wrong, allWrong, invalid},
			{"one missing of everything wrong", with(wrong, "metadata.privacy_url", nil), allWrong, missing},
			{"no topic", map[string]any{"metadata.topic_id": nil}, nil, ""},
			{"a secure channel without terms", map[string]any{"require_secure_channel": true}, nil, ""},
			{"networks", map[string]any{"authorized_cidrs": []string{"0.0.0.0/0", "255.255.255.255/32", "010.000.000.001", "1.2.3.4"}}, nil, ""},
			{"no network", map[string]any{"authorized_cidrs": []string{"300.2.3.4"}}, []string{"authorized_cidrs[0]"}, invalid},
			{"a last number", map[string]any{"authorized_cidrs": []string{"1.2.3.256"}}, []string{"authorized_cidrs[0]"}, invalid},
			{"one character of each", map[string]any{"description": "d", "organization.name": "o", "organization.department_name": "d"}, nil, ""},
		} {
			path := w.create(complete(with(c.changes, "name", c.why)))
			got := w.review(path)
			if fmt.Sprint(got.fields()) != fmt.Sprint(c.fields) || got.code != c.code || (got.state == "submitted") != (c.fields == nil) {
				w.Errorf("%s is %+v, want code %s for %v", c.why, got, c.code, c.fields)
			}
		}
		guide := w.review(w.create(minimal))
		if fields := guide.fields(); len(fields) != 9 || fields[8] != "authorized_cidrs[0]" || guide.code != invalid {
			w.Errorf("the guide's example is %+v", guide)
		}
	})
}

// TestChecksForetellReviews checks and reviews random drafts; [world.review] compares the
// outcomes.
func TestChecksForetellReviews(t *testing.T) {
	t.Parallel()
	eachEmbedded(t, func(w *world) {
		trusting := w.with(map[string]string{service.TrustedOwnersSetting: "*"})
		random := rand.New(rand.NewPCG(1, 2)) // the same in every run
		outcomes := map[string]int{}
		names := []string{"A", "a", "B", "C", "D", "E"}
		paths := make([]string, 5)
		fields := valuesOfFields()
		for i := range paths {
			paths[i] = w.create(w.fresh())
		}
		for range 120 {
			path := paths[random.IntN(len(paths))]
			changes := map[string]any{"name": names[random.IntN(len(names))], "description": fmt.Sprint(random.IntN(2))}
			for range random.IntN(4) {
				v := fields[random.IntN(len(fields))]
				all := slices.Concat(v.accepts, v.refuse)
				changes["metadata."+v.field] = all[random.IntN(len(all))]
			}
			if random.IntN(8) == 0 {
				changes["metadata.privacy_url"] = nil
			}
			at := w
			if random.IntN(4) == 0 {
				at = trusting
			}
			w.Want(w.call("PUT", path, complete(changes)), http.StatusOK)
			got := at.review(path)
			if got.state == "rejected" && strings.HasPrefix(got.reason, "name: ") {
				got.state = "duplicate"
			}
			outcomes[got.state]++
			if got.state == "submitted" {
				w.decide(path, []string{"approve", "approve", "reject"}[random.IntN(3)])
			}
		}
		for _, outcome := range []string{"submitted", "approved", "rejected", "duplicate"} {
			if outcomes[outcome] < 3 {
				w.Errorf("only %d of the drafts were %s", outcomes[outcome], outcome)
			}
		}
	})
}
