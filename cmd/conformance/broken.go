package main

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/uuid"
)

// intruder is a credential that is refused, or one that may do less.
type intruder struct {
	name  string
	by    func(*crowd, call) *caller
	reads bool // it is valid, and may read
	// proves tells that it has a proof, which only a document with DPoP takes.
	proves bool
}

// broken is a call that is made of a sample.
type broken struct {
	call
	why    string
	refuse bool // the document does not allow it to succeed
	accept bool // it is as good as the sample
}

// breaks makes broken calls of every operation's sample and sends them. Those that cannot
// succeed come first, as others may change what they are about.
func (w *world) breaks(ctx context.Context, people *crowd) error {
	var all, last []broken
	for _, o := range w.contract.operations {
		sample, there := w.samples[o]
		if !there {
			continue
		}
		all = append(all, w.intrusions(o, sample, people)...)
		all = append(all, strayPaths(o, sample)...)
		all = append(all, strayQueries(o, sample)...)
		all = append(all, strayBodies(o, sample)...)
		last = append(last, repetitions(sample, people)...)
	}
	for _, b := range append(all, last...) {
		a, err := w.send(ctx, b.call)
		if err != nil {
			return err
		}
		switch success := a.status/100 == 2; {
		case b.refuse && success:
			w.report.blame(w.contract.find(b.method, b.path), a, []finding{{"accepted", b.why}})
		case b.accept && !success:
			w.report.blame(w.contract.find(b.method, b.path), a, []finding{{"refused", b.why + ": " + brief(a.raw)}})
		}
	}
	return nil
}

// intrusions makes calls without a right to succeed.
func (w *world) intrusions(o *operation, sample call, people *crowd) []broken {
	if o.public() {
		return nil
	}
	var all []broken
	for _, one := range w.contract.profile.door {
		if one.proves && !w.contract.proves {
			continue
		}
		c := sample
		c.by, c.door = one.by(people, sample), !one.reads
		all = append(all, broken{call: c, why: one.name, refuse: !one.reads || o.writes()})
	}
	return all
}

// repetitions repeats the sample, for its caller and for others.
func repetitions(sample call, people *crowd) []broken {
	var all []broken
	for _, by := range people.everybody(sample.by) {
		c := sample
		c.by = by
		all = append(all, broken{call: c})
	}
	return append(all, broken{call: sample})
}

// strayPaths replaces the parameters of the path.
func strayPaths(o *operation, sample call) []broken {
	path, query, _ := strings.Cut(sample.path, "?")
	var all []broken
	for _, p := range o.parameters {
		i := o.variable(p.Name)
		if p.In != openapi3.ParameterInPath || i < 0 {
			continue
		}
		for _, value := range append(strays(p.Schema.Value), "unknown") {
			if value == "" { // another path
				continue
			}
			segments := strings.Split(path, "/")
			segments[i] = value
			c := sample
			if c.path = strings.Join(segments, "/"); query != "" {
				c.path += "?" + query
			}
			all = append(all, broken{call: c, why: "path parameter " + p.Name, refuse: !acceptsText(p.Schema.Value, value)})
		}
	}
	return all
}

// strayQueries leaves query parameters out and sets them to values of all sorts.
func strayQueries(o *operation, sample call) []broken {
	path, query, _ := strings.Cut(sample.path, "?")
	var pairs []string
	if query != "" {
		pairs = strings.Split(query, "&")
	}
	var all []broken
	add := func(name, why string, refuse bool, values ...string) {
		rest := slices.DeleteFunc(slices.Clone(pairs), func(pair string) bool { return strings.HasPrefix(pair, name+"=") })
		c := sample
		c.path = path
		if rest = append(rest, values...); len(rest) > 0 {
			c.path += "?" + strings.Join(rest, "&")
		}
		all = append(all, broken{call: c, why: why, refuse: refuse, accept: !refuse && !o.writes()})
	}
	for _, p := range o.parameters {
		if p.In != openapi3.ParameterInQuery {
			continue
		}
		add(p.Name, "without query parameter "+p.Name, p.Required)
		schema := p.Schema.Value
		if schema.Items != nil {
			schema = schema.Items.Value
		}
		values := strays(schema)
		for _, value := range values {
			add(p.Name, "query parameter "+p.Name, !acceptsText(schema, value), p.Name+"="+value)
		}
		if p.Schema.Value.Items != nil {
			good := slices.DeleteFunc(values, func(value string) bool { return !acceptsText(schema, value) })
			add(p.Name, "several values of query parameter "+p.Name, false, p.Name+"="+strings.Join(good, ","))
		}
	}
	add("", "an unknown query parameter", false, "unknownParameter=1")
	return all
}

// long is the length of a text that is too long for most members.
const long = 300

// strays are values for a parameter, those that the schema allows and others.
func strays(s *openapi3.Schema) []string {
	switch {
	case s.Type.Is("integer"):
		values := []string{"-1", "x", "1.5", "99999999999", ""}
		if s.Min != nil {
			values = append(values, number(*s.Min), number(*s.Min-1))
		}
		if s.Max != nil {
			values = append(values, number(*s.Max), number(*s.Max+1))
		}
		return values
	case s.Type.Is("boolean"):
		return []string{"true", "false", "maybe"}
	case len(s.Enum) > 0:
		values := []string{"NOTHING"}
		for _, one := range s.Enum {
			text, _ := one.(string)
			values = append(values, text)
		}
		return values
	case s.Format == "uuid":
		return []string{uuid.NewString(), "not-a-uuid"}
	}
	return []string{"something", strings.Repeat("x", long)}
}

// acceptsText reports that a parameter may have a value.
func acceptsText(s *openapi3.Schema, text string) bool {
	switch {
	case s.Type.Is("integer"):
		n, ok := whole(text)
		return ok && accepts(s, n)
	case s.Type.Is("boolean"):
		return text == "true" || text == "false"
	}
	return accepts(s, text)
}

// strayBodies breaks the body, at every member.
func strayBodies(o *operation, sample call) []broken {
	schema := o.body()
	if schema == nil {
		return nil
	}
	var all []broken
	for _, text := range []string{"", "{", "null", "[]", `"text"`, "\xff\xfe", `{"a":1,"a":2}`} {
		c := sample
		c.body = []byte(text)
		refuse := text == "{" || text != "" && !acceptsJSON(schema, c.body)
		all = append(all, broken{call: c, why: "the body " + text, refuse: refuse})
	}
	typed := sample
	typed.header = http.Header{"Content-Type": {"text/plain"}}
	all = append(all, broken{call: typed, why: "content type text/plain"})
	for _, m := range mutations(schema, sample.body) {
		c := sample
		c.body = m.body
		all = append(all, broken{call: c, why: "the body with " + m.why, refuse: !acceptsJSON(schema, c.body)})
	}
	return all
}
