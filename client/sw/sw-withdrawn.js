// Served in place of sw.js when a build must be withdrawn: takes over at once, drops every kept build that no tab runs, and
// leaves. A tab that runs one goes on, and finds its files until it is closed. The sealed store of the tablet is not touched.
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil((async () => {
  const held = (await navigator.locks.query()).held.map((lock) => lock.name);
  await Promise.all((await caches.keys()).filter((name) => !held.includes(name)).map((name) => caches.delete(name)));
  await self.registration.unregister();
})()));
self.addEventListener("fetch", (event) => {
  const { pathname } = new URL(event.request.url);
  if (event.request.method !== "GET" || !pathname.startsWith("/a/")) return;
  event.respondWith(caches.match(pathname).then((kept) => kept ?? fetch(event.request)));
});
