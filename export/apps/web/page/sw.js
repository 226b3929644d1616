// What the network gives, or without one what was kept of this build.
// build.js writes BUILD (a hash), FILES and RUNTIME (one of two is used) above.

const PREFIX = `facemtl ${registration.scope} `;
const CACHE = PREFIX + BUILD;
const addresses = (names) => names.map((x) => new URL(x, location).href);

addEventListener("install", (event) => {
  skipWaiting();
  event.waitUntil(keep(addresses(FILES), true));
});

addEventListener("activate", (event) => {
  event.waitUntil(replaceOthers());
});

// A page tells what it has loaded: its runtime is kept too.
addEventListener("message", (event) => {
  const runtime = addresses(RUNTIME);
  event.waitUntil(keep(event.data.filter((name) => runtime.includes(name))));
});

addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  if (method === "GET" && url.startsWith(registration.scope)) {
    event.respondWith(fetch(event.request).catch(() => kept(event.request)));
  }
});

async function keep(names, anew = false) {
  const cache = await caches.open(CACHE);
  for (const name of names) {
    if (anew || !(await cache.match(name))) {
      await cache.add(new Request(name, { cache: "no-cache" }));
    }
  }
}

/** The runtime that an earlier build used is used by this one. */
async function replaceOthers() {
  const names = (await caches.keys()).filter(
    (name) => name.startsWith(PREFIX) && name !== CACHE,
  );
  const used = [];
  for (const file of addresses(RUNTIME)) {
    if (names.length && (await caches.match(file))) {
      used.push(file);
    }
  }
  await keep(used);
  await Promise.all(names.map((name) => caches.delete(name)));
  await clients.claim();
}

async function kept(request) {
  const cache = await caches.open(CACHE);
  // The page is the same for every ?photo=…
  const ignoreSearch = request.mode === "navigate";
  return (await cache.match(request, { ignoreSearch })) ?? Response.error();
}
