// A reason chosen from those an agency writes often goes into the field below; what is typed there already stays.
export {};

document.addEventListener("change", (event) => {
  const select = event.target as HTMLSelectElement;
  const field = select.dataset?.fills ? document.getElementById(select.dataset.fills) : null;
  if (!(field instanceof HTMLTextAreaElement) || !select.value) return;
  field.value = field.value.trim() ? `${field.value.trimEnd()}\n${select.value}` : select.value;
  select.value = "";
  field.focus();
});
