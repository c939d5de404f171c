// Live pages: elements with data-live and an hx-get are fetched anew when the live process says
// that something changed at the agencies this page shows. Without it the page is as fresh as its load.
import htmx from "./htmx";

const address = document.querySelector<HTMLMetaElement>('meta[name="live-url"]')?.content;
const waiting = new Set<Element>();

function refresh(): void {
  for (const element of document.querySelectorAll("[data-live]")) {
    if (waiting.has(element)) continue;
    waiting.add(element);
    // At most one refresh a second for each element, however busy the day.
    window.setTimeout(() => {
      waiting.delete(element);
      htmx.trigger(element, "live");
    }, 250 + Math.random() * 750);
  }
}

if (address && "EventSource" in window && document.querySelector("[data-live]")) {
  const source = new EventSource(address);
  source.addEventListener("changed", refresh);
  addEventListener("pagehide", () => source.close());
}
