// Live pages: elements with data-live="topic …" and an hx-get are fetched anew when the live
// process says that one of their topics changed. Without it the page is as fresh as its load.
import htmx from "./htmx";

const address = document.querySelector<HTMLMetaElement>('meta[name="live-url"]')?.content;
const waiting = new Map<Element, number>();

function refresh(topic: string): void {
  for (const element of document.querySelectorAll("[data-live]")) {
    const topics = (element.getAttribute("data-live") ?? "").split(/\s+/);
    if (!topics.includes(topic) || waiting.has(element)) continue;
    // At most one refresh a second for each element, however busy the day.
    waiting.set(element, window.setTimeout(() => {
      waiting.delete(element);
      htmx.trigger(element, "live");
    }, 250 + Math.random() * 750));
  }
}

function listen(url: string): void {
  const topics = new Set<string>();
  document.querySelectorAll("[data-live]").forEach((element) => {
    (element.getAttribute("data-live") ?? "").split(/\s+/).forEach((topic) => topic && topics.add(topic));
  });
  if (!topics.size) return;
  const source = new EventSource(`${url}?topics=${[...topics].map(encodeURIComponent).join(",")}`, { withCredentials: true });
  source.onmessage = (message) => refresh(message.data);
  source.addEventListener("topic", (message) => refresh((message as MessageEvent<string>).data));
  addEventListener("pagehide", () => source.close());
}

if (address && "EventSource" in window) listen(address);
