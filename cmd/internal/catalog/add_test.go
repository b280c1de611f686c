package catalog_test

import (
	"bytes"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// byHand are the files that somebody writes to add an operation, with what is changed: the
// operation itself, its example in the sample world, and a call among the tests. A pattern
// is replaced where it is found first.
var byHand = map[string][][2]string{
	"shared/consumers/consumer/ops.go": {
		{`\[\]api\.Op\{`, "[]api.Op{Peek, "},
		{`\z`, `
// Peek lists cards under another path.
var Peek = func() api.Op {
	op, spec := ListCards, ListCards.Spec
	op.Spec = func() api.Spec {
		s := spec()
		s.ID, s.OperationID = "consumer/peek", "peekConsumerCards"
		s.Path, s.Summary = s.Path+"/peek", "Peek at the cards of a consumer"
		return s
	}
	return op
}()
`},
	},
	"cmd/internal/sample/examples_consumers.go": {{`(?m)^(\s*"consumer/)list-cards(".*)$`, "${1}peek${2}\n${1}list-cards${2}"}},
	"cmd/internal/catalog/access_test.go": {{
		`(?m)^\s*d\.call\(t, "consumer/list-cards", "consumers/ann/cards", ""\)$`,
		"\td.call(t, \"consumer/peek\", \"consumers/ann/cards/peek\", \"\")\n${0}",
	}},
}

// parity are the tests that hold an operation, its function, rights, route and event
// together.
const parity = "^Test(Parity|Routes|Policies|Settings|Needs|Names|Triggers|Nested|StackSize|AccessIsWhatIsUsed)$"

// TestAddAnOperation adds an operation to a copy of the repository: three files by hand, the
// others by the generator. What holds them together holds then.
func TestAddAnOperation(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	before := copyRepository(t, dir)
	for file, changes := range byHand {
		text := before[file]
		for _, c := range changes {
			pattern := regexp.MustCompile(c[0])
			at := pattern.FindIndex(text)
			if at == nil {
				t.Fatalf("%s has no %s", file, c[0])
			}
			text = slices.Concat(text[:at[0]], pattern.ReplaceAll(text[at[0]:at[1]], []byte(c[1])), text[at[1]:])
		}
		if err := os.WriteFile(filepath.Join(dir, file), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run(t, dir, "go", "build", "-buildvcs=false", "-o", "gen", "./cmd/gen")
	var said []string
	for line := range strings.Lines(run(t, dir, "./gen")) {
		said = append(said, strings.TrimPrefix(strings.TrimSpace(line), "wrote "))
	}
	run(t, dir, "./gen", "-check")
	run(t, dir, "go", "test", "-vet=off", "-run", parity, "./cmd/internal/catalog")

	written := []string{}
	after := read(t, dir)
	delete(after, "gen")
	for file, text := range after {
		if !bytes.Equal(text, before[file]) && byHand[file] == nil {
			written = append(written, file)
		}
	}
	slices.Sort(written)
	slices.Sort(said)
	if diff := cmp.Diff(said, written); diff != "" {
		t.Errorf("files differ from what the generator says that it wrote (-says +files):\n%s", diff)
	}
	for _, file := range []string{
		"events/consumers/consumer-peek.json", "functions/consumers/api.yaml", "functions/consumers/functions.yaml",
	} {
		if !slices.Contains(written, file) {
			t.Errorf("the generator did not write %s", file)
		}
	}
	if len(byHand) > 3 {
		t.Errorf("an operation takes %d files by hand: %q", len(byHand), slices.Collect(maps.Keys(byHand)))
	}
	if template := string(after["functions/consumers/functions.yaml"]); !strings.Contains(template, "\n  ConsumerPeek:\n") {
		t.Error("the template lacks the operation's function")
	}
}

// copyRepository copies the repository but what is built or fetched, and returns the files.
func copyRepository(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files := read(t, root)
	for name, text := range files {
		target := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(target, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// read returns the files below a folder by name; none that is hidden.
func read(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	source := os.DirFS(dir)
	err := fs.WalkDir(source, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name != "." && strings.HasPrefix(entry.Name(), ".") && entry.IsDir():
			return fs.SkipDir
		case !entry.Type().IsRegular() || strings.HasPrefix(entry.Name(), "."):
			return nil
		}
		files[name], err = fs.ReadFile(source, name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// run returns what a command prints.
func run(t *testing.T, dir, command string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), command, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", command, strings.Join(args, " "), err, out)
	}
	return string(out)
}
