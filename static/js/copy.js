/* Copies a quote or a secret; without this, or where the browser refuses, it is selected as any text. */
document.querySelectorAll("[data-copy]").forEach((button) => {
  const quote = document.querySelector("[data-quote]");
  if (!quote || !navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const lines = [...quote.children].map((part) => part.innerText.trim());
    await navigator.clipboard.writeText(lines.join("\n"));
    button.querySelector("span").textContent = button.dataset.copy;
  });
});
