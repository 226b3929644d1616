// npm run build -- [NETWORK] [FILE]: the page, the face detector, LiteRT.js and
// a network -> dist/
// NETWORK is a preset ("base" by default), or the folder of an export, of which
// FILE is a TFLite file.
import { createHash } from "node:crypto";
import { cpSync, existsSync, readFileSync, rmSync } from "node:fs";
import { readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

const HERE = dirname(fileURLToPath(import.meta.url));
const DIST = join(HERE, "dist");
const PRESETS = join(HERE, "../../../facemtl/presets");
const DETECTION = join(HERE, "../../../facemtl/detection");
// The face detector, and its licence, which belongs beside every copy.
const DETECTOR = ["yunet.tflite", "yunet.LICENSE"];
const PACKAGES = join(HERE, "node_modules", "@litertjs");
// The second is for browsers without relaxed SIMD; a browser loads one.
const RUNTIMES = ["litert_wasm_internal", "litert_wasm_compat_internal"];

function main([name = "base", file]) {
  const network = isPreset(name) ? ofPreset(name, file) : ofExport(name, file);
  for (const source of Object.values(network)) {
    if (!existsSync(source)) {
      fail(`Expected ${source}, which facemtl export writes.`);
    }
  }
  if (!existsSync(PACKAGES)) {
    fail("Expected LiteRT.js in node_modules: run npm ci first.");
  }
  rmSync(DIST, { recursive: true, force: true });
  cpSync(join(HERE, "page"), DIST, { recursive: true });
  copyLiteRt(join(DIST, "litert"));
  for (const [name, source] of Object.entries(network)) {
    cpSync(source, join(DIST, name));
  }
  for (const file of DETECTOR) {
    cpSync(join(DETECTION, file), join(DIST, file));
  }
  const files = builtFiles();
  writeServiceWorker(files);
  tellSizes(files);
  console.log(`${DIST} is ready: python -m http.server -d dist`);
}

/** All files of dist/, as a page names them. */
function builtFiles() {
  return readdirSync(DIST, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, path, name }) => join(parentPath ?? path, name))
    .map((file) => relative(DIST, file).split(sep).join("/"))
    .sort();
}

function isRuntime(file) {
  return RUNTIMES.some((name) => file.startsWith(`litert/${name}.`));
}

/** sw.js is told the files to keep, and a hash of what is in all of them. */
function writeServiceWorker(files) {
  const hash = createHash("sha256");
  for (const file of files) {
    hash.update(`${file}\n`).update(readFileSync(join(DIST, file)));
  }
  const kept = files.filter((file) => !isRuntime(file) && file !== "sw.js");
  const about = {
    BUILD: hash.digest("hex").slice(0, 16),
    FILES: ["./", ...kept],
    RUNTIME: files.filter(isRuntime),
  };
  const lines = Object.entries(about).map(
    ([name, value]) => `const ${name} = ${JSON.stringify(value)};\n`,
  );
  const file = join(DIST, "sw.js");
  writeFileSync(file, lines.join("") + readFileSync(file, "utf8"));
}

/** What a browser loads: the page with both networks, and one runtime. */
function tellSizes(files) {
  const size = (some) =>
    some.reduce((all, file) => all + statSync(join(DIST, file)).size, 0);
  const inMb = (bytes) => `${(bytes / 1e6).toFixed(2)} MB`;
  const [runtime, rest] = [
    files.filter((file) => file.startsWith(`litert/${RUNTIMES[0]}.`)),
    files.filter((file) => !isRuntime(file)),
  ];
  console.log(
    `The page is ${inMb(size(rest))}, of which the network is ` +
      `${inMb(size(["model.tflite"]))} and the face detector ` +
      `${inMb(size(["yunet.tflite"]))}. LiteRT.js is ${inMb(size(runtime))}.`,
  );
}

/** A name without a separator, as in Python; ./base is a folder. */
function isPreset(name) {
  const files = existsSync(PRESETS) ? readdirSync(PRESETS) : [];
  return files.includes(`${name}.tflite`);
}

/** {file in dist/: its source}, of a preset for one face a call. */
function ofPreset(name, file) {
  if (file) {
    fail(`Expected ${file} with the folder of an export. Received: ${name}.`);
  }
  return {
    "facemtl.json": join(PRESETS, `${name}.json`),
    "model.tflite": join(PRESETS, `${name}.tflite`),
  };
}

/** {file in dist/: its source}, of a folder that facemtl export wrote. */
function ofExport(folder, file = "model_float32.tflite") {
  // npm runs this in the package's folder; a path is meant from the caller's.
  const exported = resolve(process.env.INIT_CWD ?? ".", folder);
  return {
    "facemtl.json": join(exported, "facemtl.json"),
    "model.tflite": join(exported, file),
  };
}

function copyLiteRt(folder) {
  for (const name of RUNTIMES) {
    for (const ending of [".js", ".wasm"]) {
      const file = name + ending;
      cpSync(join(PACKAGES, "core/wasm", file), join(folder, file));
    }
  }
  cpSync(
    join(PACKAGES, "wasm-utils/dist/index.js"),
    join(folder, "wasm-utils.js"),
  );
  // A browser knows no packages: their one import is told its file.
  const core = readFileSync(join(PACKAGES, "core/dist/index.js"), "utf8")
    .replace('"@litertjs/wasm-utils"', '"./wasm-utils.js"')
    .replace(/^\/\/# sourceMappingURL=.*$/m, "");
  writeFileSync(join(folder, "core.js"), core);
}

function fail(message) {
  console.error(`error: ${message}`);
  process.exit(2);
}

main(process.argv.slice(2));
