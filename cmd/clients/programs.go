package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// Versions of the libraries and generators. Those of Java are in java/pom.xml.
const (
	openIDClient      = "openid-client@6.9.0"
	authlib           = "Authlib==1.9.10"
	requests          = "requests==2.32.5"
	openAPITypeScript = "openapi-typescript@7.13.0"
	openAPIFetch      = "openapi-fetch@0.17.0"
	dpop              = "dpop@2.1.2"
	typeScript        = "typescript@5.9.3"
	typesOfNode       = "@types/node@20.19.0"
	openAPIPython     = "openapi-python-client==0.29.1"
	pyJWT             = "PyJWT[crypto]==2.15.1"
)

// program is a program that uses a client, and how it is run.
type program struct {
	name, language string
	needs          [][]string // commands without which it is left out
	folder         string     // where install puts things, which is made
	install        [][]string // commands, run again when they or the salt change
	salt           string     // what else the installation depends on
	commands       [][]string // commands; what the last one prints is shown
}

// run installs what the program needs and runs it.
func (p program) run(ctx context.Context, env []string) error {
	for _, line := range p.needs {
		if err := exec.CommandContext(ctx, line[0], line[1:]...).Run(); err != nil {
			fmt.Printf("*** LEFT OUT: %s, for this fails: %s (%v). ***\n", p.name, strings.Join(line, " "), err)
			return nil // said, and not a failure
		}
	}
	if err := p.installed(ctx); err != nil {
		return err
	}
	for i, line := range p.commands {
		out, err := output(ctx, line, env)
		if err != nil {
			return err
		}
		if i == len(p.commands)-1 {
			fmt.Printf("%s\n%s", p.name, strings.ReplaceAll(out, "\x1b[0m", "")) // Maven resets colours at its end
		}
	}
	return nil
}

// installed installs unless a file in the folder says that the same is installed.
func (p program) installed(ctx context.Context) error {
	if p.folder == "" {
		return nil
	}
	stamp, want := filepath.Join(p.folder, "installed"), fmt.Sprint(p.install, p.salt)
	if got, err := os.ReadFile(stamp); err == nil && string(got) == want {
		return nil
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.RemoveAll(p.folder); err != nil {
		return err
	}
	if err := os.MkdirAll(p.folder, 0o755); err != nil {
		return err
	}
	for _, line := range p.install {
		if _, err := output(ctx, line, nil); err != nil {
			return err
		}
	}
	return os.WriteFile(stamp, []byte(want), 0o600)
}

// output runs a command and returns what it prints; if it fails, all that it prints is in
// the error.
func output(ctx context.Context, line, env []string) (string, error) {
	c := exec.CommandContext(ctx, line[0], line[1:]...)
	c.Env = append(os.Environ(), env...)
	var out, complaints bytes.Buffer
	c.Stdout, c.Stderr = &out, &complaints
	if err := c.Run(); err != nil {
		return "", fmt.Errorf("%s: %w\n%s%s", strings.Join(line, " "), err, &out, &complaints)
	}
	return out.String(), nil
}

var (
	needsNode   = [][]string{{"npm", "--version"}, {"node", "-e", "process.exit(+(parseInt(process.versions.node) < 20))"}}
	needsPython = [][]string{{"python3", "-c", "import ensurepip, venv, sys; sys.exit(sys.version_info < (3, 11))"}}
	needsJava   = [][]string{{"mvn", "--version"}, {"javac", "--release", "17", "-version"}}
)

// npmInstall is the command that installs packages below a folder.
func npmInstall(folder string, packages ...string) []string {
	return append([]string{"npm", "install", "--prefix", folder, "--no-save", "--no-audit", "--no-fund", "--silent"}, packages...)
}

// pipInstall is the commands that install packages into an environment of their own.
func pipInstall(folder string, packages ...string) [][]string {
	pip := []string{filepath.Join(folder, "bin", "pip"), "install", "--quiet", "--disable-pip-version-check"}
	return [][]string{{"python3", "-m", "venv", folder}, append(pip, packages...)}
}

// libraries are the programs that use OAuth libraries. Programs of Node find libraries
// beside them alone, so they are copied.
func libraries(folder string) []program {
	node, python := filepath.Join(folder, "node"), filepath.Join(folder, "python")
	return []program{
		{
			name: openIDClient, language: "node", needs: needsNode, folder: node,
			install: [][]string{npmInstall(node, openIDClient)},
			commands: [][]string{
				{"cp", "cmd/clients/openid-client.mjs", node},
				{"node", filepath.Join(node, "openid-client.mjs")},
			},
		},
		{
			name: authlib, language: "python", needs: needsPython, folder: python,
			install:  pipInstall(python, authlib, requests),
			commands: [][]string{{filepath.Join(python, "bin", "python"), "cmd/clients/authlib_client.py"}},
		},
		{
			name: "golang.org/x/oauth2", language: "go", needs: [][]string{{"go", "version"}},
			commands: [][]string{{"go", "run", "-C", "cmd/clients/go", "-mod=readonly", "."}},
		},
	}
}

// stories are the programs that use clients which are generated from the official document.
func stories(folder, contract string) ([]program, error) {
	contract, err := filepath.Abs(contract)
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(contract)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text)
	salt := hex.EncodeToString(sum[:])
	node, python, java := filepath.Join(folder, "typescript"), filepath.Join(folder, "openapi-python"), filepath.Join(folder, "java")
	bin := filepath.Join(node, "node_modules", ".bin")
	maven := []string{"mvn", "--quiet", "--batch-mode", "--file", "cmd/clients/java/pom.xml", "-Dcache=" + java, "-Dcontract=" + contract}
	return []program{
		{
			name: openAPITypeScript + ", " + openAPIFetch, language: "node", needs: needsNode, folder: node, salt: salt,
			install: [][]string{
				npmInstall(node, openAPITypeScript, openAPIFetch, dpop, openIDClient, typeScript, typesOfNode),
				{filepath.Join(bin, "openapi-typescript"), contract, "-o", filepath.Join(node, "api.d.mts")},
			},
			commands: [][]string{
				{"cp", "cmd/clients/typescript/party.mts", "cmd/clients/typescript/story.mts", node},
				{
					filepath.Join(bin, "tsc"), "--strict", "--noUncheckedIndexedAccess", "--skipLibCheck", "--target", "es2022",
					"--module", "nodenext", "--lib", "es2023,dom", "--typeRoots", filepath.Join(node, "node_modules", "@types"),
					filepath.Join(node, "story.mts"),
				},
				{"node", filepath.Join(node, "story.mjs")},
			},
		},
		{
			name: openAPIPython, language: "python", needs: needsPython, folder: python, salt: salt,
			install: append(pipInstall(python, openAPIPython, pyJWT), []string{
				filepath.Join(python, "bin", "openapi-python-client"), "generate", "--path", contract,
				"--meta", "none", "--output-path", filepath.Join(python, "generated", "pdnd"),
			}),
			commands: [][]string{{
				"env", "PYTHONDONTWRITEBYTECODE=1", "PYTHONPATH=" + filepath.Join(python, "generated"),
				filepath.Join(python, "bin", "python"), "cmd/clients/python/story.py",
			}},
		},
		{
			name: "openapi-generator, the default client of Java", language: "java", needs: needsJava,
			commands: [][]string{slices.Concat(maven, []string{"compile"}), slices.Concat(maven, []string{"exec:java"})},
		},
	}, nil
}
