// The desk by keyboard: j/k move, Enter opens (the link has focus), / searches, ? shows the keys,
// and one key an action: any element with data-key="t" is pressed by t.

const rows = () => [...document.querySelectorAll<HTMLElement>("[data-row]")].filter((row) => row.offsetParent);

function move(step: number): void {
  const all = rows();
  if (!all.length) return;
  const active = document.activeElement;
  const focused = all.findIndex((row) => row === active || (active?.matches(".tick input") && row.parentElement?.contains(active)));
  const here = focused >= 0 ? focused : all.findIndex((row) => row.hasAttribute("aria-current"));
  const next = all[Math.min(all.length - 1, Math.max(0, here + step))];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}

function typing(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement && /^(checkbox|radio)$/.test(target.type)) return false; // only Space and arrows are theirs
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (typing(event.target)) {
    if (event.key === "Escape") (event.target as HTMLElement).blur();
    return;
  }
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "j" || event.key === "k") {
    move(event.key === "j" ? 1 : -1);
  } else if (event.key === "/") {
    document.querySelector<HTMLInputElement>("[data-search]")?.focus();
  } else if (event.key === "?") {
    showKeys();
  } else {
    const button = document.querySelector<HTMLElement>(`[data-key="${CSS.escape(event.key)}"]:not(:disabled)`);
    if (!button) return;
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(button.tagName)) button.focus();
    else button.click();
    // What a summary opens is there to be filled in.
    if (button.tagName === "SUMMARY") button.parentElement?.querySelector<HTMLElement>("textarea, input:not([type=hidden])")?.focus();
  }
  event.preventDefault();
});

/** Lists this page's own action keys in the dialog, then opens it. */
function showKeys(): void {
  const dialog = document.getElementById("keys");
  const list = dialog?.querySelector("dl");
  if (!(dialog instanceof HTMLDialogElement) || !list) return;
  list.querySelectorAll("[data-own]").forEach((old) => old.remove());
  for (const element of document.querySelectorAll<HTMLElement>("[data-key]")) {
    const name = document.createElement("dt");
    const key = document.createElement("kbd");
    key.textContent = element.dataset.key ?? "";
    name.append(key);
    const what = document.createElement("dd");
    what.textContent = element.dataset.keyLabel ?? element.getAttribute("aria-label") ?? label(element);
    name.dataset.own = what.dataset.own = "";
    list.append(name, what);
  }
  dialog.showModal();
}

/** The words of a button without its key hint. */
function label(element: HTMLElement): string {
  const copy = element.cloneNode(true) as HTMLElement;
  copy.querySelectorAll("kbd").forEach((hint) => hint.remove());
  return (copy.textContent ?? "").trim();
}
