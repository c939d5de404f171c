// Small comforts for every page. Nothing here is needed: each thing works without it.

// A button with data-opens="ID" opens that <dialog>; without scripts the dialog's link leads to a page.
document.addEventListener("click", (event) => {
  const button = (event.target as Element).closest<HTMLElement>("[data-opens]");
  const dialog = button && document.getElementById(button.dataset.opens ?? "");
  if (dialog instanceof HTMLDialogElement) {
    event.preventDefault();
    dialog.showModal();
  }
  if ((event.target as Element).closest("[data-print]")) print();
});

// An open menu closes on Escape and on a click elsewhere.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = document.querySelector<HTMLDetailsElement>("details.dropdown[open]");
  if (open) {
    open.open = false;
    open.querySelector("summary")?.focus();
  }
});
document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll<HTMLDetailsElement>("details.dropdown[open]")) {
    if (!open.contains(event.target as Node)) open.open = false;
  }
});

// A form is sent once, however often a nervous finger presses.
document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-sent]")) delete form.dataset.sent;
});

// After a page came back with errors, the summary is where reading goes on.
document.querySelector<HTMLElement>(".error-summary")?.focus();

document.documentElement.classList.add("js");
