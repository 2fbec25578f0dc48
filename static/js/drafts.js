/* What somebody writes is kept on the server: after a pause, and when the page is left. A form that
   is being sent keeps nothing any more. The first button of the form does the same without this. */
(() => {
  const PAUSE = 800;
  const dirty = new Set(); // forms in which something is not kept yet
  let timer = 0;
  let kept = Promise.resolve(); // one save after another: a slow one undoes no later one

  const say = (form, words) => {
    const button = form.querySelector("[data-draft-button]");
    if (!button || !words) return;
    button.textContent = form.querySelector("[data-draft-status]").textContent = words;
  };

  const store = async (form, leaving = false) => {
    dirty.delete(form);
    const typed = [...new FormData(form)].filter(([, value]) => typeof value === "string");
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: new URLSearchParams(typed),
        headers: { "HX-Request": "true" },
        keepalive: leaving,
        redirect: "error",
      });
      const taken = answer.ok && !answer.headers.has("HX-Refresh");
      say(form, taken ? (await answer.text()).trim() : form.dataset.unsaved);
    } catch {
      dirty.add(form);
      say(form, form.dataset.unsaved);
    }
  };

  const save = (form) => (kept = kept.then(() => store(form)));
  const flush = () => [...dirty].forEach((form) => store(form, true));

  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (!form?.matches("[data-composer]") || event.target.type === "file") return;
    dirty.add(form);
    clearTimeout(timer);
    timer = setTimeout(() => [...dirty].forEach((each) => save(each)), PAUSE);
  });

  /* At once when the box is left. */
  document.addEventListener("change", (event) => {
    if (dirty.has(event.target.form)) save(event.target.form);
  });

  document.addEventListener("submit", (event) => {
    dirty.delete(event.target);
    flush();
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-draft-button]");
    if (!button) return;
    event.preventDefault();
    save(button.form);
  });

  document.addEventListener("visibilitychange", () => document.hidden && flush());
  addEventListener("pagehide", flush);
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target.id === "panes") flush();
  });

  /* What was typed before logging in again is with the browser's session: store it. */
  const waiting = document.querySelector("[data-save-now]");
  if (waiting) save(waiting);
})();
