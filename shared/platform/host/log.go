package host

import (
	"context"
	"io"
	"log/slog"

	"github.com/aws/aws-lambda-go/lambdacontext"
)

// NewLogger returns a logger of JSON lines with the field names of Lambda's own
// ones (timestamp, level, message) and, in a function, its name and version. Within
// an invocation, lines have its coldStart and lambdaRequestId. Lines below
// LOG_LEVEL are dropped.
func NewLogger(w io.Writer, getenv func(string) string) *slog.Logger {
	var level slog.Level // INFO
	if err := level.UnmarshalText([]byte(getenv("LOG_LEVEL"))); err != nil {
		level = slog.LevelInfo
	}
	lines := slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: lambdacontext.ReplaceAttr})
	log := slog.New(invocationHandler{lines})
	if name := getenv("AWS_LAMBDA_FUNCTION_NAME"); name != "" {
		log = log.With(slog.String("functionName", name), slog.String("functionVersion", getenv("AWS_LAMBDA_FUNCTION_VERSION")))
	}
	return log
}

// coldKey is the context key of whether an invocation is its process's first.
type coldKey struct{}

// invocationHandler adds what the context knows of the invocation.
type invocationHandler struct{ slog.Handler }

// Handle implements [slog.Handler].
func (h invocationHandler) Handle(ctx context.Context, r slog.Record) error {
	if cold, ok := ctx.Value(coldKey{}).(bool); ok {
		r.AddAttrs(slog.Bool("coldStart", cold))
	}
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		r.AddAttrs(slog.String("lambdaRequestId", lc.AwsRequestID))
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements [slog.Handler].
func (h invocationHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return invocationHandler{h.Handler.WithAttrs(attrs)}
}

// WithGroup implements [slog.Handler].
func (h invocationHandler) WithGroup(name string) slog.Handler {
	return invocationHandler{h.Handler.WithGroup(name)}
}
