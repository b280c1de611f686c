package stacks_test

import (
	"bytes"
	"io/fs"
	"os"
	"path"
	"strings"
	"testing"
	"testing/fstest"

	"ciclo/cmd/internal/stacks"
)

// root is the repository, from this folder.
const root = "../../.."

// repository returns the files that the templates are made from. Each change is a file, the
// text that is replaced, and the new text.
func repository(t *testing.T, changes ...[3]string) fs.FS {
	t.Helper()
	files := fstest.MapFS{}
	source := os.DirFS(root)
	for _, pattern := range []string{"template.yaml", "functions/own/*.yaml", "functions/*/own/*.yaml"} {
		names, err := fs.Glob(source, pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			text, err := fs.ReadFile(source, name)
			if err != nil {
				t.Fatal(err)
			}
			files[name] = &fstest.MapFile{Data: text}
		}
	}
	for _, c := range changes {
		file := files[c[0]]
		if file == nil || bytes.Count(file.Data, []byte(c[1])) != 1 {
			t.Fatalf("%s does not have %q once", c[0], c[1])
		}
		files[c[0]] = &fstest.MapFile{Data: bytes.Replace(file.Data, []byte(c[1]), []byte(c[2]), 1)}
	}
	return files
}

// TestMistakesByHand: a hand-written part that does not fit the code is an error that names
// the file or template and what is wrong.
func TestMistakesByHand(t *testing.T) {
	t.Parallel()
	const cascade = "functions/consumers/own/functions.yaml"
	for _, tc := range []struct {
		want   string
		change [3]string
	}{
		{cascade + " lacks the function consumer/cascade", [3]string{cascade, "consumer/cascade:", "consumer/waterfall:"}},
		{
			"has the function consumer/waterfall, which is not in the catalogue",
			[3]string{cascade, "Functions:\n", "Functions:\n  consumer/waterfall: { Timeout: 1 }\n"},
		},
		{
			"refers to Letters, which is neither a resource",
			[3]string{cascade, "Destination: !GetAtt CascadeDeadLetters.Arn", "Destination: !GetAtt Letters.Arn"},
		},
		{
			`needs "telepathy", for which there are no rights`,
			[3]string{"functions/interop/own/template.yaml", "Needs: [public keys]", "Needs: [telepathy]"},
		},
		{`mapping key "Tracing" already defined`, [3]string{cascade, "Timeout: 300", "Tracing: Active\n    Tracing: Active"}},
		{"the parameter TrustedOwners has no MaxLength", [3]string{"template.yaml", trusted + "    MaxLength: 60\n", trusted}},
		{
			"may become 257 characters long, there is room for 256",
			[3]string{"template.yaml", assertion + "    MaxLength: 60\n", assertion + "    MaxLength: 65\n"},
		},
		{
			"functions/own/retention.yaml lacks the function retention/purge",
			[3]string{"functions/own/retention.yaml", "retention/purge:", "retention/other:"},
		},
	} {
		if _, err := stacks.Files(repository(t, tc.change)); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("err = %v, want %q", err, tc.want)
		}
	}
}

const (
	trusted   = "  TrustedOwners:\n    Type: String\n    Default: \"\"\n"
	assertion = "  TokenAssertionAudience:\n    Type: String\n    Default: \"\"\n"
)

// TestByHand counts the lines of YAML that are kept by hand: templates, hand-written parts of
// generated ones, and layouts. Settings of tools, in hidden files, are not counted.
func TestByHand(t *testing.T) {
	t.Parallel()
	const limit = 1725 // 1,500; the front office: its stack, its parameters, a client for it; the worker of lists
	total := 0
	lines := map[string]int{}
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name != "." && strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata" {
				return fs.SkipDir
			}
			return nil
		}
		if ext := path.Ext(strings.TrimSuffix(name, ".tmpl")); ext != ".yaml" && ext != ".yml" || strings.HasPrefix(name, ".") {
			return nil
		}
		text, err := os.ReadFile(path.Join(root, name))
		if err == nil && !bytes.HasPrefix(text, []byte("# Code generated ")) {
			lines[name] = bytes.Count(text, []byte("\n"))
			total += lines[name]
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if total > limit || lines["template.yaml"] == 0 || lines["cmd/internal/stacks/layouts/product.yaml.tmpl"] == 0 {
		t.Errorf("%d lines of YAML are kept by hand, at most %d may be: %v", total, limit, lines)
	}
}
