// Keeps the page's own files for when the server is away for a moment; nothing of the API, no picture, no video.

const SHELF = "spotter-page-1";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  const own = event.request.method === "GET" && url.origin === location.origin && !url.search;
  if (!own || url.pathname.startsWith("/api/") || url.pathname.startsWith("/docs")) return;
  event.respondWith(
    (async () => {
      const shelf = await caches.open(SHELF);
      try {
        const answer = await fetch(event.request);
        if (answer.ok) await shelf.put(event.request, answer.clone());
        return answer;
      } catch (error) {
        const kept = await shelf.match(event.request);
        if (kept) return kept;
        throw error;
      }
    })(),
  );
});
