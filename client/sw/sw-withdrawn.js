// Served in place of sw.js when a build must be withdrawn: takes over at once, drops the kept build and leaves.
// The sealed store of the tablet is not touched.
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil((async () => {
  await Promise.all((await caches.keys()).map((name) => caches.delete(name)));
  await self.registration.unregister();
})()));
