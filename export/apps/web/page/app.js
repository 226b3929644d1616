// The page's parts, wired: a photo or the camera, the box, the answers.
import { Camera } from "./camera.js";
import { drawPoints, fitOverlay } from "./drawing.js";
import { Frame } from "./frame.js";
import { Mistake } from "./mistake.js";
import { Network } from "./network.js";
import { decode, decodeAddress, Picture } from "./picture.js";
import { fillTables, inASentence } from "./tables.js";

const part = (id) => document.getElementById(id);
const overlay = part("overlay");
const picture = new Picture(part("photo"));
const frame = new Frame(overlay, part("frame"), predict);
const camera = new Camera(seen);
const loading = Network.load();
let answer = null;
let shown = { points: {}, attributes: {} };
const NO_FACE = "No face in this box.";
let running = false;
let wanted = false;
let quiet;

/** Show a photo or the camera's picture; a new size begins with a new box. */
function show(source, { width, height }, sides) {
  const resized = picture.show(source, width, height);
  if (resized || !camera.on) {
    part("stage").classList.remove("empty");
    part("stage").style.setProperty("--aspect", width / height);
    fitOverlay(overlay, width, height);
    for (const id of ["smaller", "larger"]) {
      part(id).disabled = false;
    }
    frame.begin({ width, height }, sides);
  }
  return predict();
}

/** Ask the network; while it runs, only the latest box is remembered. */
async function predict() {
  wanted = true;
  if (running) {
    return;
  }
  running = true;
  try {
    const network = await loading;
    while (wanted) {
      wanted = false;
      answer = await network.answer(picture.pixels, frame.box.sides);
      tell();
    }
  } catch (error) {
    complain(error);
  }
  running = false;
}

function tell() {
  const none = answer.confidence < 0.5;
  shown = none ? { points: {}, attributes: {} } : answer;
  drawPoints(overlay, part("points"), shown.points);
  fillTables(part("attributes"), part("places"), shown);
  part("answers").hidden = none;
  part("state").textContent = none ? NO_FACE : "";
  part("time").textContent = `${answer.milliseconds.toFixed(1)} ms a face`;
  // Said once the box is at rest, and not for each of the camera's pictures.
  clearTimeout(quiet);
  if (!camera.on) {
    quiet = setTimeout(() => {
      part("heard").textContent = none ? NO_FACE : inASentence(answer);
    }, 700);
  }
}

function complain(error) {
  const known = error instanceof Mistake;
  part("error").textContent = (known ? "" : "Failed: ") + error.message;
}

/** Do what was asked for; what goes wrong is told on the page. */
async function attempt(action) {
  part("error").textContent = "";
  try {
    await action();
  } catch (error) {
    complain(error);
  }
}

async function showFile(file) {
  const photo = await decode(file, file.name);
  stopCamera();
  await show(photo, photo);
}

function seen(video, width, height) {
  return show(video, { width, height });
}

async function startCamera() {
  await camera.start();
  part("camera").setAttribute("aria-pressed", "true");
}

function stopCamera() {
  camera.stop();
  part("camera").setAttribute("aria-pressed", "false");
}

part("file").addEventListener("change", ({ target }) => {
  const [file] = target.files;
  attempt(() => file && showFile(file));
  // Else the same file could not be chosen again.
  target.value = "";
});
part("camera").addEventListener("click", () => {
  attempt(() => (camera.on ? stopCamera() : startCamera()));
});
part("smaller").addEventListener("click", () => frame.resize(false));
part("larger").addEventListener("click", () => frame.resize(true));
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => {
  event.preventDefault();
  const [file] = event.dataTransfer.files;
  attempt(() => file && showFile(file));
});
// Dots and corners keep their size on the screen.
new ResizeObserver(() => {
  if (frame.box) {
    frame.draw();
    drawPoints(overlay, part("points"), shown.points);
  }
}).observe(overlay);

attempt(async () => {
  const { sidecar } = await loading.finally(() => {
    part("state").textContent = "";
  });
  const { data, licence } = sidecar.training;
  part("state").textContent = answer ? "" : "The network is ready.";
  part("origin").textContent = `Trained on: ${data}. Licence: ${licence}.`;
});
// A photo of this site, and a box: ?photo=ADDRESS&box=LEFT,TOP,RIGHT,BOTTOM
attempt(async () => {
  const query = new URLSearchParams(location.search);
  const address = query.get("photo");
  if (address) {
    const photo = await decodeAddress(address);
    await show(photo, photo, readBox(query.get("box")));
  }
});

function readBox(text) {
  const box = text?.split(",").map(Number);
  if (box && !(box.length === 4 && box[0] < box[2] && box[1] < box[3])) {
    throw new Mistake(`Expected box=left,top,right,bottom. Received: ${text}`);
  }
  return box;
}

/** For other scripts: what is said of a box of a photo of this site. */
window.facemtl = {
  async answer(address, box) {
    const network = await loading;
    const photo = new Picture(document.createElement("canvas"));
    const image = await decodeAddress(address);
    photo.show(image, image.width, image.height);
    return network.answer(photo.pixels, box);
  },
};
