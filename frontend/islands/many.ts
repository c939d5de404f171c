// Many at once: ticks in the queue outlive its refreshing itself, and show only what can be done with them.
export {};

const ticked = new Set<string>();
const form = document.querySelector<HTMLFormElement>("form.many");
const most = Number(form?.dataset.most ?? 0);
const boxes = (): HTMLInputElement[] => [...document.querySelectorAll<HTMLInputElement>('#queue input[name="task"]')];

/** The boxes as the set has them; what left the queue leaves the set. */
function show(): void {
  const here = boxes();
  const values = new Set(here.map((box) => box.value));
  for (const value of ticked) if (!values.has(value)) ticked.delete(value);
  for (const box of here) {
    box.checked = ticked.has(box.value);
    box.disabled = !box.checked && ticked.size >= most;
  }
  const kinds = new Set(here.filter((box) => box.checked).map((box) => box.dataset.kind ?? ""));
  form?.querySelectorAll<HTMLButtonElement>("button[data-kinds]").forEach((button) => {
    button.hidden = !(button.dataset.kinds ?? "").split(" ").some((kind) => kinds.has(kind));
  });
  const count = form?.querySelector("[data-count]");
  if (count) count.textContent = String(ticked.size);
  form?.classList.toggle("ready", ticked.size > 0);
}

// Space ticks the row that has the focus, as it would a box; Enter on a box opens its row.
document.addEventListener("keydown", (event) => {
  const row = event.target as HTMLElement;
  if (event.key === "Enter" && row.matches(".tick input")) row.closest("li")?.querySelector<HTMLElement>("a")?.click();
  if (event.key !== " " || !row.matches("a[data-row]")) return;
  row.closest("li")?.querySelector<HTMLInputElement>('input[name="task"]')?.click();
  event.preventDefault();
});

if (form) {
  document.addEventListener("change", (event) => {
    const box = event.target as HTMLInputElement;
    if (box.name !== "task" || !box.closest("#queue")) return;
    if (box.checked) ticked.add(box.value);
    else ticked.delete(box.value);
    show();
  });
  const all = form.querySelector<HTMLButtonElement>("[data-tick-all]");
  if (all) all.hidden = false;
  all?.addEventListener("click", () => {
    if (ticked.size) ticked.clear();
    else for (const box of boxes().slice(0, most)) ticked.add(box.value);
    show();
  });
  document.addEventListener("htmx:afterSwap", show);
  addEventListener("pageshow", () => {
    for (const box of boxes()) if (box.checked) ticked.add(box.value); // as the server, or the browser going back, has them
    show();
  });
}
