/* The list beside a conversation: what is opened is the current one, and read; the list stays where
   it is. Without this file each query is a page, whose list shows the same. */
const markCurrent = () => {
  for (const link of document.querySelectorAll(".item > a")) {
    const isOpen = link.pathname === location.pathname;
    if (isOpen) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
};

document.addEventListener("htmx:pushedIntoHistory", () => {
  markCurrent();
  document.querySelector(".item.unread > a[aria-current]")?.parentElement.classList.remove("unread");
});
document.addEventListener("list:renewed", markCurrent);
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens).showModal();
});
document.querySelector(".item > a[aria-current]")?.scrollIntoView({ block: "center" });
