// The pages work without this script; it makes questions into dialogs, sends a form once, and
// keeps pages about work that goes on up to date.
"use strict";

// A question opens as a dialog: <details class="ask"> has the form.
for (const ask of document.querySelectorAll("details.ask")) {
  const summary = ask.querySelector("summary");
  const form = ask.querySelector("form");
  const dialog = document.createElement("dialog");
  const heading = form.querySelector("h2");
  heading.id ||= "q" + Math.random().toString(36).slice(2);
  dialog.setAttribute("aria-labelledby", heading.id);
  const cancel = document.createElement("button");
  cancel.type = "button";
  cancel.className = "button secondary";
  cancel.textContent = document.documentElement.lang === "en" ? "Cancel" : "Annulla";
  cancel.addEventListener("click", () => dialog.close());
  form.querySelector(".buttons").append(cancel);
  dialog.append(form);
  ask.append(dialog);
  dialog.addEventListener("close", () => { ask.open = false; summary.focus(); });
  ask.addEventListener("toggle", () => { if (ask.open && !dialog.open) dialog.showModal(); });
  if (ask.open) dialog.showModal();
}

// A form is sent once.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
  });
}
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// What goes on is shown again until it ends.
async function poll(main) {
  if (!main?.dataset.poll) return;
  await new Promise((resume) => setTimeout(resume, Number(main.dataset.poll) * 1000));
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const next = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
    if (next && !main.contains(document.activeElement)) {
      next.setAttribute("aria-live", "polite");
      main.replaceWith(next);
      main = next;
    } else if (next) {
      main.innerHTML = next.innerHTML;
      if (!next.dataset.poll) delete main.dataset.poll;
    }
  } catch { /* the next round tries again */ }
  poll(main);
}
poll(document.querySelector("main[data-poll]"));

// What has to be corrected comes first.
document.querySelector("[role=alert] a[href^='#f-'], [aria-invalid=true]")?.focus();
