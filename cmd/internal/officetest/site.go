// Package officetest is for tests of the front office, which visit the pages of a sandbox as
// people do: [Visitor] by the words on links and buttons, without script, and [Tab] in a real
// browser.
package officetest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"ciclo/cmd/internal/sandbox"
)

// Site is a sandbox with a front office.
type Site struct{ URL string }

// built makes the sandbox's binary once a process. Its packages are compiled as those of tests
// are, so that it is linked only.
var built = sync.OnceValues(func() (string, error) {
	binary, err := filepath.Abs("../../../.build/test/local")
	if err != nil {
		return "", err
	}
	if out, err := exec.CommandContext(context.Background(), "go", "build", "-o", binary, "ciclo/cmd/local").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build of the sandbox: %w\n%s", err, out)
	}
	return binary, nil
})

// Run runs the tests of a package with one sandbox, and returns the status of the process.
// It is for TestMain; ready takes the sandbox.
func Run(m *testing.M, ready func(*Site)) int {
	defer closeBrowser()
	site, stop, err := start(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer stop()
	defer stopShared()
	ready(site)
	return m.Run()
}

// shared has the functions that stop the sandboxes of [NewShared].
var shared struct {
	sync.Mutex

	stops []func()
}

// NewShared starts a sandbox for several tests, which [Run] stops after the last test.
func NewShared(t testing.TB) *Site {
	t.Helper()
	site, stop, err := start(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	shared.Lock()
	defer shared.Unlock()
	shared.stops = append(shared.stops, stop)
	return site
}

func stopShared() {
	for _, stop := range shared.stops {
		stop()
	}
}

// NewSite starts a sandbox for one test, which may move its clock. The settings, NAME=value,
// are added to its environment.
func NewSite(t *testing.T, settings ...string) *Site {
	t.Helper()
	site, stop, err := start(context.WithoutCancel(t.Context()), settings...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return site
}

func start(ctx context.Context, settings ...string) (site *Site, stop func(), err error) {
	binary, err := built()
	if err != nil {
		return nil, nil, err
	}
	box, err := sandbox.Start(ctx, binary, settings...)
	if err != nil {
		return nil, nil, err
	}
	return &Site{URL: box.URL}, box.Stop, nil
}

// Key returns a manage key, of what the query of /_local/key says, e.g. owner=comune.
func (s *Site) Key(t testing.TB, query string) string {
	t.Helper()
	return s.text(t, "/_local/key?"+query)
}

// Token returns an access token, of what the query of /_local/token says.
func (s *Site) Token(t testing.TB, query string) string {
	t.Helper()
	return s.text(t, "/_local/token?"+query)
}

func (s *Site) text(t testing.TB, path string) string {
	t.Helper()
	status, body := s.Call(t, "", http.MethodGet, path, "")
	if status != http.StatusOK {
		t.Fatalf("%s is answered %d: %s", path, status, body)
	}
	return body
}

// Call calls an API of the sandbox: credential is a token, a key or empty. It returns the
// status and the body of the answer.
func (s *Site) Call(t testing.TB, credential, method, path, body string) (status int, answer string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if strings.HasPrefix(credential, "ey") { // JSON, as tokens begin
		r.Header.Set("Authorization", "Bearer "+credential)
	} else if credential != "" {
		r.Header.Set("Ocp-Apim-Subscription-Key", credential)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

// JSON calls an API as [Site.Call] does, with a body unless it is nil. The call must succeed. JSON
// returns the object that is answered, nil where none is.
func (s *Site) JSON(t testing.TB, credential, method, path string, body map[string]any) (answer map[string]any) {
	t.Helper()
	text := ""
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		text = string(encoded)
	}
	status, answered := s.Call(t, credential, method, path, text)
	if status >= http.StatusBadRequest {
		t.Fatalf("%s %s is answered %d: %s", method, path, status, answered)
	}
	_ = json.Unmarshal([]byte(answered), &answer) // some have no body
	return answer
}

// FirstDescriptor returns the id of the first descriptor of an e-service.
func (s *Site) FirstDescriptor(t testing.TB, token, eservice string) string {
	t.Helper()
	answer := s.JSON(t, token, http.MethodGet, "/eservices/"+eservice+"/descriptors", nil)
	all, _ := answer["results"].([]any)
	if len(all) == 0 {
		t.Fatalf("the e-service %s has no descriptors: %v", eservice, answer)
	}
	first, _ := all[0].(map[string]any)
	id, _ := first["id"].(string)
	return id
}

// Programs checks that the machine has programs that a page tells people to run. Without one
// the test is skipped, unless REQUIRE_SHELLS=1.
func Programs(t testing.TB, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, err := exec.LookPath(name); err != nil {
			leftOut(t, "REQUIRE_SHELLS", name+" is not here, which the lines of a page need")
		}
	}
}

// leftOut ends a test that cannot be run here: it is skipped, or fails where the setting is 1.
func leftOut(t testing.TB, setting, missing string) {
	t.Helper()
	if os.Getenv(setting) == "1" {
		t.Fatal(missing)
	}
	t.Skip("LEFT OUT: " + missing)
}
