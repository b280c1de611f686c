package host_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"ciclo/shared/platform/host"
)

func env(vars map[string]string) func(string) string {
	return func(name string) string { return vars[name] }
}

func TestLoggerWritesLambdaFields(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := host.NewLogger(&out, env(map[string]string{"AWS_LAMBDA_FUNCTION_NAME": "f", "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST"}))
	ctx := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: "r"})
	log.InfoContext(ctx, "hello\nforged")
	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatalf("%v: %s", err, out.String())
	}
	stamp, _ := line["timestamp"].(string)
	if _, err := time.Parse(time.RFC3339Nano, stamp); err != nil {
		t.Errorf("timestamp: %v", err)
	}
	for name, want := range map[string]any{
		"level": "INFO", "message": "hello\nforged", "functionName": "f", "functionVersion": "$LATEST", "lambdaRequestId": "r", "coldStart": nil,
	} {
		if line[name] != want {
			t.Errorf("%s = %v, want %v", name, line[name], want)
		}
	}
}

func TestLoggerLevel(t *testing.T) {
	t.Parallel()
	for setting, want := range map[string]slog.Level{
		"": slog.LevelInfo, "typo": slog.LevelInfo, "debug": slog.LevelDebug, "WARN": slog.LevelWarn, "ERROR": slog.LevelError,
	} {
		log := host.NewLogger(t.Output(), env(map[string]string{"LOG_LEVEL": setting}))
		if !log.Enabled(t.Context(), want) || log.Enabled(t.Context(), want-1) {
			t.Errorf("LOG_LEVEL=%q does not begin at %v", setting, want)
		}
	}
}
