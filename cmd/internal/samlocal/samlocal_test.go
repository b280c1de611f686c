package samlocal_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ciclo/cmd/internal/catalog"
	"ciclo/cmd/internal/samlocal"
)

const root = "../../.."

// TestFunctionsAreFound in the templates, all of them.
func TestFunctionsAreFound(t *testing.T) {
	t.Parallel()
	for _, f := range catalog.Functions() {
		found, err := samlocal.Find(root, f.ID)
		if err != nil || !strings.HasPrefix(found.CodeURI, ".build/") || found.Handler == "" {
			t.Errorf("%s is %+v, %v", f.ID, found, err)
		}
	}
	if _, err := samlocal.Find(root, "consumer/none"); !errors.Is(err, samlocal.ErrNoFunction) {
		t.Errorf("consumer/none: %v", err)
	}
}

// TestSamBuild: what `sam build` runs compiles every function.
func TestSamBuild(t *testing.T) {
	t.Parallel()
	functions, err := samlocal.Functions(root)
	if err != nil {
		t.Fatal(err)
	}
	var built []string
	for id, f := range functions {
		if f.Builder != "" {
			built = append(built, id)
		}
	}
	if len(built) != 1 {
		t.Fatalf("sam build runs make for %v, want one function: it compiles all", built)
	}
	build := exec.CommandContext(t.Context(), "make", "-n", "build-"+built[0], "ARTIFACTS_DIR=artifacts")
	build.Dir = root
	commands, err := build.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, commands)
	}
	for id, f := range functions {
		if !strings.Contains(string(commands), f.CodeURI+"/bootstrap") {
			t.Errorf("sam build does not compile %s, %s", id, f.CodeURI)
		}
	}
}

func TestCopyTemplates(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if err := os.CopyFS(filepath.Join(folder, "functions"), os.DirFS(filepath.Join(root, "functions"))); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{samlocal.RootTemplate, "samconfig.toml"} {
		text, err := os.ReadFile(filepath.Join(root, file))
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, file), text, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := samlocal.CopyTemplates(folder, "x86_64"); err != nil {
		t.Fatal(err)
	}
	want, err := samlocal.Functions(root)
	if err != nil {
		t.Fatal(err)
	}
	got, err := samlocal.Functions(filepath.Join(folder, samlocal.Copy))
	if err != nil || len(got) != len(want) {
		t.Errorf("%d functions, want %d, %v", len(got), len(want), err)
	}
	for id, f := range got {
		text, err := os.ReadFile(filepath.Join(folder, samlocal.Copy, f.Template))
		if err != nil || strings.Contains(string(text), samlocal.Deployed) || f.CodeURI != want[id].CodeURI {
			t.Errorf("%s: %+v, %v", id, f, err)
		}
	}
}

func TestReachable(t *testing.T) {
	t.Parallel()
	for function, want := range map[string]error{
		"consumer/delete": nil, "eservice/get": nil, "service/get": nil, "retention/purge": nil,
		"authorizer/bearer": samlocal.ErrUnreachable, "issuer/token": samlocal.ErrUnreachable, "service/create": samlocal.ErrUnreachable,
		"service/update-logo": samlocal.ErrUnreachable, "voucher/answer-keys": samlocal.ErrUnreachable,
	} {
		f, err := samlocal.Find(root, function)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Reachable(); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", function, err, want)
		}
	}
}
