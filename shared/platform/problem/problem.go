// Package problem describes refusals: a code has one status and one title everywhere.
// Each product lists its own codes and defines the body that its clients read.
package problem

import (
	"errors"
	"fmt"
	"strings"
)

// Code is one kind of refusal of a product.
type Code struct {
	Name   string // as clients see it, e.g. CONSUMER_NOT_FOUND
	Status int    // the only HTTP status this code is sent with
	Title  string // one sentence that never changes between occurrences
}

// Problem is a refusal: a code, what happened this time, and what helps the
// caller. It never holds secrets or internals except in Cause, which is only logged.
type Problem struct {
	Code           Code
	Detail         string
	Fields         []Field  // offending fields of the request, one entry each
	State          string   // current state, when an action is not allowed in it
	AllowedActions []string // actions that State allows the caller
	Version        int64    // the item's current version, when the call was for another; 0 for none
	OAuth          string   // the error at a token endpoint, where its status does not say enough
	RetryAfter     int      // seconds, for codes that a repeated call may clear; 0 for none
	Input          string   // the published name of the body that was sent
	Cause          error
}

// Field names one offending field by its path, e.g. "body.cards[0].cardId".
type Field struct {
	Name   string `json:"field" doc:"Where the offending value is, e.g. body.cards[0].cardId"`
	Code   string `json:"code" doc:"Why it is refused"`
	Detail string `json:"detail" doc:"What is expected; the offending value is not repeated"`
}

// New makes a problem; detail is for the caller to read.
func New(code Code, format string, args ...any) *Problem {
	return &Problem{Code: code, Detail: fmt.Sprintf(format, args...)}
}

// Because returns p with the internal error that led to it.
func (p *Problem) Because(err error) *Problem {
	p.Cause = err
	return p
}

// Allowing adds the state and the actions that it allows the caller to p, and returns p. If
// there are none, it appends others to the detail, a sentence about who may act instead.
func Allowing[S, A ~string](p *Problem, state S, allowed []A, others string) *Problem {
	if len(allowed) == 0 {
		p.Detail = strings.TrimSuffix(p.Detail, ".") + ". " + others
	}
	p.State = string(state)
	p.AllowedActions = make([]string, len(allowed))
	for i, a := range allowed {
		p.AllowedActions[i] = string(a)
	}
	return p
}

func (p *Problem) Error() string {
	if p.Cause != nil {
		return fmt.Sprintf("%s: %s: %v", p.Code.Name, p.Detail, p.Cause)
	}
	return p.Code.Name + ": " + p.Detail
}

// Unwrap returns the cause.
func (p *Problem) Unwrap() error { return p.Cause }

// As returns the problem in err's chain, nil when there is none.
func As(err error) *Problem {
	p, _ := errors.AsType[*Problem](err)
	return p
}

// Product is how one product answers: the codes of the refusals that the frame
// makes itself, and the body its clients expect.
type Product struct {
	Name string

	InvalidFormat, InvalidValue Code // 400: a field is malformed; a value is not allowed
	Unauthorized, Forbidden     Code // 401, 403
	NoRoute, NoMethod           Code // 404, 405
	TooLarge, Media             Code // 413, 415
	Internal, Unavailable       Code // 500, 503
	TooMany, Timeout            Code // 429, 504: by API Gateway, before and instead of the operation

	// Body is the document sent for p, TokenBody that of a token endpoint; nil for a
	// product without one.
	Body, TokenBody func(p *Problem, correlationID string) any
}

// Frame lists the codes that any operation of the product may answer with.
func (p *Product) Frame() []Code {
	return []Code{p.InvalidFormat, p.InvalidValue, p.Unauthorized, p.Forbidden, p.TooLarge, p.Media, p.Internal, p.Unavailable}
}

// URN is the URI of the problem type, RFC 9457 §3.1.1.
func URN(c Code) string { return "urn:ciclo:problem:" + c.Name }
