package api

import (
	"bytes"
	"context"
	"encoding/json"
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
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"ciclo/shared/problem"
	"ciclo/shared/table"
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
	mux     *http.ServeMux
	api     huma.API
	product *problem.Product // of answers made before an operation is known
	deps    Deps
}

// NewHandler mounts ops. The error names the operation whose store cannot be
// opened, e.g. for a setting that is not valid.
func NewHandler(deps Deps, ops ...Op) (*Handler, error) {
	if len(ops) == 0 {
		return nil, errors.New("api: no operations")
	}
	h := &Handler{mux: http.NewServeMux(), product: ops[0].Describe().Product, deps: deps}
	h.api = humago.New(h.mux, config())
	for _, op := range ops {
		if err := op.mount(h.api, deps); err != nil {
			return nil, err
		}
	}
	// huma describes an error document of its own, which is never sent.
	for _, unsent := range []string{"ErrorModel", "ErrorDetail"} {
		delete(h.api.OpenAPI().Components.Schemas.Map(), unsent)
	}
	return h, nil
}

// OpenAPI returns the OpenAPI 3.1 document of the mounted operations as indented JSON.
func (h *Handler) OpenAPI() ([]byte, error) {
	doc, err := json.MarshalIndent(h.api.OpenAPI(), "", "  ")
	if err != nil {
		return nil, fmt.Errorf("openapi: %w", err)
	}
	return append(doc, '\n'), nil
}

// ServeHTTP answers one request and logs one line about it.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.serve(w, r, h.route)
}

// Reject answers 400 for a request that could not even be read as HTTP, in the
// product's shape and with the usual log line; detail says why.
func (h *Handler) Reject(w http.ResponseWriter, r *http.Request, detail string) {
	h.serve(w, r, func(w http.ResponseWriter, r *http.Request) {
		h.write(w, r, problem.New(h.product.InvalidFormat, "%s", detail))
	})
}

// Prewarm runs every operation up to the refusal of a request that is not valid,
// so that the first real one finds the code, its tables and the patterns in
// place. Nothing is read, stored or logged.
func (h *Handler) Prewarm() {
	quiet := *h
	quiet.deps.Log = slog.New(slog.DiscardHandler)
	ctx := WithIdentity(context.Background(), Identity{})
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

// discard is a response writer for answers that nobody wants.
type discard struct{}

func (discard) Header() http.Header         { return http.Header{} }
func (discard) Write(b []byte) (int, error) { return len(b), nil }
func (discard) WriteHeader(int)             {}

func (h *Handler) serve(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
	rec := newRecord(r, h.deps.Now())
	ctx, meter := table.WithMeter(context.WithValue(r.Context(), recordKey{}, rec))
	r = r.WithContext(ctx)
	out := &responseWriter{ResponseWriter: w}
	out.Header().Set(CorrelationHeader, rec.correlationID)
	defer func() {
		if cause := recover(); cause != nil {
			rec.annotate(slog.String("stack", string(debug.Stack())))
			h.write(out, r, problem.New(h.product.Internal, internalDetail).Because(fmt.Errorf("panic: %v", cause)))
		}
		if out.status == 0 {
			out.WriteHeader(http.StatusOK)
		}
		rec.log(ctx, h.deps, out.status, meter.Usage())
	}()
	next(out, r)
}

// route hands the request to its operation, or answers an unknown path or
// method in the product's shape, which ServeMux would do in plain text.
func (h *Handler) route(w http.ResponseWriter, r *http.Request) {
	if !h.serves(r, r.Method) {
		h.unrouted(w, r)
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, MaxBodyBytes+1))
	_, identified := IdentityFrom(r.Context())
	switch {
	case !identified:
		// The operation answers 401 whatever the body is.
	case err != nil:
		h.write(w, r, problem.New(h.product.InvalidFormat, "The request body could not be read.").Because(err))
		return
	case len(body) > MaxBodyBytes:
		h.write(w, r, problem.New(h.product.TooLarge, "The request body has more than %d bytes.", MaxBodyBytes))
		return
	case string(bytes.TrimSpace(body)) == "null":
		body = nil // a client that has nothing to say may say null
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	// Media types are the same in any case (RFC 9110 §8.3.1); huma compares letters.
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err == nil {
		r.Header.Set("Content-Type", kind)
	}
	h.mux.ServeHTTP(w, r)
}

// serves tells whether an operation has the request's path and that method.
// ServeMux would also redirect a path that is not clean and answer HEAD like
// GET; API Gateway does neither.
func (h *Handler) serves(r *http.Request, method string) bool {
	// As sent: an escaped slash or dot belongs to a parameter, which is checked.
	if p := r.URL.EscapedPath(); path.Clean(p) != p || method == http.MethodHead {
		return false
	}
	probe := *r
	probe.Method = method
	_, pattern := h.mux.Handler(&probe)
	return pattern != ""
}

func (h *Handler) unrouted(w http.ResponseWriter, r *http.Request) {
	var allowed []string
	for _, m := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		if h.serves(r, m) {
			allowed = append(allowed, m)
		}
	}
	if len(allowed) == 0 {
		h.write(w, r, problem.New(h.product.NoRoute, "No operation has this path."))
		return
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	h.write(w, r, problem.New(h.product.NoMethod, "This path answers %s.", strings.Join(allowed, ", ")))
}

// write sends p outside an operation, where huma does not do it.
func (h *Handler) write(w http.ResponseWriter, r *http.Request, p *problem.Problem) {
	a := answer(r.Context(), h.product, p)
	maps.Copy(w.Header(), a.GetHeaders())
	w.Header().Set("Content-Type", problemType)
	w.WriteHeader(a.GetStatus())
	if body, err := a.MarshalJSON(); err == nil {
		_, _ = w.Write(body) // the client may be gone; there is nobody left to tell
	}
}

// responseWriter remembers the status and lets only the first one count.
type responseWriter struct {
	http.ResponseWriter
	status int
}

func (w *responseWriter) WriteHeader(status int) {
	if w.status != 0 {
		return
	}
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *responseWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(b)
}
