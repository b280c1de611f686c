package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestChoose chooses programs by language, and those for the official document only with it.
func TestChoose(t *testing.T) {
	t.Parallel()
	contract := filepath.Join(t.TempDir(), "contract.yml")
	if err := os.WriteFile(contract, []byte("openapi: 3.0.3"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		contract  string
		languages []string
		want      []string
	}{
		{"", nil, []string{"node", "python", "go"}},
		{contract, nil, []string{"node", "python", "go", "node", "python", "java"}},
		{contract, []string{"java", "go"}, []string{"go", "java"}},
		{"", []string{"java"}, nil},
	} {
		programs, err := choose(t.TempDir(), tc.contract, tc.languages)
		var got []string
		for _, p := range programs {
			got = append(got, p.language)
		}
		if err != nil || !slices.Equal(got, tc.want) {
			t.Errorf("%q %q: %q, %v", tc.contract, tc.languages, got, err)
		}
	}
	if programs, err := choose(t.TempDir(), contract, []string{"rust"}); err == nil {
		t.Errorf("an unknown language chooses %v", programs)
	}
}

// TestInstallsOnce installs again only when the commands or the salt change.
func TestInstallsOnce(t *testing.T) {
	t.Parallel()
	folder, log := filepath.Join(t.TempDir(), "folder"), filepath.Join(t.TempDir(), "log")
	install := func(what, salt string) {
		p := program{folder: folder, salt: salt, install: [][]string{{"sh", "-c", "printf " + what + " >>" + log}}}
		if err := p.installed(t.Context()); err != nil {
			t.Error(err)
		}
	}
	install("a", "1")
	install("a", "1")
	install("a", "2")
	install("b", "2")
	install("b", "2")
	if got, err := os.ReadFile(log); err != nil || string(got) != "aab" {
		t.Errorf("installed %q, %v", got, err)
	}
	failing := program{folder: folder, install: [][]string{{"sh", "-c", "exit 1"}}}
	for range 2 {
		if failing.installed(t.Context()) == nil {
			t.Error("a failed installation counts")
		}
	}
}
