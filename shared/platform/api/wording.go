package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// readable rewrites an error of encoding/json, which is about Go, in terms of JSON and
// without a part of the body. An error of another kind is returned as it is.
func readable(err error) error {
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		switch message := syntax.Error(); {
		case strings.HasPrefix(message, "unexpected end"):
			return errors.New("expected JSON, but it ends too early")
		case strings.Contains(message, "max depth"):
			return errors.New("expected JSON, but it has too many levels")
		}
		return fmt.Errorf("expected JSON, but the character at byte %d cannot be there", syntax.Offset)
	}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		if strings.HasPrefix(wrong.Value, "number") {
			return errors.New("expected numbers of at most 64 bits")
		}
		return errors.New("expected values of the documented types")
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return errors.New("expected JSON, but it ends too early")
	}
	return err
}

// wording cuts off what huma appends to a message: the error of a Go package, which
// may repeat what was sent. A pattern is the one of the document.
func wording(message string) string {
	if pattern, described := strings.CutPrefix(message, "expected string to be ^"); described { // see publishPatterns
		return "expected string to match pattern ^" + pattern
	}
	for _, start := range []string{"expected string to be RFC", "expected string to be regex", "expected duration", "invalid date/time"} {
		if strings.HasPrefix(message, start) {
			message, _, _ = strings.Cut(message, ": ")
			message, _, _ = strings.Cut(message, " for format ")
			return message
		}
	}
	return message
}
