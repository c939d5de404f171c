// The work of a unit: a step dragged onto a person is given to them, with the others that are ticked if it is.
export {};

const form = document.querySelector<HTMLFormElement>("form[data-loads]");
let dragged: HTMLInputElement | null = null;

form?.addEventListener("dragstart", (event) => {
  dragged = (event.target as Element).closest("li")?.querySelector<HTMLInputElement>('input[name="task"]') ?? null;
  if (event.dataTransfer && dragged) {
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.value);
  }
});
form?.addEventListener("dragover", (event) => {
  const place = (event.target as Element).closest("[data-to]");
  form.querySelectorAll(".over").forEach((old) => old.classList.toggle("over", old === place));
  if (!place || !dragged || place.contains(dragged)) return;
  place.classList.add("over");
  event.preventDefault();
});
form?.addEventListener("dragend", () => form.querySelectorAll(".over").forEach((old) => old.classList.remove("over")));
form?.addEventListener("drop", (event) => {
  const button = (event.target as Element).closest("[data-to]")?.querySelector<HTMLButtonElement>('button[name="to"]');
  if (!button || !dragged) return;
  event.preventDefault();
  if (!dragged.checked) form.querySelectorAll<HTMLInputElement>('input[name="task"]').forEach((box) => (box.checked = box === dragged));
  form.requestSubmit(button);
});
