// Networks of face-api and human for crops that arrive on standard input:
//   node networks.js FOLDER face_landmark_68_model
// FOLDER has node_modules. A crop is RGB bytes of the network's side, one crop
// at a time. The prediction is little-endian float32: the numbers that NETWORKS
// names, and the milliseconds that the network took, on the wall and of the
// processor.

const fs = require("node:fs");
const path = require("node:path");
const { createRequire } = require("node:module");

const NETWORKS = {
  // x, y of 68 points in units of the crop.
  face_landmark_68_model: { side: 112, load: points },
  face_landmark_68_tiny_model: { side: 112, load: points },
  // The probability of a man, of a happy face.
  age_gender_model: { side: 112, load: faceApiGender },
  face_expression_model: { side: 112, load: faceApiHappy },
  faceres: { side: 224, load: humanGender },
  emotion: { side: 64, load: humanHappy },
};
const HAPPY = 3; // of the seven emotions of human's network
const GRAY = [0.2989, 0.587, 0.1140]; // as human has it

async function tensorFlow(from) {
  const tf = from("@tensorflow/tfjs");
  const wasm = from("@tensorflow/tfjs-backend-wasm");
  const home = path.dirname(from.resolve("@tensorflow/tfjs-backend-wasm"));
  wasm.setWasmPaths(`${home}${path.sep}`);
  wasm.setThreadsCount(1);
  await tf.setBackend("wasm");
  await tf.ready();
  return tf;
}

// A package's folder; its package.json alone may be kept from `resolve`.
function folderOf(folder, name) {
  return path.join(path.resolve(folder), "node_modules", "@vladmandic", name);
}

async function faceApi({ from, folder }, choose) {
  const api = from("@vladmandic/face-api/dist/face-api.node-wasm.js");
  const net = choose(api.nets);
  await net.loadFromDisk(path.join(folderOf(folder, "face-api"), "model"));
  return net;
}

async function points(given) {
  const net = await faceApi(given, (nets) =>
    given.name.includes("tiny")
      ? nets.faceLandmark68TinyNet
      : nets.faceLandmark68Net,
  );
  return async (crop) => {
    const { positions } = await net.detectLandmarks(crop);
    const [side] = crop.shape;
    return positions.flatMap(({ x, y }) => [x / side, y / side]);
  };
}

async function faceApiGender(given) {
  const net = await faceApi(given, (nets) => nets.ageGenderNet);
  return async (crop) => {
    const found = await net.predictAgeAndGender(crop);
    const sure = found.genderProbability;
    return [found.gender === "male" ? sure : 1 - sure];
  };
}

async function faceApiHappy(given) {
  const net = await faceApi(given, (nets) => nets.faceExpressionNet);
  return async (crop) => [(await net.predictExpressions(crop)).happy];
}

function human({ tf, folder, name }) {
  const models = path.join(folderOf(folder, "human"), "models");
  const text = fs.readFileSync(path.join(models, `${name}.json`), "utf8");
  const { modelTopology, weightsManifest } = JSON.parse(text);
  const data = weightsManifest.flatMap((group) =>
    group.paths.map((file) => fs.readFileSync(path.join(models, file))),
  );
  const weightData = new Uint8Array(Buffer.concat(data)).buffer;
  const weightSpecs = weightsManifest.flatMap((group) => group.weights);
  const load = async () => ({ modelTopology, weightSpecs, weightData });
  return tf.loadGraphModel({ load });
}

// Both get what src/face/faceres.ts and src/gear/emotion.ts of human give them.
async function humanGender(given) {
  const net = await human(given);
  return async (crop) =>
    given.tf.tidy(() => {
      const found = net.execute(crop.toFloat().expandDims(0));
      return [found.find((x) => x.shape[1] === 1).dataSync()[0]];
    });
}

async function humanHappy(given) {
  const net = await human(given);
  const { tf } = given;
  return async (crop) =>
    tf.tidy(() => {
      const shares = crop.toFloat().div(255).mul(tf.tensor1d(GRAY));
      const gray = shares.sum(2, true).sub(0.5).mul(2).expandDims(0);
      return [net.execute(gray).dataSync()[HAPPY]];
    });
}

async function predict({ tf, net, side }, bytes) {
  const start = performance.now();
  const before = process.cpuUsage();
  const crop = tf.tensor3d(new Uint8Array(bytes), [side, side, 3], "int32");
  const found = await net(crop);
  crop.dispose();
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  const cpu = (user + system) / 1000;
  return Buffer.from(new Float32Array([...found, wall, cpu]).buffer);
}

async function main([folder, name]) {
  const from = createRequire(path.join(path.resolve(folder), "package.json"));
  const tf = await tensorFlow(from);
  const { side, load } = NETWORKS[name];
  const network = { tf, side, net: await load({ tf, from, folder, name }) };
  const size = side * side * 3;
  let waiting = Buffer.alloc(0);
  for await (const part of process.stdin) {
    waiting = Buffer.concat([waiting, part]);
    while (waiting.length >= size) {
      process.stdout.write(await predict(network, waiting.subarray(0, size)));
      waiting = waiting.subarray(size);
    }
  }
}

main(process.argv.slice(2));
