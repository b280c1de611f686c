package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"path"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// MaxBodyBytes is the largest request body that is read; API Gateway and Lambda
// would carry more, no operation needs it.
const MaxBodyBytes = 1 << 20

// CorrelationHeader carries the caller's id for a use case; it is echoed,
// logged, and made up when absent.
const CorrelationHeader = "x-correlation-id"

// Handler serves operations. It is the same in a Lambda function, which mounts
// one, and in the sandbox, which mounts all.
type Handler struct {
	mux      *http.ServeMux
	api      huma.API
	ops      []Op
	specs    map[string]Spec         // by the mux's pattern
	bodies   map[string]*huma.Schema // by operation id
	queries  map[string]parameters   // by operation id
	products []*Product
	deps     Deps
}

// NewHandler mounts ops. The error names the operation with a store that cannot be
// opened, e.g. for a setting that is not valid.
func NewHandler(deps Deps, ops ...Op) (*Handler, error) {
	if len(ops) == 0 {
		return nil, errors.New("api: no operations")
	}
	h := &Handler{
		mux: http.NewServeMux(), ops: ops, deps: deps,
		specs: map[string]Spec{}, bodies: map[string]*huma.Schema{}, queries: map[string]parameters{},
	}
	h.api = humago.New(h.mux, config(numbers{}.name))
	components := h.api.OpenAPI().Components
	schemas := components.Schemas
	components.Schemas = &lazyRegistry{Registry: schemas, made: map[string]*huma.Schema{}}
	for _, op := range ops {
		spec := op.Describe()
		h.specs[spec.Method+" "+spec.Path] = spec
		if !slices.Contains(h.products, spec.Product) {
			h.products = append(h.products, spec.Product)
		}
		if err := op.mount(mounting{api: h.api, deps: deps, operation: served}); err != nil {
			return nil, err
		}
	}
	for _, spec := range h.specs {
		op := documented(h.api.OpenAPI(), spec)
		h.bodies[spec.ID] = bodySchema(op, spec)
		h.queries[spec.ID] = parametersOf(op)
		if body := h.bodies[spec.ID]; body != nil && body.Ref == "" {
			takeOver(schemas, body, map[*huma.Schema]bool{})
		}
	}
	return h, nil
}

// ServeHTTP answers one request and logs one line about it.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.serve(w, r, h.route)
}

// next answers a request for an operation, which has no ID when there is none.
type next func(http.ResponseWriter, *http.Request, Spec)

// Reject answers 400 for a request that could not even be read as HTTP, in the
// product's shape and with the usual log line; detail is the reason.
func (h *Handler) Reject(w http.ResponseWriter, r *http.Request, detail string) {
	h.serve(w, r, func(w http.ResponseWriter, r *http.Request, spec Spec) {
		h.write(w, r, spec, problem.New(spec.Product.InvalidFormat, "%s", detail))
	})
}

// Prewarm sends every operation a request that stops, at the latest, before the
// operation itself runs, so that the first real one finds the code, its tables
// and the patterns in place. Nothing is read, stored or logged.
func (h *Handler) Prewarm() {
	quiet := *h
	quiet.deps.Log = slog.New(slog.DiscardHandler)
	quiet.deps.Integrity = nil
	ctx := WithIdentity(context.WithValue(context.Background(), prewarmKey{}, true), Identity{})
	for path, item := range h.api.OpenAPI().Paths {
		for method, op := range map[string]*huma.Operation{
			http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put,
			http.MethodPatch: item.Patch, http.MethodDelete: item.Delete,
		} {
			if op == nil {
				continue
			}
			// The path's own text: braces are in no parameter's pattern.
			r := &http.Request{Method: method, URL: &url.URL{Path: path}, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}"))}
			quiet.ServeHTTP(discard{}, r.WithContext(ctx))
		}
	}
}

// prewarmKey marks requests of our own, which need no credential.
type prewarmKey struct{}

// discard is a response writer that drops the answer.
type discard struct{}

func (discard) Header() http.Header         { return http.Header{} }
func (discard) Write(b []byte) (int, error) { return len(b), nil }
func (discard) WriteHeader(int)             {}

func (h *Handler) serve(w http.ResponseWriter, r *http.Request, next next) {
	rec := newRecord(r, h.deps.Now())
	rec.allowance = allowanceOf(r.Context())
	ctx, meter := table.WithMeter(context.WithValue(withSource(r), recordKey{}, rec))
	r = r.WithContext(ctx)
	out := &responseWriter{ResponseWriter: w, record: rec}
	spec := h.spec(r)
	if spec.ID == "" {
		spec = h.unknown(r)
	}
	r = h.inEdition(out, r, spec.Product)
	if h.signs(r, spec) {
		out.hold()
	}
	out.Header().Set(CorrelationHeader, rec.correlationID)
	out.Header().Set("Cache-Control", "no-store")
	defer func() {
		if cause := recover(); cause != nil {
			rec.annotate(slog.String("stack", string(debug.Stack())))
			out.withdraw()
			h.write(out, r, spec, rec.panicked(spec).Because(fmt.Errorf("panic: %v", cause)))
		}
		if out.status == 0 {
			out.WriteHeader(http.StatusOK)
		}
		if out.body != nil {
			h.sign(r, rec, out)
		}
		rec.log(ctx, h.deps, out.status, meter.Usage())
	}()
	next(out, r, spec)
}

// route hands the request to its operation once the caller may come in and the
// body is there, or answers an unknown path or method in the product's shape,
// which ServeMux would do in plain text.
func (h *Handler) route(w http.ResponseWriter, r *http.Request, spec Spec) {
	if spec.ID == "" {
		h.unrouted(w, r, spec)
		return
	}
	if e := EditionFrom(r.Context()); e.lacks(spec) {
		h.write(w, r, spec, problem.New(spec.Product.NoRoute, "%s of this API does not have this operation; another edition has it.", e.Name))
		return
	}
	r.Header = r.Header.Clone() // what was sent stays as it is
	if rec, ok := r.Context().Value(recordKey{}).(*record); ok {
		rec.operation(spec)
		if !spec.Product.StrictCorrelation {
			r.Header.Set(CorrelationHeader, rec.correlationID)
		}
	}
	if isCacheable(spec) {
		w.Header().Del("Cache-Control") // is left to the operation
	}
	if p := h.enter(w, r, spec); p != nil {
		h.write(w, r, spec, p)
		return
	}
	setReading(r.Context(), true)
	body, p := h.readBody(w, r, spec)
	if p == nil {
		r, p = h.readQuery(r, spec)
	}
	if p != nil {
		h.write(w, r, spec, p)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case spec.Product.AnyMedia:
		r.Header.Del("Content-Type")
	case err == nil:
		// Media types are the same in any case (RFC 9110 §8.3.1); huma compares letters.
		r.Header.Set("Content-Type", kind)
	}
	h.mux.ServeHTTP(w, r)
}

// enter returns an error if the caller may not use the operation.
func (h *Handler) enter(w http.ResponseWriter, r *http.Request, spec Spec) *problem.Problem {
	if spec.Public || r.Context().Value(prewarmKey{}) != nil {
		return nil
	}
	id, ok := IdentityFrom(r.Context())
	if !ok {
		p := unauthorized(r.Context(), spec)
		if p.Code.Status == http.StatusUnauthorized {
			w.Header().Set("WWW-Authenticate", spec.Product.Scheme.challenge(r.Header))
		}
		return p
	}
	if spec.Product.Enter == nil {
		return nil
	}
	return spec.Product.Enter(spec, id)
}

// allMethods are those that operations have.
var allMethods = []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

// Find returns the operation that answers the request; false when there is none.
func (h *Handler) Find(r *http.Request) (Spec, bool) {
	spec := h.spec(r)
	return spec, spec.ID != ""
}

// spec finds the operation that answers the request; it has no ID when there is none.
func (h *Handler) spec(r *http.Request) Spec {
	return h.candidates(r)[r.Method]
}

// candidates returns the operations of the request's path by method. Of several paths
// that match, it is the one with the fewest parameters, without regard to methods: API Gateway
// finds the path first, ServeMux would go on with another one that has the method.
// ServeMux would also redirect a path that is not clean; API Gateway does not.
func (h *Handler) candidates(r *http.Request) map[string]Spec {
	found := map[string]Spec{}
	// As sent: an escaped slash or dot belongs to a parameter, which is checked.
	if p := r.URL.EscapedPath(); path.Clean(p) != p {
		return found
	}
	least := -1
	for _, method := range allMethods {
		probe := *r
		probe.Method = method
		_, pattern := h.mux.Handler(&probe)
		spec, ok := h.specs[pattern]
		if !ok {
			continue
		}
		parameters := strings.Count(spec.Path, "{")
		if least < 0 || parameters < least {
			least = parameters
			clear(found)
		}
		if parameters == least {
			found[method] = spec
		}
	}
	return found
}

// write sends p outside an operation, where huma does not do it.
func (h *Handler) write(w http.ResponseWriter, r *http.Request, spec Spec, p *problem.Problem) {
	a := answer(r.Context(), spec, p)
	maps.Copy(w.Header(), a.GetHeaders())
	w.Header().Set("Content-Type", a.mediaType)
	w.WriteHeader(a.GetStatus())
	if body, err := a.MarshalJSON(); err == nil {
		_, _ = w.Write(body) //nolint:gosec // G705: JSON, as the content type says; an error cannot be reported to anyone
	}
}
