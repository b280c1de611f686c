package catalog_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestJobs: make never starts compilers without a limit, where the number of processors
// cannot be found out nor where JOBS is set to nothing.
func TestJobs(t *testing.T) {
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
	for jobs, want := range map[string]string{"": "2", "JOBS=": "2", "JOBS=7": "7"} {
		for _, target := range []string{"build", "build-host"} {
			cmd := exec.CommandContext(t.Context(), filepath.Join(path, "make"), append([]string{"-n", target}, strings.Fields(jobs)...)...)
			cmd.Dir, cmd.Env = "../../..", []string{"PATH=" + path}
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("make -n %s %s: %v\n%s", target, jobs, err, out)
			}
			if first, _, _ := strings.Cut(string(out), "\n"); !strings.Contains(first+" ", " -j"+want+" ") {
				t.Errorf("make %s %s starts %q, want -j%s", target, jobs, first, want)
			}
		}
	}
}
