package officetest

import "fmt"

// Ask opens the nth question of the page, from 0, which the script shows as a dialog.
func (b *Tab) Ask(n int) {
	b.t.Helper()
	b.wait(fmt.Sprintf(`(() => {
		const ask = document.querySelectorAll("details.ask")[%d];
		if (ask) ask.open = true;
		return ask?.querySelector("dialog[open]");
	})()`, n))
}

// Dismiss closes the question that is open.
func (b *Tab) Dismiss() {
	b.t.Helper()
	b.wait(`(() => {
		document.querySelector("dialog[open]")?.close();
		return !document.querySelector("dialog[open], details.ask[open]");
	})()`)
}

// Await waits until a selector finds something.
func (b *Tab) Await(selector string) {
	b.t.Helper()
	b.wait("document.querySelector(" + quoted(selector) + ")")
}

// Shows waits until something that a selector finds has a text, or a field has it as its value.
func (b *Tab) Shows(selector, text string) {
	b.t.Helper()
	b.wait("[...document.querySelectorAll(" + quoted(selector) + ")].some((e) => (e.value ?? e.textContent).includes(" + quoted(text) + "))")
}

// Unchecked turns the browser's own check of fields off, so that a wrong form is sent.
func (b *Tab) Unchecked() {
	b.t.Helper()
	b.wait(`(() => { for (const form of document.forms) form.noValidate = true; return document.forms.length; })()`)
}
