/* Tells that somebody has the conversation open, writes in it, and has read what it shows; shows
   who else does, and whether there is more. Only while the page can be seen. */
(() => {
  const EVERY = 15_000;
  let typedAt = 0;

  const visit = async () => {
    const form = document.querySelector("[data-visit]");
    if (!form || document.hidden) return;
    const told = new URLSearchParams(new FormData(form));
    if (Date.now() - typedAt < EVERY) told.set("typing", "1");
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: told,
        headers: { "HX-Request": "true" },
        redirect: "error",
      });
      if (!answer.ok || answer.headers.has("HX-Refresh") || !form.isConnected) return;
      const said = (await answer.text()).trim();
      const line = document.querySelector("[data-presence]");
      if (line.dataset.said === said) return;
      line.dataset.said = said;
      line.innerHTML = said;
    } catch {
      /* No connection: the next time. */
    }
  };

  document.addEventListener("input", (event) => {
    if (!event.target.form?.matches("[data-composer]")) return;
    const begins = Date.now() - typedAt > EVERY;
    typedAt = Date.now();
    if (begins) visit();
  });
  document.addEventListener("visibilitychange", visit);
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target.id === "panes") visit();
  });
  setInterval(visit, EVERY);
  visit();
})();
