/* Asks now and then, while somebody looks, whether the list changed. If it did, its parts are put in
   again: focus, ticks and scroll place stay, and what is being typed is not touched. */
const EVERY = 20_000;
let mark = "";
let asked = "";

const renew = (fresh) => {
  const list = document.getElementById("list");
  const ticked = [...list.querySelectorAll(".item > :checked")].map((box) => box.value);
  const focused = document.activeElement;
  const place = focused?.closest?.("[data-live]") && (focused.getAttribute("href") ?? focused.value);
  for (const part of list.querySelectorAll("[data-live]")) {
    const replacement = fresh.querySelector(`#${part.id}`);
    if (!replacement || part.matches(":popover-open")) continue;
    const top = part.scrollTop;
    part.replaceWith(replacement);
    replacement.scrollTop = top;
    htmx.process(replacement);
  }
  list.dataset.poll = fresh.dataset.poll;
  for (const box of list.querySelectorAll(".item > input")) box.checked = ticked.includes(box.value);
  if (place) {
    const again = [...list.querySelectorAll("a, input")];
    again.find((one) => (one.getAttribute("href") ?? one.value) === place)?.focus({ preventScroll: true });
  }
  for (const count of document.querySelectorAll("[data-waiting-count]")) {
    count.textContent = fresh.dataset.waiting;
  }
  document.dispatchEvent(new Event("list:renewed"));
};

const ask = async () => {
  const { poll } = document.getElementById("list").dataset;
  if (poll !== asked) mark = "";
  asked = poll;
  const answer = await fetch(poll, { headers: { "If-None-Match": mark, "HX-Request": "true" } });
  if (answer.status !== 200 || answer.headers.has("HX-Refresh")) return;
  mark = answer.headers.get("ETag") ?? "";
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("list");
  if (fresh && poll === document.getElementById("list").dataset.poll) renew(fresh);
};

const later = () => setTimeout(tick, EVERY);
const tick = async () => {
  if (!document.hidden) await ask().catch(() => {});
  later();
};
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) ask().catch(() => {});
});
later();
