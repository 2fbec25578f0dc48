/* A pill of the inbox, clicked, fills in the search form and sends that. So there is one place that
   knows what is asked for: whatever was typed or chosen last, the rows and the address follow it.
   Without this file a pill is a link with the search as it was when the page was made. */
document.addEventListener("click", (event) => {
  const pill = event.target.closest("a[data-state]");
  const elsewhere = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
  if (!pill || elsewhere) return;
  event.preventDefault();
  const search = document.getElementById("search");
  search.elements.state.value = pill.dataset.state;
  search.requestSubmit();
});
