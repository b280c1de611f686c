package host

import (
	"context"
	"encoding/json"
	"log/slog"

	"ciclo/shared/platform/api"
)

// Schedule serves invocations of a job: the payload is its input, its result is
// logged and returned, and its error, a panic included, is the function's, so
// that the scheduler tries again.
func Schedule(id string, run api.JobHandler, deps api.Deps) func(context.Context, json.RawMessage) (any, error) {
	return invocations(func(ctx context.Context, payload json.RawMessage) (result any, err error) {
		err = measured(ctx, deps, "job", []slog.Attr{slog.String("job", id)}, func(ctx context.Context) ([]slog.Attr, error) {
			var err error
			result, err = run(ctx, payload)
			return []slog.Attr{slog.Any("result", result)}, err
		})
		return result, err
	})
}
