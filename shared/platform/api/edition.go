package api

import (
	"context"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"ciclo/shared/platform/problem"
)

// Edition is one edition of a product's API. A request asks for it by the base path that
// precedes the path of an operation.
type Edition struct {
	Name      string
	Base      string                   // e.g. /v3; "" for every other base path
	Closed    bool                     // answers have the published members alone
	Strict    bool                     // what the published API refuses is refused
	Signed    bool                     // answers have a digest and a signature
	NoContent bool                     // answers without content are 204
	Code      func(name string) string // a code of the product in this edition; nil for the same
}

// The values of the struct tag edition of a member of an output: the member is an
// extension, which closed editions have on request only, or of the edition of that name.
const (
	editionTag = "edition"
	extension  = "ciclo"
)

// Preference asks a closed edition for the extensions (RFC 7240 §2).
const Preference = "ciclo-extensions"

// settingStrict makes every edition strict.
const settingStrict = "STRICT"

type (
	baseKey    struct{}
	editionKey struct{}
)

// WithBase returns a context for a request whose path had base before that of its
// operation, such as /v3.
func WithBase(ctx context.Context, base string) context.Context {
	return context.WithValue(ctx, baseKey{}, base)
}

// BaseFrom returns what preceded the path of the operation, "" for nothing.
func BaseFrom(ctx context.Context) string {
	base, _ := ctx.Value(baseKey{}).(string)
	return base
}

// EditionFrom returns the edition that the request asks for.
func EditionFrom(ctx context.Context) Edition {
	e, _ := ctx.Value(editionKey{}).(Edition)
	return e
}

// IsStrict tells whether the request is refused where the published API refuses it.
func IsStrict(ctx context.Context) bool { return EditionFrom(ctx).Strict }

// edition returns the edition of p with that base path.
func (p *Product) edition(base string) Edition {
	for _, e := range p.Editions {
		if e.Base != "" && strings.HasSuffix(base, e.Base) {
			return e
		}
	}
	for _, e := range p.Editions {
		if e.Base == "" {
			return e
		}
	}
	return Edition{}
}

// inEdition returns r with the edition of p that it asks for, and answers which preference
// was applied.
func (h *Handler) inEdition(w http.ResponseWriter, r *http.Request, p *Product) *http.Request {
	e := p.edition(BaseFrom(r.Context()))
	e.Strict = e.Strict || len(p.Editions) > 0 && h.deps.Setting(settingStrict) == "true"
	if e.Closed && prefersExtensions(r.Header) {
		e.Closed = false
		w.Header().Set("Preference-Applied", Preference)
	}
	return r.WithContext(context.WithValue(r.Context(), editionKey{}, e))
}

func prefersExtensions(h http.Header) bool {
	for _, line := range h.Values("Prefer") {
		for preference := range strings.SplitSeq(line, ",") {
			preference, _, _ = strings.Cut(preference, ";")
			if strings.EqualFold(strings.TrimSpace(preference), Preference) {
				return true
			}
		}
	}
	return false
}

// lacks tells whether the edition does not have the operation.
func (e Edition) lacks(spec Spec) bool { return slices.Contains(spec.Without, e.Name) }

// has tells whether the edition has a member with that value of the struct tag.
func (e Edition) has(tag string) bool {
	if tag == extension {
		return !e.Closed
	}
	return tag == e.Name
}

// refusal returns p as the edition has it. Closed editions have the actions that are
// allowed in the detail alone.
func (e Edition) refusal(p *problem.Problem) *problem.Problem {
	shaped := *p
	if e.Closed {
		if len(p.AllowedActions) > 0 {
			shaped.Detail = strings.TrimSuffix(p.Detail, ".") + ". Allowed: " + strings.Join(p.AllowedActions, ", ") + "."
		}
		shaped.State = ""
		shaped.AllowedActions = nil
	}
	if e.Code != nil {
		shaped.Code.Name = e.Code(p.Code.Name)
		shaped.Fields = slices.Clone(p.Fields)
		for i := range shaped.Fields {
			shaped.Fields[i].Code = e.Code(shaped.Fields[i].Code)
		}
	}
	return &shaped
}

// Empty is an output without content. Its status depends on the edition.
type Empty interface{ SetStatus(status int) }

// output makes out, of an operation that succeeds with status, what the edition has.
func (e Edition) output(status int, trim trimmer, out any) {
	if empty, ok := out.(Empty); ok {
		if e.NoContent {
			status = http.StatusNoContent
		}
		empty.SetStatus(status)
	}
	if trim != nil {
		trim(reflect.ValueOf(out), e)
	}
}

// trimmer clears the members that an edition does not have.
type trimmer func(reflect.Value, Edition)

// trimmerOf returns the trimmer of a type, nil when every edition has all of its members.
// A type that contains itself has no trimmer for the inner one.
func trimmerOf(t reflect.Type, within ...reflect.Type) trimmer {
	if slices.Contains(within, t) {
		return nil
	}
	within = append(slices.Clip(within), t)
	switch t.Kind() {
	case reflect.Pointer:
		if inner := trimmerOf(t.Elem(), within...); inner != nil {
			return func(v reflect.Value, e Edition) {
				if !v.IsNil() {
					inner(v.Elem(), e)
				}
			}
		}
	case reflect.Slice:
		if inner := trimmerOf(t.Elem(), within...); inner != nil {
			return func(v reflect.Value, e Edition) {
				for i := range v.Len() {
					inner(v.Index(i), e)
				}
			}
		}
	case reflect.Struct:
		return structTrimmer(t, within)
	}
	return nil
}

func structTrimmer(t reflect.Type, within []reflect.Type) trimmer {
	trimmers := map[int]trimmer{}
	for i := range t.NumField() {
		field := t.Field(i)
		if tag := field.Tag.Get(editionTag); tag != "" {
			trimmers[i] = func(v reflect.Value, e Edition) {
				if !e.has(tag) {
					v.SetZero()
				}
			}
		} else if inner := trimmerOf(field.Type, within...); inner != nil && (field.IsExported() || field.Anonymous) {
			trimmers[i] = inner
		}
	}
	if len(trimmers) == 0 {
		return nil
	}
	return func(v reflect.Value, e Edition) {
		for i, trim := range trimmers {
			trim(v.Field(i), e)
		}
	}
}
