/* Keys of the workplace. What has data-key="a" is clicked by A; a box that has it gets the cursor.
   Never while somebody types, and single letters can be switched off (WCAG 2.1.4). */
const SWITCH = "nazorg.single-keys";
const TYPED_IN = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";

const lettersWork = () => localStorage.getItem(SWITCH) !== "off";

const go = (step) => {
  const links = [...document.querySelectorAll(".item > a")];
  const here = links.findIndex((link) => link.hasAttribute("aria-current"));
  const next = here < 0 ? links[0] : links[here + step];
  if (next) {
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
    next.click();
  } else {
    document.querySelector(`.further[rel="${step > 0 ? "next" : "prev"}"]`)?.click();
  }
};

const search = () => {
  const find = document.getElementById("find");
  find.open = true;
  find.querySelector("[name=q]").focus();
};

const backToTheList = () => {
  const current = document.querySelector(".item > a[aria-current]") ?? document.querySelector(".item > a");
  if (current?.checkVisibility()) current.focus();
  else document.querySelector("a.back")?.click();
};

const press = (key) => {
  const marked = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (marked?.matches(TYPED_IN)) marked.focus();
  else marked?.click();
  return Boolean(marked);
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.querySelector("dialog[open], :popover-open")) return;
  if (event.key === "Escape") return backToTheList();
  if (event.target.closest(TYPED_IN) || !lettersWork()) return;
  const key = event.key.toLowerCase();
  if (key === "j") go(1);
  else if (key === "k") go(-1);
  else if (key === "/") search();
  else if (key.length !== 1 || !press(key)) return;
  event.preventDefault();
});

const box = document.querySelector("[data-single-keys]");
box.checked = lettersWork();
box.addEventListener("change", () => localStorage.setItem(SWITCH, box.checked ? "on" : "off"));
