// A photo or the camera's frames, sent to facemtl; its predictions, drawn.
const part = (id) => document.getElementById(id);
const canvas = part("photo");
const network = await (await fetch("networks")).json();
const REASONS = {
  NotAllowedError: "The camera was refused. Allow it for this page in the " +
    "browser's settings, or choose a photo.",
  NotFoundError: "No camera was found. Choose a photo.",
  NotReadableError: "The camera is used by another program.",
};
let photo = null; // of the last choice: its file, name and pixels
let pixels = null; // that are shown
let faces = [];
let selected = 0;
let stream = null; // of the camera, while it is on
let turn = 0; // number of the last prediction of a photo

/** What facemtl predicts for the bytes of a photo. */
async function predict(bytes) {
  const min_score = part("score").value;
  const query = new URLSearchParams({ model: part("model").value, min_score });
  const asked = { method: "POST", body: bytes };
  const response = await fetch(`predict?${query}`, asked).catch(() => {
    throw new Error("facemtl demo does not respond. Is it still running?");
  });
  if (!response.ok) {
    throw new Error(await response.text());
  }
  return response.json();
}

/** Show a file and predict it; throws if it is no image. */
async function choose(file) {
  if (file.size > network.most_bytes) {
    const most = network.most_bytes / 2 ** 20;
    throw new Error(`Expected a photo of at most ${most} MB: ${file.name}.`);
  }
  const image = await createImageBitmap(file).catch(() => {
    throw new Error(`${file.name} is not an image that this browser shows.`);
  });
  stopCamera();
  photo = { file, name: file.name, image };
  show(image, []);
  await predictPhoto();
}

async function predictPhoto() {
  const mine = ++turn;
  const start = performance.now();
  part("state").textContent = "Predicting …";
  const [found, error] = await predict(photo.file)
    .then((some) => [some], (failure) => [[], failure]);
  if (mine !== turn) {
    return; // Another photo was chosen.
  }
  show(photo.image, found);
  part("state").textContent = "";
  if (error) {
    throw error;
  }
  tell(`in ${photo.name}`, performance.now() - start);
}

async function startCamera() {
  if (!navigator.mediaDevices) {
    throw new Error("This browser gives no camera to pages. Choose a photo.");
  }
  const video = { facingMode: "user", width: { ideal: 640 } };
  const own = await navigator.mediaDevices
    .getUserMedia({ video })
    .catch((error) => {
      throw new Error(REASONS[error.name] ?? `The camera: ${error.message}`);
    });
  stopCamera();
  stream = own;
  photo = null;
  turn += 1; // A prediction that is under way is not shown.
  part("camera").textContent = "Stop the camera";
  own.getTracks()[0].onended = () => stopCamera("The camera stopped.");
  try {
    await follow(own);
  } catch (error) {
    stopCamera();
    throw error;
  }
}

/** Send frame by frame, each when the one before was predicted. */
async function follow(own) {
  const video = document.createElement("video");
  Object.assign(video, { muted: true, playsInline: true, srcObject: own });
  await video.play();
  while (stream === own) {
    const frame = document.createElement("canvas");
    frame.width = video.videoWidth;
    frame.height = video.videoHeight;
    frame.getContext("2d").drawImage(video, 0, 0);
    const start = performance.now();
    const found = await predict(
      await new Promise((done) => frame.toBlob(done, "image/jpeg", 0.9)),
    );
    if (stream !== own) {
      return;
    }
    show(frame, found);
    tell("in front of the camera", performance.now() - start);
    await new Promise(requestAnimationFrame);
  }
}

function stopCamera(why = "") {
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
  part("camera").textContent = "Start the camera";
  part("error").textContent = why;
}

function show(image, found) {
  [pixels, faces] = [image, found];
  selected = Math.min(selected, Math.max(0, faces.length - 1));
  part("hint").hidden = true;
  canvas.hidden = false;
  canvas.style.setProperty("--aspect", image.width / image.height);
  draw();
  fillTables();
}

/** Draw in pixels of the screen; 0 is the centre of the photo's first pixel. */
function draw() {
  canvas.width = Math.round(canvas.clientWidth * devicePixelRatio);
  canvas.height = Math.round(canvas.width * (pixels.height / pixels.width));
  const scale = canvas.width / pixels.width;
  const unit = devicePixelRatio;
  const context = canvas.getContext("2d");
  context.drawImage(pixels, 0, 0, canvas.width, canvas.height);
  context.font = `600 ${14 * unit}px system-ui, sans-serif`;
  faces.forEach((face, i) => {
    const [left, top, right, bottom] = face.box.map((x) => (x + 0.5) * scale);
    const color = i === selected ? "#ffd54a" : "#fff";
    for (const [style, width] of [["#000a", 5], [color, 2.5]]) {
      context.strokeStyle = style;
      context.lineWidth = width * unit;
      context.strokeRect(left, top, right - left, bottom - top);
    }
    const edge = [Math.max(0, left) + 5 * unit, Math.max(0, top) + 17 * unit];
    context.strokeStyle = "#000";
    context.strokeText(i + 1, ...edge);
    context.fillStyle = color;
    context.fillText(i + 1, ...edge);
    const points = Object.values(face.points);
    const radius = (points.length > 20 ? 2 : 3.5) * unit;
    for (const [x, y] of points) {
      context.beginPath();
      const place = [(x + 0.5) * scale, (y + 0.5) * scale];
      context.arc(...place, radius, 0, 2 * Math.PI);
      context.fillStyle = "#19e3c2";
      context.lineWidth = unit;
      context.stroke();
      context.fill();
    }
  });
}

/** Tell the number of faces; a screen reader hears it when it changes. */
function tell(where, milliseconds) {
  const many = faces.length === 1 ? "1 face" : `${faces.length} faces`;
  const said = `${faces.length ? many : "No face"} ${where}.`;
  if (part("state").textContent !== said) {
    part("state").textContent = said;
  }
  part("time").textContent = `${milliseconds.toFixed(0)} ms`;
}

const percent = (share) => `${(100 * share).toFixed(0)}\u00a0%`;

/** The classes of an attribute, the most probable first; or its value. */
function inWords({ value, probabilities }) {
  const classes = Object.entries(probabilities ?? {});
  return value ?? classes
    .sort(([, a], [, b]) => b - a)
    .map(([name, p]) => `${name} ${percent(p)}`)
    .join(", ");
}

function fillTables() {
  fill(part("faces"), faces.length, () => document.createElement("button"));
  faces.forEach(({ score, confidence, attributes }, i) => {
    const sure =
      confidence === null ? [] : [`confidence ${percent(confidence)}`];
    const all = Object.entries(attributes).map(
      ([task, x]) => `${task} ${x.value ?? x.class}`,
    );
    const button = part("faces").children[i];
    const place = `Face ${i + 1}, detector score ${score.toFixed(2)}`;
    const words = [place, ...sure, ...all].join(", ");
    button.textContent = words.replaceAll("_", " ");
    button.ariaPressed = i === selected;
    button.onclick = () => select(i);
  });
  const { attributes, points, points_sigma: sigma } = faces[selected] ?? {};
  const known = Object.keys(sigma ?? {}).length > 0; // not by every network
  part("deviation").hidden = !known;
  fillTable("attributes", attributes, (x) => [inWords(x)]);
  fillTable("points", points, (point, name) =>
    [...point, ...(known ? [sigma[name]] : [])].map((x) => x.toFixed(1)));
}

function fillTable(id, entries = {}, cells) {
  const [body] = part(id).tBodies;
  const rows = Object.entries(entries);
  part(id).hidden = rows.length === 0;
  fill(body, rows.length, () => document.createElement("tr"));
  rows.forEach(([name, x], i) => {
    const texts = [name.replaceAll("_", " "), ...cells(x, name)];
    const row = body.rows[i];
    fill(row, texts.length, () =>
      document.createElement(row.children.length ? "td" : "th"));
    row.children[0].scope = "row";
    texts.forEach((text, k) => (row.children[k].textContent = text));
  });
}

/** Elements that stay keep the focus, and their place for a screen reader. */
function fill(parent, count, make) {
  while (parent.children.length > count) {
    parent.lastElementChild.remove();
  }
  while (parent.children.length < count) {
    parent.append(make());
  }
}

function select(i) {
  selected = i;
  draw();
  fillTables();
}

/** Run an action and show its error on the page. */
async function attempt(action) {
  part("error").textContent = "";
  try {
    await action();
  } catch (error) {
    part("error").textContent = error.message;
  }
}

const chosen = (files) => files?.length && attempt(() => choose(files[0]));
const again = () => photo && !stream && attempt(predictPhoto);
part("model").append(...network.names.map((name) => new Option(name)));
part("model").value = network.default;
part("score").value = network.min_score;
part("least").value = network.min_score;
part("model").onchange = again;
part("score").onchange = again;
part("score").oninput = () => (part("least").value = part("score").value);
part("camera").onclick = () =>
  attempt(() => (stream ? stopCamera() : startCamera()));
part("file").onchange = ({ target }) => chosen(target.files);
part("file").onclick = ({ target }) => (target.value = ""); // The same again.
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => {
  event.preventDefault();
  chosen(event.dataTransfer.files);
});
addEventListener("paste", (event) => chosen(event.clipboardData.files));
canvas.onclick = ({ offsetX, offsetY }) => {
  const scale = pixels.width / canvas.clientWidth;
  const [x, y] = [offsetX * scale, offsetY * scale];
  const area = ([left, top, right, bottom]) => (right - left) * (bottom - top);
  const hit = faces
    .map(({ box }, i) => ({ box, i }))
    .filter(({ box: [a, b, c, d] }) => a <= x && x <= c && b <= y && y <= d)
    .sort((one, other) => area(one.box) - area(other.box));
  if (hit.length) {
    select(hit[0].i);
  }
};
new ResizeObserver(() => pixels && draw()).observe(canvas);
