import htmx from "htmx.org";

// Settings are in the page's <meta name="htmx-config">; CSRF goes along with every request of ours.
document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content;
  if (token) (event as CustomEvent).detail.headers["X-CSRFToken"] = token;
});

// What was swapped in says where focus goes; otherwise focus stays.
document.addEventListener("htmx:afterSettle", (event) => {
  (event.target as Element).querySelector<HTMLElement>("[data-focus]")?.focus();
});

// What is typed while an answer is on its way stays typed: on a bad network that takes seconds.
type Field = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;
const asked = new WeakMap<Element, Map<string, string>>();
let typed: [string, string][] = [];

function said(form: HTMLFormElement): Map<string, string> {
  const fields = [...form.elements].filter((one) => one.id && one.matches("input:not([type=file], [type=hidden]), select, textarea")) as Field[];
  return new Map(fields.map((one) => [one.id, one.matches("[type=radio], [type=checkbox]") ? String((one as HTMLInputElement).checked) : one.value]));
}
document.addEventListener("htmx:beforeRequest", (event) => {
  const form = (event.target as Element).closest("form");
  if (form) asked.set(form, said(form));
});
document.addEventListener("htmx:beforeSwap", (event) => {
  const form = (event.target as Element).closest("form");
  const before = form && asked.get(form);
  typed = before ? [...said(form)].filter(([id, value]) => before.get(id) !== value) : [];
});
document.addEventListener("htmx:afterSwap", () => {
  for (const [id, value] of typed) {
    const field = document.getElementById(id) as Field | null;
    if (field?.matches("[type=radio], [type=checkbox]")) (field as HTMLInputElement).checked = value === "true";
    else if (field) field.value = value;
  }
  typed = [];
});

export default htmx;
