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
  const open = document.querySelector(".item > a[aria-current]");
  open?.parentElement.classList.remove("unread");
});
document.addEventListener("list:renewed", markCurrent);

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens).showModal();
  // Another list is of what was typed last, also when the search had no time to begin.
  const other = event.target.closest("#views > a, #list-parts > a");
  if (other && !other.hasAttribute("download")) {
    const url = new URL(other.href);
    const words = document.querySelector("#find [name=q]").value;
    if (words) url.searchParams.set("q", words);
    else url.searchParams.delete("q");
    other.href = url;
  }
});

document.querySelector(".item > a[aria-current]")?.scrollIntoView({ block: "center" });
