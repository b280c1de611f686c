package host_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"ciclo/shared/platform/host"
)

func TestSchedule(t *testing.T) {
	t.Parallel()
	report := map[string]int{"deleted": 3}
	tests := map[string]struct {
		run    func(context.Context, json.RawMessage) (any, error)
		failed bool
		logged []string
	}{
		"result": {
			func(_ context.Context, payload json.RawMessage) (any, error) {
				if string(payload) != `{"dryRun":true}` {
					return nil, errors.New("payload: " + string(payload))
				}
				return report, nil
			},
			false,
			[]string{`"job":"retention/purge"`, `"outcome":"done"`, `"result":{"deleted":3}`, `"level":"INFO"`},
		},
		"error": {
			func(context.Context, json.RawMessage) (any, error) { return report, errors.New("boom") },
			true,
			[]string{`"outcome":"failed"`, `"error":"boom"`, `"result":{"deleted":3}`, `"level":"ERROR"`},
		},
		"panic": {
			func(context.Context, json.RawMessage) (any, error) { panic("boom") },
			true,
			[]string{`"outcome":"failed"`, `"error":"panic: boom"`, `"stack":"goroutine`},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			result, err := host.Schedule("retention/purge", test.run, newDeps(&log))(t.Context(), json.RawMessage(`{"dryRun":true}`))
			if (err != nil) != test.failed || !test.failed && result == nil {
				t.Errorf("result = %v, %v, want an error: %v", result, err, test.failed)
			}
			for _, want := range test.logged {
				if line := log.String(); strings.Count(line, "\n") != 1 || !strings.Contains(line, want) {
					t.Errorf("log lacks %s: %s", want, line)
				}
			}
		})
	}
}
