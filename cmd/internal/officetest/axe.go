package officetest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// axe is where make puts axe-core.
const axe = "../../../.cache/axe-core/*/node_modules/axe-core/axe.min.js"

// Axe returns the script of axe-core. Without it the test is skipped, unless REQUIRE_AXE=1.
func Axe(t testing.TB) string {
	t.Helper()
	files, err := filepath.Glob(axe)
	if err != nil || len(files) == 0 {
		leftOut(t, "REQUIRE_AXE", "axe-core is not here; make axe fetches it with npm")
	}
	script, err := os.ReadFile(files[len(files)-1])
	if err != nil {
		t.Fatal(err)
	}
	return string(script)
}

// standards are the rules of WCAG 2.2 AA and the best practices, by their tags.
const standards = `["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]`

// Findings returns what axe-core, whose script is given, finds wrong with the page: by some
// rules, or by those of WCAG 2.2 AA and its best practices.
func (b *Tab) Findings(script string, rules ...string) []string {
	b.t.Helper()
	if len(rules) > 0 {
		return b.findings(script, `{runOnly: `+quoted(strings.Join(rules, ","))+`.split(",")}`)
	}
	return b.findings(script, `{runOnly: `+standards+`}`)
}

// FindingsButColour is Findings with all rules except the one of colour contrast, the slowest.
func (b *Tab) FindingsButColour(script string) []string {
	b.t.Helper()
	return b.findings(script, `{runOnly: `+standards+`, rules: {"color-contrast": {enabled: false}}}`)
}

func (b *Tab) findings(script, options string) []string {
	b.t.Helper()
	if ask(b, chromedp.Evaluate[bool]("!window.axe")) {
		// The page's own policy lets no other script in; the browser's own tools may.
		b.Run(command(runtime.Evaluate, runtime.EvaluateParams{Expression: script}))
	}
	type node struct{ Target []string }
	found := ask(b, chromedp.Evaluate[[]struct {
		ID, Help string
		Nodes    []node
	}](`axe.run(`+options+`)`+
		`.then((r) => r.violations.map((v) => ({ID: v.id, Help: v.help, Nodes: v.nodes.map((n) => ({Target: n.target.map(String)}))})))`,
		func(p *runtime.EvaluateParams) { p.AwaitPromise = new(true) }))
	var all []string
	for _, v := range found {
		all = append(all, fmt.Sprintf("%s: %s: %v", v.ID, v.Help, v.Nodes))
	}
	return all
}
