package host_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"ciclo/shared/platform/sign/local"
	"ciclo/shared/platform/testing/runtimeapi"
)

// TestStartGivesWhatIsNeeded runs an operation with files and secrets, and
// without any setting of DynamoDB, because it has no table. Bytes come and go as
// base64, JSON does not.
func TestStartGivesWhatIsNeeded(t *testing.T) {
	t.Parallel()
	var stdout bytes.Buffer
	f, err := runtimeapi.Start(t.Context(), runtimeapi.Config{
		Binary: binary, Handler: "picture/put", Stdout: &stdout, Timeout: time.Minute,
		Env: []string{"PICTURES=" + filepath.Join(t.TempDir(), "pictures")},
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, stdout.String())
	}
	t.Cleanup(func() { _ = f.Close() })
	png := "\x89PNG\r\n\x1a\n\x00\xff"
	body := fmt.Sprintf(`{"picture":%q}`, base64.StdEncoding.EncodeToString([]byte(png)))
	for _, tc := range []struct {
		name, body string
		encoded    bool
		status     int
	}{
		{"text", body, false, 200},
		{"base64", base64.StdEncoding.EncodeToString([]byte(body)), true, 200},
		{"base64 of what is no JSON", base64.StdEncoding.EncodeToString([]byte(png)), true, 400},
		{"no base64", body, true, 400},
	} {
		e := events.APIGatewayProxyRequest{
			HTTPMethod: "PUT", Path: "/picture",
			Body: tc.body, IsBase64Encoded: tc.encoded,
			Headers: map[string]string{"Content-Type": "application/json"},
		}
		e.RequestContext.Authorizer = map[string]any{"subject": "s", "scopes": "read"}
		sent, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		res, err := f.Invoke(t.Context(), sent)
		var got events.APIGatewayProxyResponse
		if err != nil || json.Unmarshal(res.Payload, &got) != nil || got.StatusCode != tc.status {
			t.Errorf("%s: %s, %v, want %d", tc.name, res.Payload, err, tc.status)
			continue
		}
		picture := tc.status == 200
		if want := base64.StdEncoding.EncodeToString([]byte(png)); got.IsBase64Encoded != picture || picture && got.Body != want {
			t.Errorf("%s: body %q, base64 %v", tc.name, got.Body, got.IsBase64Encoded)
		}
		kind := got.MultiValueHeaders["Content-Type"]
		if len(kind) != 1 || (kind[0] == "image/png") != picture || !picture && !strings.HasPrefix(got.Body, `{"`) {
			t.Errorf("%s: %s %q", tc.name, kind, got.Body)
		}
	}
}

// TestStartGivesWhatSigns runs an operation that issues tokens and one that
// publishes keys, in one.
func TestStartGivesWhatSigns(t *testing.T) {
	t.Parallel()
	published, err := local.Open("")
	if err != nil {
		t.Fatal(err)
	}
	jwks := string(published.Keys().JWKS())
	f, err := runtimeapi.Start(t.Context(), runtimeapi.Config{
		Binary: binary, Handler: "token/get", Stdout: io.Discard, Timeout: time.Minute, Env: []string{"SIGN_JWKS=" + jwks},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	e := events.APIGatewayProxyRequest{HTTPMethod: "GET", Path: "/token"}
	e.RequestContext.Authorizer = map[string]any{"subject": "s", "scopes": "read"}
	sent, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	res, err := f.Invoke(t.Context(), sent)
	var got events.APIGatewayProxyResponse
	var body struct{ Token, Keys string }
	if err != nil || json.Unmarshal(res.Payload, &got) != nil || json.Unmarshal([]byte(got.Body), &body) != nil ||
		strings.Count(body.Token, ".") != 2 || body.Keys != jwks {
		t.Errorf("answered %s, %v", res.Payload, err)
	}
}

func TestStartSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	garbage := filepath.Join(t.TempDir(), "garbage")
	if err := os.WriteFile(garbage, []byte("no key"), 0o600); err != nil {
		t.Fatal(err)
	}
	storage := "DYNAMODB_ENDPOINT=http://127.0.0.1:1"
	all := "authorizer/key, picture/put, thing/get, thing/job, thing/worker, token/get"
	for name, tc := range map[string]struct {
		handler string
		env     []string
		want    []string
	}{
		"sealer": {
			"picture/put",
			[]string{"SEAL_FILE=" + garbage, "PICTURES=" + t.TempDir()},
			[]string{"operation picture/put: seal: ", "is no master key"},
		},
		"blobs": {"picture/put", []string{"PICTURES=" + garbage}, []string{"operation picture/put: blob: ", garbage}},
		"signer": {
			"token/get",
			[]string{"SIGN_JWKS=x", "SIGN_FILE=" + garbage},
			[]string{"operation token/get: sign: ", "no single PRIVATE KEY"},
		},
		"keys":               {"token/get", []string{"SIGN_JWKS=x"}, []string{"operation token/get: SIGN_JWKS: ", "no JWKS"}},
		"sealer of a job":    {"thing/job", []string{"SEAL_FILE=" + garbage, storage}, []string{"job thing/job: seal: ", "is no master key"}},
		"authorizer":         {"authorizer/key", []string{"REFUSE=1", storage}, []string{"authorizer/key: REFUSE is set"}},
		"authorizer's table": {"authorizer/key", nil, []string{"authorizer/key: missing in the environment"}},
		"unknown handler":    {"bootstrap", []string{storage}, []string{`the function's handler is "bootstrap", which`, all}},
		"no handler":         {"", []string{storage}, []string{`the function's handler is "", which`, all}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			_, err := runtimeapi.Start(t.Context(), runtimeapi.Config{
				Binary: binary, Handler: tc.handler, Env: append(tc.env, "PREWARM=off"), Stdout: &stdout, Stderr: &stderr,
			})
			if !errors.Is(err, runtimeapi.ErrExited) || !strings.Contains(err.Error(), "exit status 1") {
				t.Errorf("error = %v", err)
			}
			log := parseLog(t, stdout.String())
			if len(log) != 1 || log[0]["level"] != "ERROR" || stderr.Len() > 0 {
				t.Fatalf("log = %v, stderr %q, want one line", log, stderr.String())
			}
			text := fmt.Sprint(log[0]["error"])
			if !strings.HasPrefix(text, tc.want[0]) || !strings.Contains(text, tc.want[len(tc.want)-1]) {
				t.Errorf("error %q, want %q", text, tc.want)
			}
		})
	}
}

func TestStartAuthorizer(t *testing.T) {
	t.Parallel()
	f, lines := function(t, "authorizer/key")
	e := `{"type":"TOKEN","authorizationToken":"Bearer %s","methodArn":"` + methodARN + `"}`
	res, err := f.Invoke(t.Context(), fmt.Appendf(nil, e, "good"))
	var got events.APIGatewayCustomAuthorizerResponse
	if err != nil || json.Unmarshal(res.Payload, &got) != nil || got.PrincipalID != "s" || got.UsageIdentifierKey != "plan" {
		t.Errorf("answer = %s, %v", res.Payload, err)
	}
	if !strings.Contains(string(res.Payload), `:abc123/prod/*"`) {
		t.Errorf("answer = %s", res.Payload)
	}
	res, err = f.Invoke(t.Context(), fmt.Appendf(nil, e, "bad"))
	if err != nil || !strings.Contains(string(res.Payload), `"errorMessage":"Unauthorized"`) {
		t.Errorf("answer = %s, %v, want Unauthorized", res.Payload, err)
	}
	if log := lines(); len(log) < 2 || log[0]["authorizer"] != "authorizer/key" || log[0]["allowed"] != true || log[1]["allowed"] != false {
		t.Errorf("log = %v", log)
	}
}
