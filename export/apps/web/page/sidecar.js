// facemtl.json: what the network answers and how it sees a face.
import { Mistake } from "./mistake.js";

const FORMAT = 1;
const BUILD = "Build this page with a network: npm run build.";

/** A file beside this page, or a message that says which one is missing. */
export async function fetchFile(name) {
  const address = new URL(name, import.meta.url);
  // Asked for anew: a network and its names must be of one build.
  const request = fetch(address, { cache: "no-cache" });
  const response = await request.catch(() => null);
  if (!response?.ok) {
    throw new Mistake(`No network is here: ${name} is missing. ${BUILD}`);
  }
  return response;
}

/** The content of facemtl.json, checked. */
export async function readSidecar() {
  const response = await fetchFile("facemtl.json");
  const content = await response.json().catch(() => null);
  if (content?.format !== FORMAT || !content.tasks || !content.crop) {
    throw new Mistake(`facemtl.json is not of facemtl export. ${BUILD}`);
  }
  return content;
}

/** {output: how many numbers it has}, deviations of points among them. */
export function answerSizes({ tasks, sigma = {} }) {
  const sizes = {};
  for (const { name, kind, names } of tasks) {
    const n = names.length;
    sizes[name] = { landmarks: 2 * n, classes: n, value: 1 }[kind];
    if (name in sigma) {
      sizes[`${name}_sigma`] = n;
    }
  }
  return sizes;
}
