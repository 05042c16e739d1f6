/* Keeps static files whose address carries their digest, and the page without a network. Nothing else, nobody's page. */
"use strict";
const CACHE = "static-{{ version }}";
const OFFLINE = {{ offline|tojson }};
const KEPT = {{ kept|tojson }};

self.addEventListener("install", (event) => event.waitUntil((async () => {
  const cache = await caches.open(CACHE);
  await cache.addAll([...KEPT, OFFLINE].map((address) => new Request(address, { credentials: "omit" })));
  await self.skipWaiting();
})()));

self.addEventListener("activate", (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name !== CACHE) await caches.delete(name);
  await self.registration.navigationPreload?.enable();
  await self.clients.claim();
})()));

const page = async (event) => {
  try {
    return (await event.preloadResponse) || (await fetch(event.request));
  } catch (error) {
    return (await caches.match(OFFLINE)) || Response.error();
  }
};

const file = async (request) => {
  const kept = await caches.match(request, { ignoreVary: true });
  if (kept) return kept;
  const found = await fetch(request);
  if (found.status === 200 && found.type === "basic") await (await caches.open(CACHE)).put(request, found.clone());
  return found;
};

self.addEventListener("fetch", (event) => {
  const { request } = event, address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(event));
  else if (address.pathname.startsWith("/static/") && address.searchParams.has("v")) event.respondWith(file(request));
});
