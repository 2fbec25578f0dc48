/* A drawing of links is one stop for Tab; inside it the arrow keys, Home and End go from link to link.
   Without this the same links are in a list elsewhere. */
const STEPS = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };

document.addEventListener("keydown", (event) => {
  const drawing = event.target.closest?.("[data-roving]");
  if (!drawing || !(event.key in STEPS)) return;
  const links = [...drawing.querySelectorAll("a")];
  const here = links.indexOf(event.target.closest("a"));
  const next = links[Math.max(0, Math.min(links.length - 1, here + STEPS[event.key]))];
  event.preventDefault();
  for (const link of links) link.setAttribute("tabindex", link === next ? "0" : "-1");
  next.focus();
});
