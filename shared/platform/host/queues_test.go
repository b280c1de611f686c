package host_test

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/host"
	"ciclo/shared/platform/testing/problemtest"
)

// TestQueues: an operation gets the queues of dead letters that it names, by their variables;
// it does not start without one of these.
func TestQueues(t *testing.T) {
	t.Parallel()
	var got map[string]api.Queue
	op := api.Operation[nothing, nothing, nothing]{
		Spec: func() api.Spec {
			return api.Spec{
				ID: "a/count", Method: http.MethodGet, Path: "/a", Status: http.StatusNoContent, Queues: []string{"one", "two"},
				Product: &api.Product{Product: problemtest.Product, Scheme: api.Bearer},
			}
		},
		Open: func(deps api.Deps) (*nothing, error) {
			got = deps.Queues
			return &nothing{}, nil
		},
		Run: func(*nothing, context.Context, *nothing) (*nothing, error) { return &nothing{}, nil },
	}
	env := map[string]string{
		"_HANDLER": "a/count", "AWS_REGION": "eu-south-1", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret",
		"DEAD_LETTERS_ONE": "https://sqs.example/1/one", "DEAD_LETTERS_TWO": "https://sqs.example/1/two",
	}
	open := func() error {
		_, err := host.Open(func(name string) string { return env[name] }, slog.New(slog.DiscardHandler), []api.Op{op})
		return err
	}
	if err := open(); err != nil || len(got) != 2 || got["one"] == nil || got["two"] == nil {
		t.Errorf("queues %v, %v", got, err)
	}
	delete(env, "DEAD_LETTERS_TWO")
	if err := open(); err == nil || !strings.Contains(err.Error(), "a/count") || !strings.Contains(err.Error(), "DEAD_LETTERS_TWO") {
		t.Errorf("without a variable: %v", err)
	}
}
