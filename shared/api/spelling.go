package api

import (
	"cmp"
	"fmt"
	"reflect"
	"strings"
	"unicode"

	"github.com/google/uuid"

	"ciclo/shared/problem"
)

// speller puts the texts of an input into their one spelling and collects the fields
// whose texts are refused. at is the location of v, as huma names it.
type speller func(v reflect.Value, at string, refused *[]problem.Field)

// spellerOf makes the speller of an operation's input type; nil when its parameters
// and body have no text with a rule.
func spellerOf(t reflect.Type) speller {
	var parts []speller
	for i := range t.NumField() {
		f := t.Field(i)
		var part speller
		at := ""
		switch {
		case f.Anonymous && f.Type.Kind() == reflect.Struct:
			part = spellerOf(f.Type)
		case f.Tag.Get("path") != "":
			part, at = spellerOfField(f, ""), "path."+f.Tag.Get("path")
			if part == nil && f.Type.Kind() == reflect.String {
				part = segment
			}
		case f.Tag.Get("query") != "":
			name, _, _ := strings.Cut(f.Tag.Get("query"), ",")
			part, at = spellerOfField(f, ""), "query."+name
		case f.Name == "Body":
			part, at = spellerOfMember(f.Type, nil), "body"
		}
		parts = appendPart(parts, part, i, at)
	}
	return join(parts)
}

// appendPart adds the speller of the i-th field of a struct, which is at that location
// below the struct's.
func appendPart(parts []speller, part speller, i int, below string) []speller {
	if part == nil {
		return parts
	}
	return append(parts, func(v reflect.Value, at string, refused *[]problem.Field) {
		if at != "" && below != "" {
			at += "."
		}
		part(v.Field(i), at+below, refused)
	})
}

func join(parts []speller) speller {
	if len(parts) == 0 {
		return nil
	}
	return func(v reflect.Value, at string, refused *[]problem.Field) {
		for _, part := range parts {
			part(v, at, refused)
		}
	}
}

// spellerOfField makes the speller of a parameter or of the member of that JSON name.
func spellerOfField(f reflect.StructField, name string) speller {
	switch {
	case f.Tag.Get("format") == "uuid":
		return spellerOfMember(f.Type, identifier)
	case isLabel(name):
		return spellerOfMember(f.Type, label)
	default:
		return spellerOfMember(f.Type, nil)
	}
}

// spellerOfMember makes the speller of a part of a body whose texts have that rule,
// nil for none.
func spellerOfMember(t reflect.Type, rule speller) speller {
	switch t.Kind() {
	case reflect.String:
		return rule
	case reflect.Pointer:
		if part := spellerOfMember(t.Elem(), rule); part != nil {
			return func(v reflect.Value, at string, refused *[]problem.Field) {
				if !v.IsNil() {
					part(v.Elem(), at, refused)
				}
			}
		}
	case reflect.Slice:
		if part := spellerOfMember(t.Elem(), rule); part != nil {
			return func(v reflect.Value, at string, refused *[]problem.Field) {
				for i := range v.Len() {
					part(v.Index(i), fmt.Sprintf("%s[%d]", at, i), refused)
				}
			}
		}
	case reflect.Struct:
		var parts []speller
		for i := range t.NumField() {
			f := t.Field(i)
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			switch {
			case f.Anonymous && name == "":
				parts = appendPart(parts, spellerOfMember(f.Type, nil), i, "")
			case f.IsExported() && name != "-":
				parts = appendPart(parts, spellerOfField(f, name), i, cmp.Or(name, f.Name))
			}
		}
		return join(parts)
	}
	return nil
}

// identifier is the rule of a UUID: clients write it in any case, and it is one
// identifier, which is kept in lower case (RFC 9562 §4). huma lets other notations
// pass, braces and the urn among them, which are no keys of anything here.
func identifier(v reflect.Value, at string, refused *[]problem.Field) {
	switch id := v.String(); {
	case id == "": // left out; where it may not be, huma has said so
	case len(id) != len(uuid.Nil.String()) || uuid.Validate(id) != nil:
		*refused = append(*refused, problem.Field{Name: at, Detail: "expected a UUID, written as 32 hexadecimal digits in groups of 8-4-4-4-12"})
	default:
		v.SetString(strings.ToLower(id))
	}
}

// segment is the rule of a parameter in a path, which percent-encoding can make of
// bytes that are no text.
func segment(v reflect.Value, at string, refused *[]problem.Field) {
	if unreadable(v.String()) {
		*refused = append(*refused, problem.Field{Name: at, Detail: textForm})
	}
}

// isLabel tells whether the member of that name is a label: a name or a title, which
// is shown on one line.
func isLabel(name string) bool {
	return name == "name" || name == "title" || strings.HasSuffix(name, "Name") || strings.HasSuffix(name, "_name") || strings.HasSuffix(name, "Title")
}

// label is the rule of a name or a title: one that breaks its line, hides something or
// turns the direction of the text around it can pass for another one.
func label(v reflect.Value, at string, refused *[]problem.Field) {
	if strings.ContainsFunc(v.String(), deceives) {
		*refused = append(*refused, problem.Field{Name: at, Detail: "expected one line of text, without control characters and direction overrides"})
	}
}

// deceives tells whether a character has no place in a label: controls, separators of
// lines and paragraphs, and what overrides or embeds directions (UAX #9 §2).
func deceives(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp) || '\u202a' <= r && r <= '\u202e' || '\u2066' <= r && r <= '\u2069'
}
