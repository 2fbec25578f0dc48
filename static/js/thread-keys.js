/* The keys of a conversation: R reply, N note, ; saved reply, E unfold closing, then 0–9 and T for
   ten; Ctrl Enter sends, Ctrl Shift Enter sends and closes when that is unfolded, Esc folds. When
   single letters do nothing is said in keys.js. */
(() => {
  const find = (selector) => document.querySelector(selector);
  const write = (kind) => find(`[data-mode="${kind}"]`)?.click();
  const score = (number) => {
    const radio = find(`.closer[open] input[name="predicted_score"][value="${number}"]`);
    radio?.click();
    return radio;
  };

  const letters = {
    r: () => write("reply") ?? find('[data-composer="reply"] textarea')?.focus(),
    n: () => write("note") ?? find('[data-composer="note"] textarea')?.focus(),
    e: () => {
      const closer = find("[data-composer]:not([hidden]) [data-closer]");
      if (!closer) return;
      closer.open = true;
      closer.querySelector("summary").focus();
    },
    ";": () => {
      const menu = find("[data-composer]:not([hidden]) [data-saved-replies]");
      if (!menu) return;
      menu.open = true;
      menu.querySelector("button, a")?.focus();
    },
    t: () => score(10),
  };

  const fold = (event) => {
    const open = event.target.closest?.("details[open]") ?? find(".composer details[open]");
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
    event.preventDefault();
    event.stopImmediatePropagation();
  };

  const send = (event) => {
    const form = event.target.form ?? find("[data-composer]:not([hidden])");
    if (!form?.matches("[data-composer]")) return;
    const closes = event.shiftKey && form.querySelector("[data-closer][open]");
    const kind = event.shiftKey ? "close" : form.dataset.composer === "note" ? "note" : "wait";
    if (event.shiftKey && !closes) return;
    event.preventDefault();
    form.querySelector(`[data-send="${kind}"]`)?.click();
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return send(event);
    if (event.key === "Escape") return fold(event);
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest(TYPED_IN) || !lettersWork()) return;
    const key = event.key.toLowerCase();
    const done = /^[0-9]$/.test(key) ? score(key) : letters[key];
    if (!done) return;
    event.preventDefault();
    if (typeof done === "function") done();
  });
})();
