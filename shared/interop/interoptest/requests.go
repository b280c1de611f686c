package interoptest

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/hooked"
)

// Request is one operation with a request that it answers with success.
type Request struct {
	api.Spec
	As       *api.Identity
	At, Body string // the path with its query, and the body
}

// Requests gives the requests their operations; there is one for each.
func (w *World) Requests(all map[string]Request) map[string]Request {
	w.Helper()
	for _, op := range w.suite.ops {
		spec := op.Describe()
		r, ok := all[spec.ID]
		if !ok {
			continue // another package's
		}
		r.Spec = spec
		all[spec.ID] = r
	}
	for id, r := range all {
		if r.ID != id {
			w.Fatalf("there is no operation %s", id)
		}
	}
	return all
}

// Send sends a request.
func (w *World) Send(r Request, header ...string) apitest.Response {
	w.Helper()
	return w.As(r.As, r.Method, r.At, r.Body, header...)
}

// By is the request by another caller.
func (r Request) By(caller *api.Identity) Request {
	r.As = caller
	return r
}

// About is the request with another text in its path or body.
func (r Request) About(old, text string) Request {
	r.At, r.Body = strings.Replace(r.At, old, text, 1), strings.Replace(r.Body, old, text, 1)
	return r
}

// Succeeds looks at the answers to the requests.
func (w *World) Succeeds(all map[string]Request) {
	w.Helper()
	for id, r := range all {
		if res := w.Send(r); res.Status != r.Status {
			w.Errorf("%s = %d, want %d\n%s", id, res.Status, r.Status, res.Raw)
		}
	}
}

// Declares makes every operation answer with every code that it declares, and with
// nothing it does not; own makes the refusals of one operation that it does not have
// in common with all.
func (w *World) Declares(all map[string]Request, own func(r Request) []apitest.Response) {
	w.Helper()
	for id, r := range all {
		declared := map[string]problem.Code{}
		for _, c := range r.Codes() {
			declared[c.Name] = c
		}
		produced := map[string]bool{}
		for _, res := range slices.Concat(w.frameProblems(r), own(r)) {
			name := CodeOf(res)
			if want, ok := declared[name]; !ok || res.Status != want.Status || res.Text("title") != want.Title {
				w.Errorf("%s answered %d with a code that it does not declare:\n%s", id, res.Status, res.Raw)
			}
			w.wellFormed(id, res)
			produced[name] = true
		}
		if r.Body == "" { // which reads no body
			delete(declared, interop.MediaNotSupported.Name)
		}
		for name := range declared {
			if !produced[name] {
				w.Errorf("%s never answered with %s, which it declares", id, name)
			}
		}
	}
}

// wellFormed looks at the members that every refusal has.
func (w *World) wellFormed(id string, res apitest.Response) {
	w.Helper()
	correlation := res.Text("correlationId")
	if res.Header.Get("Content-Type") != "application/problem+json" || res.Text("type") != "about:blank" || res.Text("title") == "" ||
		res.Text("detail") == "" || res.Body["status"] != float64(res.Status) || correlation == "" || correlation != res.Header.Get("X-Correlation-Id") {
		w.Errorf("%s is refused without a type, title, detail, status or correlation id:\n%s", id, res.Raw)
	}
}

// frameProblems makes the refusals that operations have in common.
func (w *World) frameProblems(r Request) []apitest.Response {
	w.Helper()
	issuer := &api.Identity{Subject: r.As.Subject, Kind: "issuer", Scopes: r.As.Scopes}
	answers := []apitest.Response{
		w.Send(r.By(nil)), w.Send(r.By(issuer)), w.As(r.As, r.Method, apitest.Unreadable(r.At), r.Body),
		w.As(r.As, r.Method, r.At, strings.Repeat(" ", 2<<20)),
	}
	if r.Body != "" {
		answers = append(answers, w.Send(r, "Content-Type", "text/plain"))
	}
	for _, err := range []error{hooked.ErrDown, errors.New("secret of the storage")} {
		w.Tap.Set(func(*hooked.Call) error { return err })
		res := w.Send(r)
		w.Tap.Set(nil)
		if (res.Status == 503) != (res.Header.Get("Retry-After") == "1") || strings.Contains(res.Raw, "secret") {
			w.Errorf("%s on a broken storage = %d, Retry-After %q\n%s", r.ID, res.Status, res.Header.Get("Retry-After"), res.Raw)
		}
		answers = append(answers, res)
	}
	return answers
}

// Roles calls every operation as everybody: those with one of its roles succeed, all
// others are refused and change nothing. refusal is what an organization without the
// role is told, where it is not OperationForbidden.
func (w *World) Roles(requests func() map[string]Request, stored func() any, refusal map[string]problem.Code) {
	w.Helper()
	for name, kind := range map[string]string{"organization": interop.KindOrganization, "issuer": "issuer", "aggregator": "aggregator", "key": "manage", "nothing": ""} {
		tried := [][]string{{interop.RoleReader, interop.RoleAdmin, interop.RoleCertifier}}
		if kind == interop.KindOrganization {
			tried = append(tried, nil, []string{interop.RoleReader}, []string{interop.RoleAdmin}, []string{interop.RoleCertifier}, []string{"admin"}, []string{"M2M-ADMIN", "Certifier"})
		}
		for _, roles := range tried {
			for id, r := range requests() {
				before := stored()
				caller := &api.Identity{Subject: r.As.Subject, Tenants: []string{r.As.Subject}, Kind: kind, Scopes: roles}
				res := w.Send(r.By(caller))
				code := interop.OperationForbidden
				if special, ok := refusal[id]; ok && kind == interop.KindOrganization {
					code = special
				}
				switch allowed := kind == interop.KindOrganization && caller.HasScope(r.Scopes...); {
				case allowed && res.Status != r.Status:
					w.Errorf("%s as %s with %v = %d\n%s", id, name, roles, res.Status, res.Raw)
				case !allowed:
					w.Refused(res, code)
					if diff := cmp.Diff(before, stored()); diff != "" {
						w.Errorf("%s as %s with %v changed what is stored:\n%s", id, name, roles, diff)
					}
				}
			}
		}
	}
	for id, r := range requests() {
		res := w.Send(r.By(nil))
		if w.Refused(res, interop.TokenNotValid); res.Header.Get("WWW-Authenticate") != "Bearer" {
			w.Errorf("%s as nobody is answered WWW-Authenticate %q", id, res.Header.Get("WWW-Authenticate"))
		}
		bad := r
		if bad.At, _, _ = strings.Cut(r.At, "?"); r.Body != "" {
			bad.Body = "[]"
		} else if r.Method == http.MethodGet && strings.Contains(r.At, "?") {
			bad.At += "?offset=x"
		} else {
			bad.At = strings.Replace(r.At, firstID(r.At), "x", 1)
		}
		w.Refused(w.Send(bad.By(nil)), interop.TokenNotValid)
		w.Refused(w.Send(bad.By(Organization(r.As.Subject))), interop.BadRequest)
		w.Refused(w.Send(bad), interop.BadRequest)
	}
}

// firstID is the first id in a path.
func firstID(path string) string {
	for part := range strings.SplitSeq(path, "/") {
		if len(part) == 36 {
			return part
		}
	}
	return path
}

// Field is a member of a body: what may be said and what may not, as JSON.
type Field struct{ Good, Bad []string }

// Text is a text of so many characters.
func Text(least, most int) Field {
	of := func(n int) string { return `"` + strings.Repeat("à", n) + `"` }
	return Field{[]string{of(least), of(most)}, []string{of(least - 1), of(most + 1), `null`, `1`, `true`, `{}`, `["` + strings.Repeat("x", least) + `"]`}}
}

// ID is a UUID; good is one that means something.
func ID(good string) Field {
	return Field{[]string{`"` + good + `"`}, []string{`""`, `null`, `1`, `"x"`, `{}`, `["` + good + `"]`, `"` + good[1:] + `"`, `"` + good + `0"`}}
}

// Takes sends everything that a member may be and looks for the status, and
// everything that it may not be. body makes one with the members replaced, nil for none.
func (w *World) Takes(r Request, body func() Object, required string, fields map[string]Field, taken func(res apitest.Response, member, value string)) {
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
			taken(w.As(r.As, r.Method, r.At, with(member, value)), member, value)
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

// BadPages asks for pages that nobody has.
func (w *World) BadPages(caller *api.Identity, path string) {
	w.Helper()
	for _, query := range []string{"offset=-1", "offset=x", "offset=", "offset=1.5", "offset=+1", "offset=1&offset=1", "limit=0", "limit=51", "limit=-1", "limit=", "limit=x", "limit=1,2", "limit=1&limit=2", "a=%zz", "a;b"} {
		w.Refused(w.As(caller, "GET", path+"?"+query, ""), interop.BadRequest)
	}
}

// Pages reads a list by pages of every length, which are as the whole, by a member.
func (w *World) Pages(caller *api.Identity, path, member string, whole []string) {
	w.Helper()
	join := "?"
	if strings.Contains(path, "?") {
		join = "&"
	}
	for _, limit := range []int{1, 7, 50} {
		var all []string
		for offset := 0; offset < len(whole)+limit; offset += limit {
			res := w.Want(w.As(caller, "GET", fmt.Sprint(path, join, "offset=", offset, "&limit=", limit), ""), 200)
			want := Object{"offset": float64(offset), "limit": float64(limit), "totalCount": float64(len(whole))}
			if diff := cmp.Diff(any(want), res.Body["pagination"]); diff != "" || len(Results(res)) > limit {
				w.Errorf("%s: a page of %d at %d: %s", path, limit, offset, res.Raw)
			}
			all = append(all, Members(res, member)...)
		}
		if diff := cmp.Diff(whole, all); diff != "" {
			w.Errorf("%s: pages of %d (-want +got):\n%s", path, limit, diff)
		}
	}
	res := w.Want(w.As(caller, "GET", path, ""), 200)
	if diff := cmp.Diff(any(Object{"offset": 0.0, "limit": 50.0, "totalCount": float64(len(whole))}), res.Body["pagination"]); diff != "" {
		w.Errorf("%s: by default:\n%s", path, diff)
	}
}

// Logged fails when what is nobody else's business is in the log.
func (w *World) Logged(secret string, lines int) {
	w.Helper()
	log := w.World.Log.String()
	for line := range strings.Lines(log) {
		if strings.Contains(strings.ToLower(line), strings.ToLower(secret)) {
			w.Errorf("logged: %s", line)
		}
	}
	if got := strings.Count(log, "\n"); got < lines {
		w.Errorf("the log has %d lines, want %d", got, lines)
	}
}
