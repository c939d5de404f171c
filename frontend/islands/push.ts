// Turning notifications on in this browser. Without scripts, or where the browser cannot, nothing is offered.
const box = document.querySelector<HTMLElement>("[data-push]");
const said = document.querySelector<HTMLElement>("[data-push-said]");
const can = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

const bytes = (text: string) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const text = (buffer: ArrayBuffer | null) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer ?? new ArrayBuffer(0)))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

async function turnOn(box: HTMLElement): Promise<string> {
  if ((await Notification.requestPermission()) !== "granted") return said?.dataset.refused ?? "";
  const registration = await navigator.serviceWorker.register(box.dataset.worker ?? "");
  await navigator.serviceWorker.ready;
  const subscription = await registration.pushManager.subscribe({
    userVisibleOnly: true, applicationServerKey: bytes(box.dataset.key ?? ""),
  });
  const token = document.querySelector<HTMLMetaElement>("meta[name=csrf-token]")?.content ?? "";
  const answer = await fetch(box.dataset.to ?? "", {
    method: "POST",
    headers: { "X-CSRFToken": token },
    body: new URLSearchParams({
      endpoint: subscription.endpoint, key: text(subscription.getKey("p256dh")), secret: text(subscription.getKey("auth")),
    }),
  });
  if (answer.ok) {
    location.reload();
    return "";
  }
  await subscription.unsubscribe();
  return ((await answer.json()) as { message?: string }).message ?? said?.dataset.failed ?? "";
}

if (box && can) {
  box.hidden = false;
  box.querySelector("button")?.addEventListener("click", async (event) => {
    const button = event.currentTarget as HTMLButtonElement;
    button.disabled = true;
    const words = await turnOn(box).catch(() => said?.dataset.failed ?? "");
    if (said) said.textContent = words;
    button.disabled = false;
  });
}
