// Wakes for a message of ours, shows it, and opens its page. It keeps nothing and answers no requests of pages.
addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

addEventListener("push", (event) => {
  const said = event.data ? event.data.json() : { title: "Tỉnh Số", body: "", url: "/thong-bao/", tag: "" };
  // The same tag replaces: a message that comes twice is shown once.
  event.waitUntil(registration.showNotification(said.title, { body: said.body, tag: said.tag, data: { url: said.url }, lang: "vi" }));
});

addEventListener("notificationclick", (event) => {
  event.notification.close();
  const url = new URL(event.notification.data.url, location.origin);
  const ours = url.origin === location.origin ? url.href : location.origin + "/thong-bao/";
  event.waitUntil(clients.openWindow(ours));
});
