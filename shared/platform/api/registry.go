package api

import (
	"encoding"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
)

// lazyPrefix precedes the number of a schema in the references of a [lazyRegistry].
const lazyPrefix = "#lazy/"

// lazyRegistry makes the schema of a struct when a request is first validated by it. Most
// are never needed: to serve an operation takes the schemas of its input, not those of its
// answers and refusals, and making all took most of a function's start. Safe for
// concurrent use.
type lazyRegistry struct {
	huma.Registry // makes the schemas

	mu    sync.Mutex // for the registry and the members below
	types []reflect.Type
	made  map[string]*huma.Schema // by reference
}

// Schema returns a reference to the schema of a struct and the schema of any other type.
func (l *lazyRegistry) Schema(t reflect.Type, allowRef bool, hint string) *huma.Schema {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !allowRef || !isObject(t) {
		return l.Registry.Schema(t, allowRef, hint)
	}
	l.types = append(l.types, t)
	return &huma.Schema{Ref: lazyPrefix + strconv.Itoa(len(l.types)-1)}
}

// SchemaFromRef returns the schema that a reference means. It does not change any more.
func (l *lazyRegistry) SchemaFromRef(ref string) *huma.Schema {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s := l.made[ref]; s != nil {
		return s
	}
	s := l.Registry.SchemaFromRef(ref)
	if number, lazy := strings.CutPrefix(ref, lazyPrefix); lazy {
		i, err := strconv.Atoi(number)
		if err != nil {
			return nil
		}
		s = l.Registry.Schema(l.types[i], false, "")
		takeOver(l.Registry, s, map[*huma.Schema]bool{})
	}
	l.made[ref] = s
	return s
}

// isObject reports whether values of a type are described as objects: structs, unless
// they have a schema or a text form of their own.
func isObject(t reflect.Type) bool {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return false
	}
	for _, special := range []reflect.Type{reflect.TypeFor[huma.SchemaProvider](), reflect.TypeFor[encoding.TextUnmarshaler]()} {
		if t.Implements(special) || reflect.PointerTo(t).Implements(special) {
			return false
		}
	}
	return true
}

// numbers names the schemas of structs by numbers, which nobody reads.
type numbers map[reflect.Type]string

func (n numbers) name(t reflect.Type, _ string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return ""
	}
	if n[t] == "" {
		n[t] = strconv.Itoa(len(n) + 1)
	}
	return n[t]
}
