// The form builder: a piece is dragged onto another, or moved by Alt with an arrow; answers are inserted where one writes.
// All of it presses a button of the outline's form, which works without this.
export {};

const outline = () => document.querySelector<HTMLFormElement>("form[data-outline]");
let dragged: HTMLElement | null = null;

function press(what: string, to = ""): void {
  const form = outline();
  const button = form?.querySelector<HTMLButtonElement>('button[name="do"][hidden]');
  const target = form?.querySelector<HTMLInputElement>('input[name="to"]');
  if (!form || !button) return;
  button.value = what;
  if (target) target.value = to;
  button.click(); // htmx learns by the click which button it was
}
const piece = (event: Event) => (event.target as Element | null)?.closest?.<HTMLElement>(".piece[data-place]") ?? null;

document.addEventListener("dragstart", (event) => {
  dragged = piece(event);
  if (!dragged || !event.dataTransfer) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", dragged.textContent?.trim() ?? "");
});
document.addEventListener("dragover", (event) => {
  const over = dragged && piece(event);
  document.querySelectorAll(".piece.over").forEach((old) => old.classList.toggle("over", old === over));
  if (!over || over === dragged) return;
  over.classList.add("over");
  event.preventDefault();
});
document.addEventListener("dragend", () => {
  document.querySelectorAll(".piece.over").forEach((old) => old.classList.remove("over"));
  dragged = null;
});
document.addEventListener("drop", (event) => {
  const target = dragged && piece(event);
  if (!dragged || !target || target === dragged) return;
  event.preventDefault();
  press(`move ${dragged.dataset.place}`, target.dataset.place);
});
document.addEventListener("keydown", (event) => {
  if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
  const place = piece(event)?.dataset.place;
  if (!place || !outline()?.querySelector("[draggable]")) return;
  event.preventDefault();
  press(`${event.key === "ArrowUp" ? "up" : "down"} ${place}`);
});

// The outline stays where it was scrolled to.
let scrolled = 0;
document.addEventListener("htmx:beforeSwap", () => (scrolled = document.querySelector(".designer .outline")?.scrollTop ?? 0));
document.addEventListener("htmx:afterSwap", () => document.querySelector(".designer .outline")?.scrollTo(0, scrolled));

document.addEventListener("change", (event) => {
  const select = event.target as HTMLSelectElement;
  const field = select.dataset?.inserts ? document.getElementById(select.dataset.inserts) : null;
  if (!(field instanceof HTMLTextAreaElement) || !select.value) return;
  field.setRangeText(select.value, field.selectionStart, field.selectionEnd, "end");
  select.value = "";
  field.focus();
});
