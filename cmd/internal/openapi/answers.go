package openapi

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"ciclo/shared/platform/api"
)

const headersAt = "#/components/headers/"

// header is one that answers have beside those of an operation's output.
type header struct {
	name, description string
	schema            object
	// on tells whether an answer with that status to an operation of that product may have it.
	on func(of *api.Product, spec api.Spec, status int) bool
}

var (
	word  = object{"type": "string"}
	count = object{"type": "integer", "format": "int32", "minimum": 0}
)

// answerHeaders are the headers of answers. TestHeadersAreDeclared finds those that are
// sent and are not here.
var answerHeaders = []header{
	{"X-Correlation-Id", "The id of the use case that the request had, or a new one.", word, always},
	{"Cache-Control", "no-store, unless the operation says otherwise.", word, always},
	{"WWW-Authenticate", "How to authenticate (RFC 9110 §11.6.1).", word, only(http.StatusUnauthorized)},
	{"Accept-Encoding", "identity, where a body was compressed (RFC 9110 §12.5.3).", word, only(http.StatusUnsupportedMediaType)},
	{
		"Retry-After", "Seconds after which the request may be repeated.", count,
		only(http.StatusTooManyRequests, http.StatusServiceUnavailable),
	},
	{"ETag", "The version that the resource has (RFC 9110 §8.8.3).", word, only(http.StatusPreconditionFailed)},
	{"X-Rate-Limit-Limit", "Requests that the organization may send in an interval.", count, limited},
	{"X-Rate-Limit-Remaining", "Requests that it may still send in this interval.", count, limited},
	{"X-Rate-Limit-Interval", "The length of the interval in milliseconds.", count, limited},
	{
		"Digest", "SHA-256 of the body, in base64, where the edition is signed.",
		object{"type": "string", "pattern": "^SHA-256=[a-zA-Z0-9+/]{43}=$"},
		signed,
	},
	{
		"Agid-JWT-Signature",
		"A JWS over digest, correlation id and content type, where the edition is signed. Its key is in /.well-known/jwks.json.",
		word, signed,
	},
	{"Preference-Applied", "ciclo-extensions, where the request preferred these (RFC 7240 §3).", word, closed},
}

func always(*api.Product, api.Spec, int) bool { return true }

// only is for answers of some statuses.
func only(statuses ...int) func(*api.Product, api.Spec, int) bool {
	return func(_ *api.Product, _ api.Spec, status int) bool { return slices.Contains(statuses, status) }
}

// limited tells whether requests are counted: in a product with editions those of an
// organization, and at its token endpoint those that are answered with a token or 429.
func limited(of *api.Product, spec api.Spec, status int) bool {
	if spec.Token {
		return len(of.Editions) > 0 && (status == http.StatusOK || status == http.StatusTooManyRequests)
	}
	return len(spec.Product.Editions) > 0 && !spec.Public
}

// signed tells whether an edition signs the answer; the one that answers 204 does not.
func signed(_ *api.Product, spec api.Spec, status int) bool {
	isSigned := func(e api.Edition) bool { return e.Signed }
	return status != http.StatusNoContent && !spec.Public && slices.ContainsFunc(spec.Product.Editions, isSigned)
}

func closed(_ *api.Product, spec api.Spec, _ int) bool {
	return slices.ContainsFunc(spec.Product.Editions, func(e api.Edition) bool { return e.Closed })
}

// answers adds to the responses of an operation what its Spec does not say.
func (w *writer) answers(spec api.Spec, responses object) error {
	if err := w.refusals(spec, responses); err != nil {
		return err
	}
	w.noContent(spec, responses)
	for status := range responses {
		code, err := strconv.Atoi(status)
		if err != nil {
			continue
		}
		response := in(responses, status)
		delete(in(response, "headers"), "Content-Type") // said by the content (OpenAPI 3.1 §4.8.17)
		for _, h := range answerHeaders {
			if !h.on(w.about.of, spec, code) {
				continue
			}
			declared, _ := response["headers"].(object)
			if declared == nil {
				declared = object{}
				response["headers"] = declared
			}
			if declared[h.name] == nil {
				declared[h.name] = object{"$ref": headersAt + h.name}
				w.headers[h.name] = object{"description": h.description, "schema": h.schema}
			}
		}
	}
	return nil
}

// refusals documents the codes with which the authorizer may refuse.
func (w *writer) refusals(spec api.Spec, responses object) error {
	if spec.Public {
		return nil
	}
	for _, code := range spec.Product.Refusals {
		status := strconv.Itoa(code.Status)
		if responses[status] == nil {
			content, err := clone(in(responses, "500", "content"))
			if err != nil {
				return err
			}
			responses[status] = object{"description": "", "content": content}
		}
		response := in(responses, status)
		line := "`" + code.Name + "`: " + code.Title
		lines, _ := response["description"].(string)
		if !strings.Contains(lines, "`"+code.Name+"`") {
			response["description"] = strings.TrimPrefix(lines+"\n\n"+line, "\n\n")
		}
	}
	return nil
}

// noContent documents the 204 of editions that answer nothing where the others answer {}.
func (w *writer) noContent(spec api.Spec, responses object) {
	at := slices.IndexFunc(spec.Product.Editions, func(e api.Edition) bool { return e.NoContent })
	if at < 0 || slices.Contains(spec.Without, spec.Product.Editions[at].Name) {
		return
	}
	schema := in(responses, strconv.Itoa(spec.Status), "content", "application/json", "schema")
	if ref, _ := schema["$ref"].(string); strings.HasSuffix(ref, void) {
		responses[strconv.Itoa(http.StatusNoContent)] = object{"description": "No Content, in " + spec.Product.Editions[at].Name}
	}
}

// preferences lets requests ask closed editions for the extensions.
func (w *writer) preferences(spec api.Spec, op object) {
	if !closed(w.about.of, spec, 0) {
		return
	}
	parameters, _ := op["parameters"].([]any)
	op["parameters"] = append(parameters, maps.Clone(prefer))
}

var prefer = object{
	"name": "Prefer", "in": "header", "schema": word,
	"description": "`ciclo-extensions` for the members that the published contract lacks, under /v3 and /v2 (RFC 7240).",
}
