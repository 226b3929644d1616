// Points of face-api for crops that arrive on standard input, one at a time:
//   node face_api.js FOLDER face_landmark_68_model
// FOLDER has node_modules. A crop is 112 x 112 RGB bytes. The prediction is
// 138 little-endian float32: x, y of 68 points in units of the crop, and the
// milliseconds that the network took, on the wall and of the processor.

const path = require("node:path");
const { createRequire } = require("node:module");

const SIDE = 112;
const BYTES = SIDE * SIDE * 3;

async function load(folder, name) {
  const from = createRequire(path.join(path.resolve(folder), "package.json"));
  const tf = from("@tensorflow/tfjs");
  const wasm = from("@tensorflow/tfjs-backend-wasm");
  const api = from("@vladmandic/face-api/dist/face-api.node-wasm.js");
  const home = path.dirname(from.resolve("@tensorflow/tfjs-backend-wasm"));
  wasm.setWasmPaths(`${home}${path.sep}`);
  wasm.setThreadsCount(1);
  await tf.setBackend("wasm");
  await tf.ready();
  const net = name.includes("tiny")
    ? api.nets.faceLandmark68TinyNet
    : api.nets.faceLandmark68Net;
  const at = path.dirname(from.resolve("@vladmandic/face-api/package.json"));
  await net.loadFromDisk(path.join(at, "model"));
  return { tf, net };
}

async function predict({ tf, net }, bytes) {
  const start = performance.now();
  const before = process.cpuUsage();
  const crop = tf.tensor3d(new Uint8Array(bytes), [SIDE, SIDE, 3], "int32");
  const found = await net.detectLandmarks(crop);
  crop.dispose();
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  const cpu = (user + system) / 1000;
  const points = found.positions.flatMap(({ x, y }) => [x / SIDE, y / SIDE]);
  return Buffer.from(new Float32Array([...points, wall, cpu]).buffer);
}

async function main([folder, name]) {
  const network = await load(folder, name);
  let waiting = Buffer.alloc(0);
  for await (const part of process.stdin) {
    waiting = Buffer.concat([waiting, part]);
    while (waiting.length >= BYTES) {
      process.stdout.write(
        await predict(network, waiting.subarray(0, BYTES)),
      );
      waiting = waiting.subarray(BYTES);
    }
  }
}

main(process.argv.slice(2));
