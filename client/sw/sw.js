// The service worker: keeps one whole build on the tablet and answers from it, so that Simpul opens without a network.
// It never sees case data: /sync, /enrol and /live pass it by, and what it keeps is the same for everybody.
// A new build waits until the person (or the next cold start) lets it in; it never changes under an open form. A tab that still
// runs an older build is answered from that build: each tab holds a lock named as its build's cache, and only a cache that no
// tab holds is dropped.
const BUILD = "{{build}}";
const CACHE = `simpul-${BUILD}`;
const PACK_CACHE = "simpul-pack";
const FILES = new Map({{files}});
const PASS_BY = ["/sync", "/live", "/health", "/metrics"];

const isHashed = (path) => path.startsWith("/a/");
const isBuild = (name) => /^simpul-[0-9a-f]+$/.test(name);

async function digest(bytes) {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Fetches one file of this build, or takes it from an older build: a hashed name means the same bytes.
async function keep(cache, path, expected) {
  const kept = isHashed(path) ? await caches.match(path) : undefined;
  if (kept) return cache.put(path, kept);
  const answer = await fetch(path, { cache: isHashed(path) ? "default" : "no-cache", credentials: "omit" });
  if (!answer.ok) throw new Error("precache: not served");
  const bytes = await answer.arrayBuffer();
  if ((await digest(bytes)) !== expected) throw new Error("precache: another build");
  const headers = new Headers(answer.headers);
  headers.delete("content-encoding");
  headers.delete("content-length");
  return cache.put(path, new Response(bytes, { headers }));
}

// All or nothing: with one file missing the old build stays. What was kept before belongs to a worker that may be in force.
async function install() {
  const wasKept = await caches.has(CACHE);
  const cache = await caches.open(CACHE);
  try {
    await Promise.all([...FILES].map(([path, expected]) => keep(cache, path, expected)));
  } catch (error) {
    if (!wasKept) await caches.delete(CACHE);
    throw error;
  }
}

// Drops builds no tab runs any more. Not while another build is arriving, nor while a tab has not said yet what it runs.
async function tidy() {
  if (self.registration.installing || self.registration.waiting) return;
  const tabs = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const held = (await navigator.locks.query()).held.map((lock) => lock.name).filter(isBuild);
  if (held.length < tabs.length) return;
  const names = await caches.keys();
  const isDone = (name) => name !== CACHE && name !== PACK_CACHE && !held.includes(name);
  await Promise.all(names.filter(isDone).map((name) => caches.delete(name)));
}

async function activate() {
  await tidy();
  await self.clients.claim();
}

async function fromBuild(path, request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(path)) ?? fetch(request);
}

// A hashed name means the same bytes in whichever build it is kept; the relay may have this build's files only.
async function fromAnyBuild(path, request) {
  return (await caches.match(path)) ?? fetch(request);
}

async function packFromNetwork(request) {
  const cache = await caches.open(PACK_CACHE);
  try {
    const answer = await fetch(request);
    if (answer.ok) await cache.put("/pack", answer.clone());
    return answer;
  } catch (error) {
    const kept = await cache.match("/pack");
    if (kept) return kept;
    throw error;
  }
}

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("message", (event) => {
  if (event.data === "activate") self.skipWaiting();
  if (event.data === "tidy") event.waitUntil(tidy());
});
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (PASS_BY.some((path) => url.pathname === path || url.pathname.startsWith(`${path}/`))) return;
  if (url.pathname === "/pack") event.respondWith(packFromNetwork(request));
  else if (isHashed(url.pathname)) event.respondWith(fromAnyBuild(url.pathname, request));
  else if (FILES.has(url.pathname)) event.respondWith(fromBuild(url.pathname, request));
  else if (request.mode === "navigate") event.respondWith(fromBuild("/index.html", request));
});
