// The service worker. It keeps the page's own files (by their hashed names) and the last feed a person saw, so that the
// feed opens without a network; and it shows what a push service brings. It keeps nothing of the API, of pictures, of
// tokens. One of another version takes over at once.

const SHELL = {{ shell|safe }};
const KEEP = `matpho-shell-${SHELL.version}`;
const FEED = "matpho-feed";
const FEED_PAGES = SHELL.feeds;
const PATIENCE_MS = 4000;

self.addEventListener("install", (event) => {
  // Browsers that know routes do not even wake us for pictures and calls: nothing is slower for our being there.
  event.addRoutes?.(["/hls/*", "/api/*", "/ws/*", "/ingest/*"].map((path) => ({ condition: { urlPattern: path }, source: "network" })))?.catch?.(() => {});
  event.waitUntil(keepShell().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => event.waitUntil(takeOver()));

async function keepShell() {
  const cache = await caches.open(KEEP);
  await cache.addAll(SHELL.files.map((path) => new Request(path, { credentials: "omit" })));
  await cache.put(SHELL.offline, await fetch(SHELL.offline, { credentials: "omit", cache: "no-store" }));
}

/** The feed that was kept names files of the version it came with, so that one is replaced or goes. */
async function takeOver() {
  await self.registration.navigationPreload?.enable().catch(() => {});
  const names = await caches.keys();
  const older = names.filter((name) => name.startsWith("matpho-shell-") && name !== KEEP);
  if (older.length) await caches.delete(FEED);
  await Promise.all(older.map((name) => caches.delete(name)));
  await self.clients.claim();
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.method !== "GET") {
    // Whoever signs in or out here is somebody else from now on.
    if (url.pathname === SHELL.signOut || url.pathname.startsWith("/api/v1/sessions/")) event.waitUntil(caches.delete(FEED));
    return;
  }
  if (request.mode === "navigate") event.respondWith(page(event, url));
  else if (url.pathname.startsWith("/static/") && SHELL.files.includes(url.pathname)) event.respondWith(kept(request));
});

async function kept(request) {
  return (await caches.match(request.url, { cacheName: KEEP, ignoreVary: true })) ?? fetch(request);
}

/** The network first. Where it does not answer: the feed as it was, else a page that says so. */
async function page(event, url) {
  const isFeed = FEED_PAGES.includes(url.pathname);
  try {
    const answer = await withPatience(fromNetwork(event), isFeed);
    if (isFeed && answer.ok && !answer.redirected) event.waitUntil(keepFeed(url.pathname, answer.clone()));
    else if (isFeed && isRefusal(answer)) event.waitUntil(caches.delete(FEED));
    return answer;
  } catch {
    return (await lastFeed(url.pathname)) ?? (await caches.match(SHELL.offline, { cacheName: KEEP })) ?? Response.error();
  }
}

/** Signed out, or not allowed here any more. */
const isRefusal = ({ status, redirected, type }) => redirected || type === "opaqueredirect" || (status >= 400 && status < 500);

const fromNetwork = async (event) => (await event.preloadResponse) ?? fetch(event.request);

/** On a line that is there but dead nobody waits half a minute, if there is something to show. */
async function withPatience(answer, isFeed) {
  if (!isFeed || !(await caches.has(FEED))) return answer;
  answer.catch(() => {});
  return Promise.race([answer, new Promise((_, fail) => { setTimeout(() => fail(new Error("slow")), PATIENCE_MS); })]);
}

/** Without the form tokens in it, and marked as a copy. */
async function keepFeed(path, answer) {
  const page = (await answer.text())
    .replace(/(name="csrf" content=")[^"]*/, "$1")
    .replace(/(name="csrfmiddlewaretoken" value=")[^"]*/g, "$1")
    .replace("<body", '<body data-kept="1"');
  if (!page.includes("data-device=")) return;
  const headers = { "Content-Type": "text/html; charset=utf-8" };
  for (const name of ["Content-Security-Policy", "Referrer-Policy", "X-Content-Type-Options", "X-Frame-Options"]) {
    if (answer.headers.has(name)) headers[name] = answer.headers.get(name);
  }
  const cache = await caches.open(FEED);
  for (const other of await cache.keys()) if (new URL(other.url).pathname !== path) await cache.delete(other);
  await cache.put(path, new Response(page, { headers }));
}

async function lastFeed(path) {
  if (!(await caches.has(FEED))) return undefined;
  const cache = await caches.open(FEED);
  const [any] = await cache.keys();
  return (await cache.match(path)) ?? (any && cache.match(any));
}

// A page asks for the feed to be kept, so that it is there though nobody has opened it yet.
self.addEventListener("message", (event) => {
  if (event.data?.keep && FEED_PAGES.includes(event.data.keep)) event.waitUntil(keepAsked(event.data.keep));
});

async function keepAsked(path) {
  if (await caches.has(FEED)) return;
  const answer = await fetch(path, { credentials: "same-origin", cache: "no-store" });
  if (answer.ok && !answer.redirected) await keepFeed(path, answer);
}

self.addEventListener("push", (event) => {
  let said = {};
  try {
    said = event.data?.json() ?? {};
  } catch {
    // shown all the same: a browser takes push away from a page that shows nothing
  }
  const { title, body, tag, url, silent, vibrate, severity } = said;
  event.waitUntil(self.registration.showNotification(title || SHELL.title, {
    body: body || SHELL.body, tag: tag || "matpho", renotify: Boolean(tag) && !silent, icon: SHELL.icon, badge: SHELL.badge,
    lang: "vi", silent: Boolean(silent), requireInteraction: severity === "emergency",
    ...(vibrate && !silent && { vibrate: severity === "emergency" ? [400, 150, 400, 150, 800] : [250, 150, 250] }),
    data: { url: typeof url === "string" && url.startsWith("/") && !url.startsWith("//") ? url : SHELL.feeds[0] },
  }));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data?.url ?? SHELL.feeds[0]));
});

async function open(path) {
  const target = new URL(path, location.origin);
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = pages.find((one) => new URL(one.url).pathname === target.pathname) ?? pages[0];
  if (!there) return self.clients.openWindow(target.href);
  await there.focus().catch(() => {});
  return there.navigate(target.href).catch(() => self.clients.openWindow(target.href));
}
