/* The box to write in: reply or note, saved replies at the cursor, a sentence taken out, and one
   send for however many clicks. Without this each of them is a button of the form. */
(() => {
  const forms = () => [...document.querySelectorAll("[data-composer]")];
  const changed = (box) => box.dispatchEvent(new Event("input", { bubbles: true }));

  const show = (kind) => {
    for (const form of forms()) form.hidden = form.dataset.composer !== kind;
    const box = document.querySelector(`[data-composer="${kind}"] textarea`);
    box?.focus();
    box?.setSelectionRange(box.value.length, box.value.length);
  };

  const put = (box, text) => {
    const before = box.value.slice(0, box.selectionStart);
    const gap = before && !/\s$/.test(before) ? "\n\n" : "";
    box.setRangeText(gap + text, box.selectionStart, box.selectionEnd, "end");
    changed(box);
    box.focus();
  };

  const insert = async (button) => {
    const typed = new URLSearchParams({ saved_reply: button.value });
    typed.set("csrfmiddlewaretoken", button.form.elements.csrfmiddlewaretoken.value);
    const answer = await fetch(button.formAction, {
      method: "POST",
      body: typed,
      headers: { "HX-Request": "true" },
    });
    if (!answer.ok || answer.headers.has("HX-Refresh")) return;
    put(button.form.elements.body, await answer.text());
    button.closest("details").open = false;
  };

  const remove = (button) => {
    const box = button.form.elements.body;
    const at = box.value.indexOf(button.value);
    if (at >= 0) {
      const before = box.value.slice(0, at).replace(/ +$/, "");
      const after = box.value.slice(at + button.value.length).replace(/^ +/, "");
      const gap = before && after && !before.endsWith("\n") && !after.startsWith("\n") ? " " : "";
      box.value = before + gap + after;
    }
    button.closest(".advice").remove();
    changed(box);
    box.focus();
  };

  const acts = {
    "[data-mode]": (button) => show(button.dataset.mode),
    "[data-insert]": insert,
    "[data-remove]": remove,
  };

  document.addEventListener("click", (event) => {
    for (const [selector, act] of Object.entries(acts)) {
      const button = event.target.closest(selector);
      if (button?.form) {
        event.preventDefault();
        act(button);
        return;
      }
    }
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-composer]")) return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
  addEventListener("pageshow", () => forms().forEach((form) => delete form.dataset.sent));

  /* Too late is too late: nobody is offered what cannot be done any more. */
  const expire = () => {
    const undo = document.querySelector("[data-undo-until]");
    if (!undo) return;
    const left = new Date(undo.dataset.undoUntil) - Date.now();
    setTimeout(() => undo.querySelector("button")?.remove(), Math.max(left, 0));
  };
  expire();
  document.addEventListener("htmx:afterSettle", expire);
})();
