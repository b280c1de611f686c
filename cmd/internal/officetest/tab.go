package officetest

import (
	"cmp"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// patience is how long a page may take to show something.
const patience = 20 * time.Second

// Tab is a tab of a real browser, with cookies of its own.
type Tab struct {
	t        testing.TB
	site     *Site
	noScript bool
	ctx      context.Context //nolint:containedctx // chromedp keeps its tab there
}

// Look is how a tab shows pages.
type Look struct {
	Width    int64 // in pixels, 0 for 1200
	Dark     bool
	NoScript bool
	Lang     string // "" for English
}

var browser struct {
	sync.Once

	ctx   context.Context //nolint:containedctx // chromedp keeps its browser there
	close context.CancelFunc
	err   error
}

// Chromium returns the program, "" where there is none.
func Chromium() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// Tab opens a tab in which somebody has signed in as a person of the sandbox; "" for nobody.
// Without Chromium it skips the test, unless REQUIRE_CHROMIUM=1.
func (s *Site) Tab(t testing.TB, person string, look Look) *Tab {
	t.Helper()
	openBrowser(t)
	ctx, cancel := chromedp.NewContext(browser.ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	tab := &Tab{t: t, site: s, noScript: look.NoScript, ctx: ctx}
	lang := look.Lang
	if lang == "" {
		lang = "en"
	}
	tab.Show(look)
	tab.Run(
		command(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: look.NoScript}),
		command(network.Enable, network.EnableParams{}),
		command(network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Accept-Language": lang}}),
	)
	if person != "" {
		tab.Open("/office/sign-in")
		tab.Run(chromedp.Click(chromedp.CSS(`button[value="`+person+`"]`)), chromedp.WaitVisible(chromedp.CSS("header .who")))
	}
	return tab
}

func openBrowser(t testing.TB) {
	t.Helper()
	path := Chromium()
	if path == "" {
		leftOut(t, "REQUIRE_CHROMIUM", "Chromium is not here; install it to test pages in a browser")
	}
	browser.Do(func() { browser.err = startBrowser(path) })
	if browser.err != nil {
		t.Fatal(browser.err)
	}
}

func startBrowser(path string) error {
	flags := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-dev-shm-usage", true),
	)
	allocator, stop := chromedp.NewExecAllocator(context.Background(), flags...)
	ctx, closeTab := chromedp.NewContext(allocator)
	browser.ctx = ctx //nolint:fatcontext // it is set once
	browser.close = func() {
		closeTab()
		stop()
	}
	return chromedp.Do(ctx)
}

func closeBrowser() {
	if browser.close != nil {
		browser.close()
	}
}

// Show changes the width and the colours of the tab to those of look.
func (b *Tab) Show(look Look) {
	b.t.Helper()
	scheme := "light"
	if look.Dark {
		scheme = "dark"
	}
	b.Run(
		chromedp.EmulateViewport(cmp.Or(look.Width, 1200), 900),
		command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		}),
	)
}

// command makes an action of a command of the browser.
func command[P, R any](c cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, t *chromedp.Target) (none chromedp.Void, err error) {
		_, err = cdp.Call(ctx, t, c, params)
		return none, err
	}
}

// Run runs actions of chromedp within [patience].
func (b *Tab) Run(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx); err != nil { // opens the tab, whose context must not end with this call
		b.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		b.t.Fatalf("%v at %s", err, b.where())
	}
}

// ask runs an action that returns something.
func ask[T any](b *Tab, action chromedp.Action[T]) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	answer, err := chromedp.Run(ctx, action)
	if err != nil {
		b.t.Fatalf("%v at %s", err, b.where())
	}
	return answer
}

func (b *Tab) where() string {
	ctx, cancel := context.WithTimeout(b.ctx, 2*time.Second)
	defer cancel()
	url, _ := chromedp.Run(ctx, chromedp.Location()) // for a message only
	text, _ := chromedp.Run(ctx, chromedp.Text(chromedp.CSS("main")))
	return url + ": " + text
}

// Open opens a page by its path.
func (b *Tab) Open(path string) {
	b.t.Helper()
	b.Run(chromedp.Navigate(b.site.URL+path), chromedp.WaitReady(chromedp.CSS("main")))
}

// See waits until the page says a text.
func (b *Tab) See(text string) {
	b.t.Helper()
	b.wait(`document.querySelector("main")?.innerText.replace(/\s+/g, " ").includes(` + quoted(text) + `)`)
}

// Click clicks the link, button or summary with those words that can be seen.
func (b *Tab) Click(text string) {
	b.t.Helper()
	b.click("a, button, summary", text)
}

// Confirm clicks the button with those words of the dialog that is open; without script, of the
// question that is open in its place.
func (b *Tab) Confirm(text string) {
	b.t.Helper()
	if b.noScript {
		b.click("details.ask[open] > form button", text)
		return
	}
	b.click("dialog[open] button", text)
}

// Count returns how many elements a selector finds.
func (b *Tab) Count(selector string) int {
	b.t.Helper()
	return ask(b, chromedp.Evaluate[int]("document.querySelectorAll("+quoted(selector)+").length"))
}

// Choose chooses the option with a value of a list.
func (b *Tab) Choose(name, value string) {
	b.t.Helper()
	b.Run(chromedp.SetValue(chromedp.CSS(`main select[name="`+name+`"]`), value))
}

// click waits until what selector finds has an element with those words that can be seen,
// and clicks it with the mouse.
func (b *Tab) click(selector, text string) {
	b.t.Helper()
	b.wait(`[...document.querySelectorAll(` + quoted(selector) + `)].some((e) => {
		const found = e.checkVisibility({visibilityProperty: true}) && e.innerText.trim().replace(/\s+/g, " ") === ` + quoted(text) + `;
		if (found) { document.querySelector("[data-clicked]")?.removeAttribute("data-clicked"); e.dataset.clicked = ""; }
		return found;
	})`)
	b.Run(chromedp.Click(chromedp.CSS("[data-clicked]")))
}

// wait waits until an expression is true.
func (b *Tab) wait(expression string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	for {
		// While a page is left, there is nothing to ask.
		if yes, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+expression+")")); err == nil && yes {
			return
		}
		if err := chromedp.Do(ctx, chromedp.Sleep(50*time.Millisecond)); err != nil {
			b.t.Fatalf("%s stays false at %s", expression, b.where())
		}
	}
}

// Fill types into the field with a name, over what is in it.
func (b *Tab) Fill(name, value string) {
	b.t.Helper()
	field := `main [name="` + name + `"]`
	b.wait(`(() => { const e = document.querySelector(` + quoted(field) + `); if (e) e.value = ""; return e; })()`)
	b.Run(chromedp.SendKeys(chromedp.CSS(field), value))
}

// Tick clicks a check box or radio button by its name and value.
func (b *Tab) Tick(name, value string) {
	b.t.Helper()
	b.Run(chromedp.Click(chromedp.CSS(`[name="` + name + `"][value="` + value + `"]`)))
}

// Keys sends keys to what has the focus; see package kb of chromedp for those without a letter.
func (b *Tab) Keys(keys string) {
	b.t.Helper()
	b.Run(chromedp.KeyEvent(keys))
}

// TabTo presses the tabulator until what has the focus has those words, as people do who
// use the keyboard alone.
func (b *Tab) TabTo(text string) {
	b.t.Helper()
	for range 150 {
		b.Run(chromedp.KeyEvent(kb.Tab))
		if b.Focus() == text {
			return
		}
	}
	b.t.Fatalf("the tabulator does not reach %q at %s", text, b.where())
}

// Focus returns the words of what has the focus: its own, or those of its label.
func (b *Tab) Focus() string {
	b.t.Helper()
	const script = `(() => {
		const e = document.activeElement;
		return (e?.innerText || e?.labels?.[0]?.innerText || e?.value || "").trim().replace(/\s+/g, " ");
	})()`
	return ask(b, chromedp.Evaluate[string](script))
}

// Text returns what the page says.
func (b *Tab) Text() string {
	b.t.Helper()
	return ask(b, chromedp.Text(chromedp.CSS("main")))
}

// Path returns the path of the page that is shown.
func (b *Tab) Path() string {
	b.t.Helper()
	return ask(b, chromedp.Evaluate[string]("location.pathname"))
}

// Overflow returns by how many pixels the page is wider than the window.
func (b *Tab) Overflow() int {
	b.t.Helper()
	return ask(b, chromedp.Evaluate[int]("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
}

// Screenshot writes the whole page to a PNG file.
func (b *Tab) Screenshot(file string) {
	b.t.Helper()
	png := ask(b, chromedp.FullScreenshot(100))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(file, png, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// quoted writes a text for JavaScript.
func quoted(text string) string {
	written, err := json.Marshal(text)
	if err != nil {
		panic(err) // every string can be written
	}
	return string(written)
}
