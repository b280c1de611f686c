package catalog_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestJobsWithoutGetconf: where getconf is missing, make starts two compilers at once.
// An empty number would start one for each function.
func TestJobsWithoutGetconf(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	for _, tool := range []string{"bash", "make"} {
		file, err := exec.LookPath(tool)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(file, filepath.Join(path, tool)); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), filepath.Join(path, "make"), "-s", "-f", "Makefile", "-f", "-", "print-jobs")
	cmd.Dir, cmd.Env, cmd.Stdin = "../../..", []string{"PATH=" + path}, strings.NewReader("print-jobs: ; @echo '$(JOBS)'\n")
	if out, err := cmd.CombinedOutput(); err != nil || strings.TrimSpace(string(out)) != "2" {
		t.Errorf("JOBS is %q, %v", out, err)
	}
}
