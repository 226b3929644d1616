// The page's parts, wired: a photo or the camera, its faces, their tables.
import { Camera } from "./camera.js";
import { fitOverlay } from "./drawing.js";
import { Finder } from "./finder.js";
import { Frame } from "./frame.js";
import { Mistake } from "./mistake.js";
import { keepOffline } from "./offline.js";
import { decode, decodeAddress, Picture } from "./picture.js";
import { noneInWords } from "./sentences.js";
import { View } from "./view.js";

const part = (id) => document.getElementById(id);
const overlay = part("overlay");
const picture = new Picture(part("photo"));
const frame = new Frame(overlay, part("frame"), () => {
  note = "";
  look();
});
const view = new View(part);
const camera = new Camera(seen);
const loading = Finder.load();
let byHand = false;
let note = "";
let running = false;
let wanted = false;

/** Show a photo or the camera's picture. */
function show(source, { width, height }, sides) {
  const resized = picture.show(source, width, height);
  if (resized || !camera.on) {
    part("stage").classList.remove("empty");
    part("stage").style.setProperty("--aspect", width / height);
    fitOverlay(overlay, width, height);
    part("hand").disabled = false;
    setByHand(byHand && camera.on, sides);
  }
  return look();
}

/** Let the box be placed by hand, or faces be found. */
function setByHand(on, sides) {
  byHand = on || Boolean(sides);
  note = "";
  const { canvas } = picture;
  byHand ? frame.begin(canvas, sides) : frame.end();
  overlay.classList.toggle("by-hand", byHand);
  part("hand").setAttribute("aria-pressed", byHand);
  part("placing").hidden = !byHand;
}

/** Ask the networks; while they run, only the latest wish is remembered. */
async function look() {
  wanted = true;
  if (running) {
    return;
  }
  running = true;
  try {
    const finder = await loading;
    while (wanted) {
      wanted = false;
      await ask(finder);
    }
  } catch (error) {
    complain(error);
  }
  running = false;
}

async function ask(finder) {
  const { pixels } = picture;
  if (byHand) {
    const face = await finder.at(pixels, frame.box.sides);
    return byHand && tell([face]);
  }
  const found = camera.on
    ? await finder.follow(pixels, performance.now() / 1000)
    : await finder.faces(pixels);
  const stale = byHand || (pixels !== picture.pixels && !camera.on);
  if (stale) {
    return;
  }
  if (!found.length && !camera.on) {
    setByHand(true);
    note = noneInWords(pixels);
    wanted = true;
  } else {
    tell(found);
  }
}

function tell(found) {
  view.show(found, { byHand, note, moving: camera.on });
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
  view.forget();
  await show(photo, photo);
}

function seen(video, width, height) {
  return show(video, { width, height });
}

async function startCamera() {
  await camera.start();
  setByHand(false);
  part("camera").setAttribute("aria-pressed", "true");
  (await loading).restart();
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
part("hand").addEventListener("click", () => {
  setByHand(!byHand, byHand ? undefined : view.chosen?.box);
  look();
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
  frame.draw();
  view.draw();
}).observe(overlay);

attempt(async () => {
  const { sidecar } = await loading.finally(() => {
    part("state").textContent = "";
  });
  const { data, licence } = sidecar.training;
  part("state").textContent = view.chosen ? "" : "The networks are ready.";
  part("origin").textContent = `Trained on: ${data}. Licence: ${licence}.`;
  await keepOffline();
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

async function pixelsOf(address) {
  const photo = new Picture(document.createElement("canvas"));
  const image = await decodeAddress(address);
  photo.show(image, image.width, image.height);
  return photo.pixels;
}

/** For other scripts: what is said of a photo of this site, or a box of it. */
window.facemtl = {
  async answer(address, box) {
    return (await loading).at(await pixelsOf(address), box);
  },
  async faces(address) {
    return (await loading).faces(await pixelsOf(address));
  },
};
