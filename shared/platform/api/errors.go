package api

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"ciclo/shared/platform/blob"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/seal"
	"ciclo/shared/platform/sign"
	"ciclo/shared/platform/table"
)

const (
	problemType    = "application/problem+json" // RFC 9457 §3
	internalDetail = "The call failed; it is logged under its correlation id."
)

// answerError is a problem on its way out through huma.
type answerError struct {
	body      any
	mediaType string
	problem   *problem.Problem
}

func (e *answerError) Error() string             { return e.problem.Error() }
func (e *answerError) GetStatus() int            { return e.problem.Code.Status }
func (e *answerError) ContentType(string) string { return e.mediaType }

// MarshalJSON keeps "<" and ">" readable; the body is JSON, never HTML.
func (e *answerError) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(e.body)
	return b.Bytes(), err
}

// GetHeaders makes huma send along what a client reads from headers.
func (e *answerError) GetHeaders() http.Header {
	h := http.Header{}
	if e.problem.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(e.problem.RetryAfter))
	}
	if e.problem.Version > 0 {
		h.Set("ETag", ETag(e.problem.Version))
	}
	return h
}

// answer turns any error into the product's answer and notes it for the log.
// What is not a problem is not the caller's business: storage that is busy or
// out of reach becomes 503, everything else a generic 500.
func answer(ctx context.Context, spec Spec, err error) *answerError {
	p := problem.As(err)
	if p == nil {
		p = fromStorage(spec.Product.Product, err)
	}
	p.Input = spec.Input
	if p.Code == spec.Product.Media && IsStrict(ctx) {
		p.Code = spec.Product.InvalidFormat // published APIs have no answer of their own for it
	}
	if rec, ok := ctx.Value(recordKey{}).(*record); ok {
		rec.refused(p)
	}
	p = EditionFrom(ctx).refusal(p)
	a := &answerError{problem: p}
	a.body, a.mediaType = spec.refusal(p, CorrelationID(ctx))
	return a
}

func fromStorage(product *problem.Product, err error) *problem.Problem {
	busy := table.IsKind(err, table.Conflict) || table.IsKind(err, table.Throttled) || table.IsKind(err, table.Unavailable) ||
		errors.Is(err, blob.ErrUnavailable) || errors.Is(err, seal.ErrUnavailable) || errors.Is(err, sign.ErrUnavailable) ||
		errors.Is(err, ErrQueueUnavailable) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
	if !busy {
		return problem.New(product.Internal, internalDetail).Because(err)
	}
	p := problem.New(product.Unavailable, "The call could not be completed in time; repeat it after a second.").Because(err)
	p.RetryAfter = 1
	return p
}

// shape makes problems of the refusals that huma finds itself.
func shape(hctx huma.Context, status int, message string, errs ...error) huma.StatusError {
	spec := specOf(hctx)
	product := spec.Product
	switch status {
	case http.StatusRequestEntityTooLarge:
		return answer(hctx.Context(), spec, problem.New(product.TooLarge, "The request body is too large."))
	case http.StatusInternalServerError:
		return answer(hctx.Context(), spec, errors.Join(append(errs, errors.New(message))...))
	}
	for _, err := range errs {
		if detail := detailOf(err); detail != nil && strings.HasPrefix(detail.Message, huma.ErrUnknownContentType.Error()) {
			return answer(hctx.Context(), spec, problem.New(product.Media, "Send the body as application/json."))
		}
	}
	if fields := fieldsOf(product.Product, errs); len(fields) > 0 {
		return answer(hctx.Context(), spec, invalid(spec, fields))
	}
	return answer(hctx.Context(), spec, problem.New(product.InvalidFormat, "%s", sentence(message)))
}

// invalid is the problem of a request with offending fields; its code is that
// of the first one.
func invalid(spec Spec, fields []problem.Field) *problem.Problem {
	code := spec.Product.InvalidFormat
	if fields[0].Code == spec.Product.InvalidValue.Name {
		code = spec.Product.InvalidValue
	}
	for i := range fields {
		fields[i].Code = cmp.Or(fields[i].Code, spec.Product.InvalidFormat.Name)
	}
	p := problem.New(code, "The request is not valid: %s: %s.", fields[0].Name, fields[0].Detail)
	p.Fields = fields
	return p
}

// fieldsOf keeps the first finding per field; the value itself is never repeated.
func fieldsOf(product *problem.Product, errs []error) []problem.Field {
	var fields []problem.Field
	seen := map[string]bool{}
	for _, err := range errs {
		d := detailOf(err)
		if d == nil {
			continue
		}
		d = located(d)
		if seen[d.Location] {
			continue
		}
		seen[d.Location] = true
		f := problem.Field{Name: d.Location, Code: product.InvalidFormat.Name, Detail: wording(d.Message)}
		if isValueMessage(d.Message) {
			f.Code = product.InvalidValue.Name
		}
		fields = append(fields, f)
	}
	return fields
}

// located names the property that is missing, where huma names what it is missing in.
func located(d *huma.ErrorDetail) *huma.ErrorDetail {
	name, missing := strings.CutPrefix(d.Message, "expected required property ")
	if !missing {
		return d
	}
	name = strings.TrimSuffix(name, " to be present")
	return &huma.ErrorDetail{Location: strings.TrimPrefix(d.Location+"."+name, "."), Message: "required property is missing"}
}

func detailOf(err error) *huma.ErrorDetail {
	var d huma.ErrorDetailer
	if errors.As(err, &d) {
		return d.ErrorDetail()
	}
	return nil
}

// isValueMessage reports whether a message is about a value out of bounds, not a malformed one.
func isValueMessage(message string) bool {
	for _, start := range []string{"expected value to be one of", "expected number ", "expected array length", "required "} {
		if strings.HasPrefix(message, start) && message != "expected number" {
			return true
		}
	}
	return false
}

func sentence(s string) string {
	if s == "" {
		return "The request is not valid."
	}
	return strings.ToUpper(s[:1]) + s[1:] + "."
}
