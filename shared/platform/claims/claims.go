// Package claims reads the caller of a request from the claims of a verified token. Each
// product says which kinds of callers its tokens identify, and how; package auth verifies
// the token before.
package claims

import (
	"context"
	"maps"
	"slices"
	"strings"

	"ciclo/shared/platform/api"
)

// Set is the claims of a token (RFC 7519 §4), as encoding/json decodes an object.
type Set map[string]any

// Has tells whether the token has the claim, whatever its value.
func (s Set) Has(name string) bool {
	_, ok := s[name]
	return ok
}

// Text returns a claim that is a string, "" for another or none.
func (s Set) Text(name string) string {
	text, _ := s[name].(string)
	return text
}

// Member returns a string in a claim that is an object, "" when it is not there.
func (s Set) Member(name, member string) string {
	object, _ := s[name].(map[string]any)
	text, _ := object[member].(string)
	return text
}

// Words returns a claim that is a string of words separated by spaces, or an array of
// words; false when it is neither. An element with a space in it is no word: the space
// would later pass for a separator.
func (s Set) Words(name string) ([]string, bool) {
	if text, ok := s[name].(string); ok {
		return strings.Fields(text), true
	}
	list, ok := s[name].([]any)
	if !ok {
		return nil, false
	}
	words := make([]string, len(list))
	for i, element := range list {
		word, _ := element.(string)
		if fields := strings.Fields(word); len(fields) != 1 || fields[0] != word {
			return nil, false
		}
		words[i] = word
	}
	return words, true
}

// WithoutPrefix returns the claims with plain names for those of names that have a prefix. A
// claim that already has its plain name has precedence. An empty string is no claim: users
// of Amazon Cognito, where own attributes are called custom:<name>, keep attributes that
// were set once.
func (s Set) WithoutPrefix(prefix string, names ...string) Set {
	if prefix == "" {
		return s
	}
	plain := maps.Clone(s)
	for _, name := range names {
		value, found := s[prefix+name]
		if _, taken := s[name]; found && !taken && value != "" && name != "" {
			plain[name] = value
		}
	}
	return plain
}

// Claim is a claim and the value that it has to have.
type Claim struct{ Name, Value string }

// IsIn tells whether s has c: as a string, in an array of strings, or as a word of the
// scope, which is a list by definition (RFC 8693 §4.2). The zero Claim is in no Set.
func (c Claim) IsIn(s Set) bool {
	if c == (Claim{}) {
		return false
	}
	switch value := s[c.Name].(type) {
	case string:
		isScope := c.Name == "scope" || c.Name == "scp"
		return value == c.Value || isScope && slices.Contains(strings.Fields(value), c.Value)
	case []any:
		return slices.Contains(value, any(c.Value))
	}
	return false
}

// Kind is a kind of caller.
type Kind struct {
	// Name is the Kind of the Identity.
	Name string
	// Word allows a configured issuer to identify the kind, in the setting CALLERS. A
	// kind without one is identified by the claim that the setting OPERATOR_CLAIM names.
	Word string
	// Claims are the names of the claims that Identify reads, except registered ones
	// (RFC 7519 §4.1).
	Claims []string
	// Marks tells whether a token is of this kind by its claims. The kind without Marks
	// is that of tokens which no other kind marks.
	Marks func(Set) bool
	// Identify returns the caller. Its error is a [Refused].
	Identify func(Set) (api.Identity, error)
	// Admit is called for every caller that was identified, before the request goes on;
	// nil does nothing. When it fails the request fails.
	Admit func(context.Context, Set) error
}

// Verified is what a token says that was verified.
type Verified struct {
	Caller api.Identity
	// Own says that the deployment itself has issued the token.
	Own bool
	// Bound says that the token has the claim cnf (RFC 7800 §3.1): whoever sends it has to
	// prove that they hold a key. JKT is the thumbprint of that key (RFC 9449 §6.1), "" when
	// the token does not name it so.
	Bound bool
	JKT   string

	kind Kind
	set  Set
}

// NewVerified returns what a token with those claims says about a caller of that kind.
func NewVerified(caller api.Identity, kind Kind, set Set, own bool) Verified {
	return Verified{Caller: caller, Own: own, Bound: set.Has("cnf"), JKT: set.Member("cnf", "jkt"), kind: kind, set: set}
}

// Claims returns what the token says, with plain names for the claims that its kind of caller
// reads.
func (v Verified) Claims() Set { return v.set }

// Admit has to be called before the request of the caller goes on. When it fails the
// request fails.
func (v Verified) Admit(ctx context.Context) error {
	if v.kind.Admit == nil {
		return nil
	}
	return v.kind.Admit(ctx, v.set)
}

// Callers are the callers of a product.
type Callers struct {
	// Kinds are the kinds of callers, in the order in which a token is compared with
	// them.
	Kinds []Kind
	// Own are the issuers that the deployment itself is.
	Own []Own
}

// Words returns the words that CALLERS may have.
func (c Callers) Words() []string {
	var words []string
	for _, kind := range c.Kinds {
		if kind.Word != "" && !slices.Contains(words, kind.Word) {
			words = append(words, kind.Word)
		}
	}
	return words
}

// Own is an issuer that the deployment itself is.
type Own struct {
	Path     string // follows the URL of the deployment in iss
	Audience string // the setting with the audience of its tokens
	Kind     string // the only kind of callers that its tokens identify
	// Keys returns further keys of the issuer as a JWKS, which changes; nil where it has none.
	Keys func(context.Context) ([]byte, error)
}

// WithKeys returns the callers of a product whose own issuers have further keys.
func (c Callers) WithKeys(keys func(context.Context) ([]byte, error)) Callers {
	c.Own = slices.Clone(c.Own)
	for i := range c.Own {
		c.Own[i].Keys = keys
	}
	return c
}

// And returns the callers of two products together, those of c first. Products that share
// an issuer are put together where a process starts, so that a valid token for the other
// product is a caller without rights (403) and not a token that is not valid (401).
func (c Callers) And(other Callers) Callers {
	return Callers{Kinds: slices.Concat(c.Kinds, other.Kinds), Own: slices.Concat(c.Own, other.Own)}
}

// Refused is the error of claims that identify no caller. The reason is safe to log and to
// send to the caller: nothing of the token is in it.
type Refused struct{ Reason string }

func (r *Refused) Error() string { return r.Reason }

// Refuse returns a Refused.
func Refuse(reason string) error { return &Refused{Reason: reason} }
