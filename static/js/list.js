/* A query of the list that is opened beside it is the current one, and read. */
document.addEventListener("htmx:afterSwap", (event) => {
  const link = event.detail.requestConfig?.elt;
  if (!link?.matches(".item")) return;
  document.querySelector(".item[aria-current]")?.removeAttribute("aria-current");
  link.setAttribute("aria-current", "true");
  link.classList.remove("unread");
});
