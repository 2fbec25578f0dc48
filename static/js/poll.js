/* Asks now and then, while somebody looks, whether the list changed; less often of who touches
   nothing. If it did, its parts are put in again: focus, ticks and scroll place stay, and the search
   that is being typed is not touched. */
const EVERY = 20_000;
const RARELY = 3; // every how many times of who touches nothing
const AT_REST_AFTER = 120_000;
const rows = () => document.getElementById("list-rows");
let mark = "";
let asked = "";

/* What tells a link or a box of the list from others, also after it was put in again. */
const nameOf = (element) => element.getAttribute("href") ?? element.value;

const renew = (page) => {
  const list = document.getElementById("list");
  const ticked = [...list.querySelectorAll(".item > :checked")].map(nameOf);
  const focused = document.activeElement.closest("[data-live]") && nameOf(document.activeElement);
  for (const part of list.querySelectorAll("[data-live]")) {
    const fresh = page.getElementById(part.id);
    if (!fresh || part.matches(":popover-open")) continue;
    const { scrollTop } = part;
    part.replaceWith(fresh);
    fresh.scrollTop = scrollTop;
    htmx.process(fresh);
  }
  for (const box of list.querySelectorAll(".item > input")) {
    box.checked = ticked.includes(nameOf(box));
  }
  if (focused) {
    const places = [...list.querySelectorAll("[data-live] :is(a, input)")];
    places.find((place) => nameOf(place) === focused)?.focus({ preventScroll: true });
  }
  const { waiting } = rows().dataset; // of a search nobody counts all that waits
  for (const count of document.querySelectorAll("[data-waiting-count]")) {
    if (waiting) count.textContent = waiting;
  }
  document.dispatchEvent(new Event("list:renewed"));
};

const ask = async () => {
  const { poll } = rows().dataset;
  if (poll !== asked) mark = "";
  asked = poll;
  const answer = await fetch(poll, { headers: { "If-None-Match": mark, "HX-Request": "true" } });
  if (answer.status !== 200 || answer.headers.has("HX-Refresh")) return;
  mark = answer.headers.get("ETag");
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (poll === rows().dataset.poll && page.getElementById("list-rows")) renew(page);
};

const askIfSeen = () => {
  if (!document.hidden) ask().catch(() => {}); // without a network the next time will do
};

let touched = Date.now();
for (const kind of ["keydown", "pointerdown"]) {
  document.addEventListener(kind, () => { touched = Date.now(); }, { passive: true });
}
let times = 0;
setInterval(() => {
  times += 1;
  if (Date.now() - touched < AT_REST_AFTER || times % RARELY === 0) askIfSeen();
}, EVERY);
document.addEventListener("visibilitychange", askIfSeen);
