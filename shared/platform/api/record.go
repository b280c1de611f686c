package api

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"ciclo/shared/platform/form"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// isCorrelationID reports whether a text is what x-correlation-id may look like (D1 v1).
func isCorrelationID(text string) bool { return form.Is(text, 1, 64, form.Base64URL+". ") }

// record collects the attributes of the log line of a request.
type record struct {
	start         time.Time
	method        string
	correlationID string

	mu      sync.Mutex
	op      string
	public  bool
	problem *problem.Problem
	attrs   []slog.Attr
	reading bool // the request is being read and validated
	failed  bool // something panicked, or the answer could not be signed

	allowance Allowance // that the answer tells
}

type (
	recordKey    struct{}
	requestIDKey struct{}
)

// WithRequestID returns a context for the request that the platform calls id.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestIDKey{}, id)
}

// RequestID returns what the platform calls the request.
func RequestID(ctx context.Context) (id string, known bool) {
	id, known = ctx.Value(requestIDKey{}).(string)
	return id, known
}

func newRecord(r *http.Request, start time.Time) *record {
	rec := &record{start: start, method: r.Method, correlationID: r.Header.Get(CorrelationHeader)}
	if !isCorrelationID(rec.correlationID) {
		if rec.correlationID != "" {
			// Never the raw value: it could forge log lines.
			rec.attrs = append(rec.attrs, slog.Bool("invalidCorrelationId", true))
		}
		rec.correlationID = uuid.NewString()
	}
	if id, known := RequestID(r.Context()); known {
		rec.attrs = append(rec.attrs, slog.String("requestId", id))
	}
	return rec
}

func (rec *record) operation(spec Spec) {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	rec.op = strings.ReplaceAll(spec.ID, "/", "-")
	rec.public = spec.Public
}

func (rec *record) refused(p *problem.Problem) {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	rec.problem = p
}

func (rec *record) annotate(attrs ...slog.Attr) {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	rec.attrs = append(rec.attrs, attrs...)
}

// Annotate adds attributes to the request's or job's log line. Nothing personal goes
// there: no consumer ids, names, reasons, tokens or bodies.
func Annotate(ctx context.Context, attrs ...slog.Attr) {
	if rec, ok := ctx.Value(recordKey{}).(*record); ok {
		rec.annotate(attrs...)
	}
}

// Notes returns a context in which Annotate works outside of a request, and what
// collects the attributes for the log line of the work that was done in it.
func Notes(ctx context.Context) (context.Context, func() []slog.Attr) {
	rec := &record{}
	return context.WithValue(ctx, recordKey{}, rec), func() []slog.Attr {
		rec.mu.Lock()
		defer rec.mu.Unlock()
		return slices.Clone(rec.attrs)
	}
}

// CorrelationID returns the id that ties the calls of one use case together.
func CorrelationID(ctx context.Context) string {
	if rec, ok := ctx.Value(recordKey{}).(*record); ok {
		return rec.correlationID
	}
	return ""
}

func (rec *record) log(ctx context.Context, deps Deps, status int, used table.Usage) {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	level := slog.LevelInfo
	attrs := []slog.Attr{
		slog.String("operation", rec.op), slog.String("method", rec.method), slog.Int("status", status),
		slog.String("correlationId", rec.correlationID),
		slog.Float64("latencyMs", float64(deps.Now().Sub(rec.start).Microseconds())/1000),
		slog.Int("roundTrips", used.RoundTrips), slog.Int("itemsRead", used.ItemsRead),
		slog.Float64("readUnits", used.ReadUnits), slog.Float64("writeUnits", used.WriteUnits),
	}
	if p := rec.problem; p != nil {
		attrs = append(attrs, slog.String("problem", p.Code.Name))
		if p.Cause != nil {
			attrs = append(attrs, slog.String("cause", p.Cause.Error()))
		}
	}
	if source, known := sourceOf(ctx); known && refusesCaller(status, rec.public) {
		attrs = append(attrs, source)
	}
	if status >= http.StatusInternalServerError || rec.failed {
		level = slog.LevelError
	}
	deps.Log.LogAttrs(ctx, level, "request", append(attrs, rec.attrs...)...)
}
