//go:build unix

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"ciclo/cmd/internal/catalog"
)

// shells are interactive, as they are when somebody pastes into them: an interactive
// zsh takes no comments, an interactive bash expands history. They read no settings.
var shells = map[string][]string{
	"bash": {"--norc", "--noprofile", "-i"},
	"zsh":  {"-f", "-i"},
	"dash": {"-i"},
}

// snippet is a block of shell commands and how many of its calls must be refused.
type snippet struct {
	commands string
	refusals int
}

var (
	// fence matches a block and the paragraph after it.
	fence = regexp.MustCompile("(?ms)^```sh\n(.*?)^```\n+([^\n]*(?:\n[^\n]+)*)")
	// operationCall matches the commands of a block that call an operation.
	operationCall = regexp.MustCompile(`(?m)^(?:curl |ask |voucher$)|\$\(ask `)
	comment       = regexp.MustCompile(`(?m)(?:^|\s)# `)
	// standalone matches blocks that are not for a terminal beside a running sandbox.
	standalone = regexp.MustCompile(`^(?:make|sam) `)
)

// pages have blocks for a terminal beside the sandbox, in the order in which they are read.
var pages = []string{"README.md", "docs/consumers/README.md", "docs/services/README.md", "docs/interop/README.md"}

// TestReadme pastes the banner of the sandbox and the blocks of the pages, each twice,
// into every shell. Every call must succeed, unless the paragraph after the block says
// that one is refused, and every answer must be printed.
func TestReadme(t *testing.T) {
	t.Parallel()
	url, recorded := recordingSandbox(t)
	snippets := pastedSnippets(t, url)
	scratch := t.TempDir()
	for name, flags := range shells {
		t.Run(name, func(t *testing.T) {
			if _, err := exec.LookPath(name); err != nil {
				if os.Getenv("REQUIRE_SHELLS") == "1" {
					t.Fatalf("REQUIRE_SHELLS=1, but %s is not here", name)
				}
				t.Skipf("LEFT OUT: %s is not here", name)
			}
			recorded.clear()
			output := paste(t, append([]string{name}, flags...), script(snippets, url, scratch))
			pastes := recorded.pastes()
			if len(pastes) != 2*len(snippets) {
				t.Fatalf("%d pastes reached their end, want %d\n%s", len(pastes), 2*len(snippets), output)
			}
			for i, calls := range pastes {
				checkPaste(t, snippets[i/2], calls, output)
			}
			if t.Failed() {
				t.Log(output)
			}
		})
	}
}

// allPages returns every page of the documentation by its path.
func allPages(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for _, pattern := range []string{"../../*.md", "../../docs/*.md", "../../docs/*/*.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, page := range found {
			text, err := os.ReadFile(page)
			if err != nil {
				t.Fatal(err)
			}
			texts[page] = string(text)
		}
	}
	if len(texts) < 30 {
		t.Fatalf("found %d pages", len(texts))
	}
	return texts
}

// TestPastedBlocksHaveNoComments covers all pages: an interactive zsh takes a comment
// for arguments.
func TestPastedBlocksHaveNoComments(t *testing.T) {
	t.Parallel()
	for page, text := range allPages(t) {
		for _, block := range fence.FindAllStringSubmatch(text, -1) {
			if comment.MatchString(block[1]) {
				t.Errorf("%s: a comment in\n%s", page, block[1])
			}
		}
	}
}

// TestLinks follows every link of every page to a file, and to a heading where it names one.
func TestLinks(t *testing.T) {
	t.Parallel()
	link := regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading := regexp.MustCompile(`(?m)^#+ (.*)$`)
	notInAnchors := regexp.MustCompile(`[^\p{L}\p{N} _-]`)
	followed := 0
	for page, text := range allPages(t) {
		for _, found := range link.FindAllStringSubmatch(text, -1) {
			target, anchor, _ := strings.Cut(found[1], "#")
			if strings.Contains(target, "://") {
				continue
			}
			followed++
			file := page
			if target != "" {
				file = filepath.Join(filepath.Dir(page), target)
			}
			if _, err := os.Stat(file); err != nil {
				t.Errorf("%s: there is no %s", page, found[1])
				continue
			}
			if anchor == "" {
				continue
			}
			headings, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var anchors []string
			for _, h := range heading.FindAllStringSubmatch(string(headings), -1) {
				anchors = append(anchors, strings.ReplaceAll(notInAnchors.ReplaceAllString(strings.ToLower(h[1]), ""), " ", "-"))
			}
			if !slices.Contains(anchors, anchor) {
				t.Errorf("%s: %s has no heading %s, but %v", page, file, anchor, anchors)
			}
		}
	}
	if followed < 100 {
		t.Errorf("followed %d links", followed)
	}
}

// pastedSnippets returns the banner of the sandbox at url and the blocks of the pages that
// are pasted beside it.
func pastedSnippets(t *testing.T, url string) []snippet {
	t.Helper()
	var banner bytes.Buffer
	if err := products(catalog.Products()).greet(&banner, url, "embedded"); err != nil {
		t.Fatal(err)
	}
	_, commands, _ := strings.Cut(banner.String(), "\n\n")
	snippets := []snippet{{commands: commands}}
	for _, page := range pages {
		text, err := os.ReadFile(filepath.Join("../..", page))
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range fence.FindAllStringSubmatch(string(text), -1) {
			if !standalone.MatchString(block[1]) {
				snippets = append(snippets, snippet{commands: block[1], refusals: strings.Count(block[2], " is refused")})
			}
		}
	}
	return snippets
}

// script pastes each snippet twice, for the sandbox at url. A call of /pasted ends
// each paste.
func script(snippets []snippet, url, scratch string) string {
	var b strings.Builder
	for _, s := range snippets {
		for range 2 {
			fmt.Fprintf(&b, "%s\ncurl -sS %s/pasted\n", s.commands, url)
		}
	}
	return strings.NewReplacer("http://localhost:3000", url, "/tmp/", scratch+"/").Replace(b.String())
}

// paste runs a shell in the folder of README.md and returns what it printed. The shell
// has no terminal: an interactive one would make itself the terminal's foreground.
func paste(t *testing.T, shell []string, input string) string {
	t.Helper()
	var output bytes.Buffer
	cmd := exec.CommandContext(t.Context(), shell[0], shell[1:]...)
	cmd.Dir = "../.."
	cmd.Env = append(slices.DeleteFunc(os.Environ(), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return slices.Contains([]string{"ENV", "MAKEFLAGS", "MAKELEVEL", "MFLAGS"}, name)
	}), "HISTFILE=")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(input), &output, &output
	if err := cmd.Run(); err != nil {
		t.Errorf("%v\n%s", err, output.Bytes())
	}
	return output.String()
}

// checkPaste compares the calls of a paste with its commands.
func checkPaste(t *testing.T, s snippet, calls []call, output string) {
	t.Helper()
	operations, refusals := 0, 0
	for _, c := range calls {
		if c.status >= 400 {
			refusals++
		}
		if strings.HasPrefix(c.path, "/_local/") {
			continue
		}
		operations++
		if body := strings.TrimSpace(c.body); !strings.Contains(output, body) {
			t.Errorf("the answer to %s %s is not printed: %s", c.method, c.path, body)
		}
	}
	if want := len(operationCall.FindAllString(s.commands, -1)); operations != want {
		t.Errorf("%d calls, want %d, of\n%s%+v", operations, want, s.commands, calls)
	}
	if refusals != s.refusals {
		t.Errorf("%d refused calls, want %d, of\n%s%+v", refusals, s.refusals, s.commands, calls)
	}
}
