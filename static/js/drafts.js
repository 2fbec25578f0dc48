/* What somebody writes is kept on the server: after a pause, and when the page is left. A form that
   is being sent keeps nothing any more. The first button of the form does the same without this. */
(() => {
  const PAUSE = 800;
  let dirty = null;
  let timer = 0;

  const save = async (form, leaving = false) => {
    clearTimeout(timer);
    dirty = null;
    const typed = new URLSearchParams(
      [...new FormData(form)].filter(([, value]) => typeof value === "string"),
    );
    const status = form.querySelector("[data-draft-status]");
    let said = form.dataset.unsaved;
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: typed,
        headers: { "HX-Request": "true" },
        keepalive: leaving,
        redirect: "error",
      });
      if (answer.ok && !answer.headers.has("HX-Refresh")) said = (await answer.text()).trim();
    } catch {
      dirty = form;
    }
    const button = form.querySelector("[data-draft-button]");
    if (button && said) button.textContent = status.textContent = said;
  };

  const flush = () => dirty && save(dirty, true);

  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (!form?.matches("[data-composer]") || event.target.type === "file") return;
    dirty = form;
    clearTimeout(timer);
    timer = setTimeout(() => save(form), PAUSE);
  });

  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-composer]")) return;
    clearTimeout(timer);
    dirty = null;
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
