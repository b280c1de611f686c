package replay_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"

	"ciclo/cmd/internal/catalog"
	"ciclo/cmd/internal/replay"
	"ciclo/shared/platform/testing/engine"
	"ciclo/shared/platform/testing/runtimeapi"
)

const root = "../../.."

// tables is an environment for functions with tables of the test's own; false
// when there is no endpoint for them and none is required.
func tables(t *testing.T) ([]string, bool) {
	t.Helper()
	if os.Getenv("DYNAMODB_ENDPOINT") == "" {
		if os.Getenv(engine.Required) == "1" {
			t.Fatal("DynamoDB Local is required, but DYNAMODB_ENDPOINT is not set")
		}
		return nil, false
	}
	var env []string
	for _, name := range []string{"DYNAMODB_ENDPOINT", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} {
		if value := os.Getenv(name); value != "" {
			env = append(env, name+"="+value)
		}
	}
	for _, s := range catalog.Schemas() {
		env = append(env, "TABLE_"+strings.ToUpper(s.Name)+"="+s.Name+"-"+uuid.NewString())
	}
	return env, true
}

// TestEveryEvent replays the event file of every function and expects what the
// function does when all is well.
func TestEveryEvent(t *testing.T) {
	t.Parallel()
	status := map[string]int{} // of success, by operation
	for _, op := range catalog.Operations() {
		status[op.Describe().ID] = op.Describe().Status
	}
	for _, f := range catalog.Functions() {
		if f.Kind == "Site" {
			status[f.ID] = http.StatusOK
		}
		env, ok := tables(t)
		if !ok {
			continue
		}
		t.Run(f.ID, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			res, err := replay.Run(t.Context(), replay.Options{Root: root, Function: f.ID, Env: env, Log: &log, Streamless: true})
			if err != nil || res.FunctionError != "" {
				t.Fatalf("%+v, %v\n%s", res, err, log.String())
			}
			if want, ok := status[f.ID]; ok {
				checkStatus(t, res, want)
			}
			if strings.Contains(string(res.Payload), `"refusalCode"`) {
				t.Errorf("the request is refused: %s", res.Payload)
			}
			if strings.Contains(log.String(), `"level":"ERROR"`) || !strings.Contains(log.String(), `"level":"INFO"`) {
				t.Errorf("log:\n%s", log.String())
			}
		})
	}
}

// TestFirstDeployment replays the events of what issues tokens, and of what says how they
// are verified, without SIGN_JWKS: only after a first deployment can that be known.
func TestFirstDeployment(t *testing.T) {
	t.Parallel()
	for function, want := range map[string]int{
		"voucher/issue": http.StatusOK, "voucher/validate": http.StatusOK, "voucher/jwks": http.StatusOK, "voucher/metadata": http.StatusOK,
		"issuer/token": http.StatusOK, "authorizer/bearer": 0, "authorizer/issuer": 0,
	} {
		env, ok := tables(t)
		if !ok {
			continue
		}
		t.Run(function, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			res, err := replay.Run(t.Context(), replay.Options{
				Root: root, Function: function, Env: append(env, "SIGN_JWKS="), Log: &log, Streamless: true,
			})
			if err != nil || res.FunctionError != "" {
				t.Fatalf("%+v, %v\n%s", res, err, log.String())
			}
			if want != 0 {
				checkStatus(t, res, want)
			}
		})
	}
}

// TestGatewayEvents replays what API Gateway sends for the same call below the base path
// of a custom domain, from the console's test and with a slash at the end of the path.
func TestGatewayEvents(t *testing.T) {
	t.Parallel()
	for product, function := range map[string]string{"consumers": "consumer/get", "services": "service/get", "interop": "agreement/get"} {
		files, err := filepath.Glob(filepath.Join(root, "events", "gateway", product+"-*.json"))
		if err != nil || len(files) == 0 {
			t.Fatalf("events of %s: %v, %v", product, files, err)
		}
		env, ok := tables(t)
		if !ok {
			continue
		}
		t.Run(product, func(t *testing.T) {
			t.Parallel()
			for _, file := range files {
				var log bytes.Buffer
				res, err := replay.Run(t.Context(), replay.Options{Root: root, Function: function, Event: file, Env: env, Log: &log, Streamless: true})
				if err != nil || res.FunctionError != "" {
					t.Fatalf("%s: %+v, %v\n%s", file, res, err, log.String())
				}
				checkStatus(t, res, http.StatusOK)
			}
		})
	}
}

func checkStatus(t *testing.T, res runtimeapi.Result, want int) {
	t.Helper()
	var answer struct {
		StatusCode int
		Body       string
	}
	if err := json.Unmarshal(res.Payload, &answer); err != nil || answer.StatusCode != want {
		t.Errorf("answer = %s, %v, want status %d", res.Payload, err, want)
	}
}

func TestRunErrors(t *testing.T) {
	t.Parallel()
	if _, err := replay.Run(t.Context(), replay.Options{Root: root, Function: "consumer/get"}); !errors.Is(err, replay.ErrNoEndpoint) {
		t.Errorf("without an endpoint: %v", err)
	}
	for _, function := range []string{"consumer/none", "../cmd/local", ""} {
		if _, err := replay.Run(t.Context(), replay.Options{Root: root, Function: function}); !errors.Is(err, replay.ErrNoFunction) {
			t.Errorf("%q: %v", function, err)
		}
	}
	missing := filepath.Join(t.TempDir(), "none.json")
	_, err := replay.Run(t.Context(), replay.Options{Root: root, Function: catalog.BearerAuthorizer, Event: missing})
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing event: %v", err)
	}
}
