// Live pages: when the live process says that something changed, each element with data-live fetches
// itself anew from data-live-url (else from this page's address), or by its own hx-get hx-trigger="live". Without it a page is as fresh as its load.
import htmx from "./htmx";

const address = document.querySelector<HTMLMetaElement>('meta[name="live-url"]')?.content;
const waiting = new Set<string>();

/** At most one refresh a second for each name, however busy the day; none while a dialog is open. */
function refresh(name: string): void {
  if (waiting.has(name)) return;
  waiting.add(name);
  window.setTimeout(() => {
    waiting.delete(name);
    const element = document.querySelector<HTMLElement>(`[data-live="${CSS.escape(name)}"]`);
    if (!element || document.querySelector("dialog[open]")) return;
    if (element.hasAttribute("hx-get")) {
      htmx.trigger(element, "live"); // it says itself how
      return;
    }
    const focused = element.contains(document.activeElement) ? document.activeElement?.getAttribute("href") : null;
    const url = element.dataset.liveUrl ?? location.href;
    void htmx.ajax("get", url, { target: element, select: `[data-live="${CSS.escape(name)}"]`, swap: "outerHTML" }).then(() => {
      if (focused) document.querySelector<HTMLElement>(`[data-live="${CSS.escape(name)}"] [href="${CSS.escape(focused)}"]`)?.focus();
    });
  }, 250 + Math.random() * 750);
}

if (address && "EventSource" in window && document.querySelector("[data-live]")) {
  const source = new EventSource(address);
  source.addEventListener("changed", () => {
    document.querySelectorAll<HTMLElement>("[data-live]").forEach((element) => refresh(element.dataset.live ?? ""));
  });
  addEventListener("pagehide", () => source.close());
}
