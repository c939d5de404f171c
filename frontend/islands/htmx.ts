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

export default htmx;
