// The page is kept by the browser, for when there is no network.

/** Called once everything is loaded: what a browser chose is known then. */
export async function keepOffline() {
  const { serviceWorker } = navigator;
  if (!serviceWorker) {
    return; // Not of an address that is neither https:// nor localhost.
  }
  try {
    await serviceWorker.register("sw.js");
    const { active } = await serviceWorker.ready;
    active.postMessage(
      performance.getEntriesByType("resource").map(({ name }) => name),
    );
  } catch (error) {
    console.debug(`The page is not kept for offline use: ${error.message}`);
  }
}
