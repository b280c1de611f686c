package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// fake is a stand-in for the AWS CLI: it notes how it is called, lists the versions in
// $ROOT/versions, and refuses to delete what is in $ROOT/used or to do what is in $ROOT/broken.
const fake = `#!/bin/sh
root=$(dirname "$0")
printf '%s\n' "$*" >> "$root/calls"
case "$2" in
list-functions) cat "$root/versions" ;;
delete-function)
	if grep -qx "$4:$6" "$root/used"; then
		echo "An error occurred (ResourceConflictException) when calling the DeleteFunction operation: aliases reference it" >&2; exit 254
	fi
	if grep -qx "$4:$6" "$root/broken"; then echo "An error occurred (AccessDeniedException)" >&2; exit 254; fi ;;
*) exit 2 ;;
esac
`

// world is a folder with the fake and with settings, which is the working directory, and
// the path of commands.
func world(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	all := map[string]string{
		"used": "", "broken": "", "versions": "[]",
		"samconfig.toml": "[default.global.parameters]\nstack_name = \"ciclo\"\n" +
			"[prod.global.parameters]\nstack_name = \"ciclo-prod\"\nregion = \"eu-south-1\"\n",
	}
	maps.Copy(all, files)
	for name, text := range all {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "aws"), []byte(fake), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	return dir
}

// deletions are the calls of the fake that delete, in order.
func deletions(t *testing.T, dir string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "calls"))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for call := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(call), "lambda delete-function "); ok {
			all = append(all, rest)
		}
	}
	slices.Sort(all)
	return all
}

func versions(function string, numbers ...string) string {
	var all []string
	for _, n := range numbers {
		all = append(all, fmt.Sprintf("[%q,%q]", function, n))
	}
	return strings.Join(all, ",")
}

// TestPrune: of each function of the stack the newest three versions stay, by their number,
// and any that an alias points to. Functions of other stacks are left alone, also of one
// whose name begins with the stack's.
func TestPrune(t *testing.T) {
	dir := world(t, map[string]string{
		"versions": "[" + strings.Join([]string{
			versions("ciclo-purpose-activate", "$LATEST", "8", "9", "10", "11", "2"),
			versions("ciclo-purpose-get", "$LATEST", "1", "2", "3"),
			versions("ciclo-purpose-list", "$LATEST", "4", "5", "6", "7"),
			versions("ciclo-prod-purpose-activate", "$LATEST", "1", "2", "3", "4", "5"),
			versions("ciclo-somebody-else", "$LATEST", "1", "2", "3", "4", "5"),
		}, ",") + "]",
		"used": "ciclo-purpose-list:4\n",
	})
	var out bytes.Buffer
	if err := run(t.Context(), 3, []string{"default"}, &out); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"--function-name ciclo-purpose-activate --qualifier 2", "--function-name ciclo-purpose-activate --qualifier 8",
		"--function-name ciclo-purpose-list --qualifier 4",
	}
	if got := deletions(t, dir); !slices.Equal(got, want) {
		t.Errorf("deleted %q, want %q", got, want)
	}
	if want := "ciclo: 3 functions, 2 old versions deleted, 1 that are in use kept\n"; out.String() != want {
		t.Errorf("said %q, want %q", out.String(), want)
	}
}

// TestPruneAsDeployed: stack, region and profile are those that sam deploy has.
func TestPruneAsDeployed(t *testing.T) {
	dir := world(t, map[string]string{"versions": "[" + versions("mine-purpose-get", "$LATEST", "1", "2") + "]"})
	if err := run(t.Context(), 1, []string{"prod", "--stack-name", "mine", "--profile=p"}, &bytes.Buffer{}); err != nil {
		t.Fatal(err)
	}
	if got := deletions(t, dir); len(got) != 1 || got[0] != "--function-name mine-purpose-get --qualifier 1 --region eu-south-1 --profile p" {
		t.Errorf("deleted %q", got)
	}
}

// TestPruneFailures: a failure that is not about a version in use is one.
func TestPruneFailures(t *testing.T) {
	dir := world(t, map[string]string{
		"versions": "[" + versions("ciclo-purpose-get", "1", "2", "3", "4") + "]", "broken": "ciclo-purpose-get:1\n",
	})
	if err := run(t.Context(), 3, []string{"default"}, &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), "AccessDenied") {
		t.Errorf("err = %v", err)
	}
	for want, args := range map[string][]string{"no stack_name for test": {"test"}, "for which environment": nil} {
		if err := run(t.Context(), 3, args, &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: err = %v", args, err)
		}
	}
	if err := run(t.Context(), 0, []string{"default"}, &bytes.Buffer{}); err == nil {
		t.Error("no version is kept")
	}
	if err := os.WriteFile(filepath.Join(dir, "versions"), []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), 3, []string{"default"}, &bytes.Buffer{}); err == nil {
		t.Error("an answer that is none was taken for one")
	}
	if err := os.Remove(filepath.Join(dir, "versions")); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), 3, []string{"default"}, &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), "list-functions") {
		t.Errorf("versions that cannot be listed: err = %v", err)
	}
	t.Setenv("PATH", t.TempDir())
	var out bytes.Buffer
	if err := run(t.Context(), 3, []string{"default"}, &out); err != nil || !strings.Contains(out.String(), "LEFT OUT") {
		t.Errorf("without the AWS CLI: %v, %q", err, out.String())
	}
}
