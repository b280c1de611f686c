package replay

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Name is the function's name in events/ and .build/: "<resource>-<operation>".
func Name(function string) string { return strings.ReplaceAll(function, "/", "-") }

// Build makes the function's binary for this machine, with the settings of
// `make build`, at .build/test/<resource>-<operation>/bootstrap below root, and
// returns where it is. An up-to-date one is left as it is.
func Build(ctx context.Context, root, function string) (binary string, err error) {
	source := "functions/" + function
	if _, err := os.Stat(filepath.Join(root, source, "main.go")); err != nil || !fs.ValidPath(source) {
		return "", fmt.Errorf("there is no function %q below functions/", function)
	}
	if root, err = filepath.Abs(root); err != nil { // go build takes paths from another folder
		return "", fmt.Errorf("root: %w", err)
	}
	binary = filepath.Join(root, ".build", "test", Name(function), "bootstrap")
	return binary, Compile(ctx, root, "./"+source, binary)
}

// Compile builds a package main for this machine, with the settings of `make
// build`; dir is where the package's name is looked up. The error has what the
// compiler said.
func Compile(ctx context.Context, dir, pkg, binary string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false",
		"-tags", "lambda.norpc", "-ldflags", "-s -w", "-o", binary, pkg)
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
