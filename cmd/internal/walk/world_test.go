// Package walk_test sends every operation of every product what no client should send,
// into each member and parameter that the OpenAPI document names.
package walk_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ciclo/cmd/internal/catalog"
	"ciclo/cmd/internal/sample"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/blob/s3"
	"ciclo/shared/platform/seal/kms"
	"ciclo/shared/platform/sign"
	signlocal "ciclo/shared/platform/sign/local"
	"ciclo/shared/platform/table/bolt"
	"ciclo/shared/platform/testing/apitest"
)

const (
	root     = "../../.."
	formType = "application/x-www-form-urlencoded"
)

var published = apitest.Published(catalog.Operations())

// request is the request of an event file, which its operation answers with success on
// the sample data.
type request struct {
	spec   api.Spec
	path   string // with its query
	header []string
	body   string
	form   bool
	caller *api.Identity // nil where the operation is for everybody
}

// requestOf reads the event file of an operation; its credentials are new.
func requestOf(t *testing.T, around *sample.Surroundings, spec api.Spec) request {
	t.Helper()
	function, _ := catalog.FunctionOf(spec.ID)
	text, err := os.ReadFile(filepath.Join(root, function.Event()))
	if err != nil {
		t.Fatal(err)
	}
	var event struct {
		Path, Body     string
		Headers        map[string]string
		Query          map[string][]string `json:"multiValueQueryStringParameters"`
		RequestContext struct{ Authorizer map[string]any }
	}
	if err := json.Unmarshal(around.Fill(text), &event); err != nil {
		t.Fatal(err)
	}
	r := request{spec: spec, path: event.Path, body: event.Body}
	if len(event.Query) > 0 {
		r.path += "?" + url.Values(event.Query).Encode()
	}
	for name, value := range event.Headers {
		r.header = append(r.header, name, value)
		r.form = r.form || value == formType
	}
	if caller, ok := api.IdentityFromAuthorizer(event.RequestContext.Authorizer); ok {
		r.caller = &caller
	}
	return r
}

// world is a deployment of one operation, whose sample data is in a file.
type world struct {
	*testing.T
	*apitest.World
	op      api.Op
	seed    string   // the file with the sample data
	env     []string // settings of the deployment
	signer  *sign.Signer
	copies  int
	request request
}

// everyOperation runs test for each operation that is wanted, in a world of its own.
func everyOperation(t *testing.T, wanted func(api.Spec) bool, test func(w *world)) {
	t.Helper()
	around, err := sample.Surround(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(around.Stop)
	signer, err := signlocal.Open("")
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range catalog.Operations() {
		if spec := op.Describe(); wanted(spec) {
			t.Run(spec.ID, func(t *testing.T) { test(newWorld(t, around, signer, op)) })
		}
	}
}

func newWorld(t *testing.T, around *sample.Surroundings, signer *sign.Signer, op api.Op) *world {
	t.Helper()
	w := &world{T: t, op: op, signer: signer, seed: filepath.Join(t.TempDir(), "seed")}
	spec := op.Describe()
	db := open(t, w.seed)
	if err := around.Seed(t.Context(), db, spec.ID); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	w.request, w.env = requestOf(t, around, spec), around.Env
	w.restore()
	return w
}

func open(t *testing.T, path string) *bolt.DB {
	t.Helper()
	schemas := catalog.Schemas()
	for i := range schemas {
		schemas[i].Stream = false
	}
	db, err := bolt.Open(path, schemas)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// restore begins with a new copy of the sample data.
func (w *world) restore() {
	w.Helper()
	w.copies++
	path := fmt.Sprint(w.seed, w.copies)
	data, err := os.ReadFile(w.seed)
	if err == nil {
		err = os.WriteFile(path, data, 0o600)
	}
	if err != nil {
		w.Fatal(err)
	}
	db := open(w.T, path)
	w.Cleanup(func() { _ = db.Close() })
	w.World = apitest.New(db, []api.Op{w.op})
	for _, setting := range w.env {
		name, value, _ := strings.Cut(setting, "=")
		w.Settings[name] = value
	}
	getenv := func(name string) string { return w.Settings[name] }
	if w.Sealer, err = kms.FromEnv(getenv); err == nil {
		w.Blobs, err = s3.FromEnv(getenv)
	}
	if err != nil {
		w.Fatal(err)
	}
	w.Signer = w.signer
	w.Clock.Set(time.Now().UTC())
}

// send sends the operation's request with another path, body or headers, and notes
// what no answer may be.
func (w *world) send(what, path, body string, header ...string) apitest.Response {
	w.Helper()
	r := w.request
	res := w.Call(w.T, r.caller, r.spec.Method, path, body, append(slices.Clone(r.header), header...)...)
	if res.Status >= http.StatusInternalServerError {
		w.Errorf("%s = %d %s\n%s", what, res.Status, res.Raw, w.Log.String())
	}
	for _, finding := range published().Check(r.spec.Method, path, res) {
		w.Errorf("%s = %d, not as documented: %s\n%s", what, res.Status, finding, res.Raw)
	}
	if word := goWords.FindString(encoded.ReplaceAllString(res.Raw, "")); word != "" {
		w.Errorf("%s = %d says %q\n%s", what, res.Status, word, res.Raw)
	}
	public := r.spec.Public && !r.form
	if cached := !strings.Contains(res.Header.Get("Cache-Control"), "no-store"); cached != public {
		w.Errorf("%s = %d with Cache-Control %q", what, res.Status, res.Header.Get("Cache-Control"))
	}
	if text := res.Text("error"); lostSymbols.MatchString(text) {
		w.Errorf("%s = %d with an error that lacks a symbol: %s\n%s", what, res.Status, text, res.Raw)
	}
	if res.Status < http.StatusBadRequest && r.spec.Method != http.MethodGet {
		w.restore()
	}
	return res
}

// lostSymbols matches what is left where an error text of D1, which may hold few
// characters, loses a symbol that stands by itself.
var lostSymbols = regexp.MustCompile(`(^| )'+( |$)`)

// encoded matches the parts of tokens and keys: random letters, which may be any short word.
// No word of a sentence has 40 characters.
var encoded = regexp.MustCompile(`[A-Za-z0-9_-]{40,}`)

// goWords are names of Go's types, packages and ways to quote, which mean nothing to
// clients.
var goWords = regexp.MustCompile(`\bu?int(8|16|32|64)?\b|\bfloat(32|64)\b|strconv|json:|[Uu]nmarshal|\bGo (struct|value)\b|` +
	`reflect|interface|net/url|\bmail:|parse \\*"|invalid UUID|map\[|invalid character|runtime|panic|goroutine|<nil>|\bnil\b|%!|` +
	"\\\\\\\\x[0-9a-f]{2}|RFC3339|\\.go\\b|EOF|u003|u0026")
