package replay

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"ciclo/cmd/internal/catalog"
)

// ErrNoFunction is the error for a function that the catalogue does not have.
var ErrNoFunction = errors.New("no such function")

// Find returns the function <resource>/<operation>.
func Find(id string) (catalog.Function, error) {
	f, known := catalog.FunctionOf(id)
	if !known {
		return f, fmt.Errorf("%q: %w", id, ErrNoFunction)
	}
	return f, nil
}

// builds has what builds a binary, once, by the binary's path. The functions of an
// artifact share a binary, which must not be written while one of them runs it.
var builds = struct {
	sync.Mutex

	once map[string]func() error
}{once: map[string]func() error{}}

// Build makes an artifact's binary for this machine, with the settings of `make build`,
// at .build/test/<product>-<resource>/bootstrap below root, and returns where it is. An
// up-to-date one is left as it is; a process builds it once.
func Build(ctx context.Context, root string, a catalog.Artifact) (binary string, err error) {
	if root, err = filepath.Abs(root); err != nil { // go build takes paths from another folder
		return "", fmt.Errorf("root: %w", err)
	}
	binary = filepath.Join(root, ".build", "test", a.Name(), "bootstrap")
	builds.Lock()
	build, known := builds.once[binary]
	if !known {
		build = sync.OnceValue(func() error {
			return Compile(context.WithoutCancel(ctx), root, "./"+a.Folder(), binary)
		})
		builds.once[binary] = build
	}
	builds.Unlock()
	return binary, build()
}

// Compile builds a package main for this machine, with the settings of `make
// build`; dir is where the package's name is looked up. The error has what the
// compiler said.
func Compile(ctx context.Context, dir, pkg, binary string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false",
		"-tags", "lambda.norpc,nethttpomithttp2", "-ldflags", "-s -w -R 0x4000", "-o", binary, pkg)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=", "GOARCH=", "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", pkg, err, out)
	}
	return nil
}

// root finds the folder of the module that the working directory is in.
func root(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("go env GOMOD: %w", err)
	}
	gomod := strings.TrimSpace(string(out))
	if filepath.Base(gomod) != "go.mod" {
		return "", errors.New("the working directory is not in the repository")
	}
	return filepath.Dir(gomod), nil
}
