// npm run build -- FOLDER [FILE]: the page, LiteRT.js and a network -> dist/
import { cpSync, existsSync, readFileSync, rmSync } from "node:fs";
import { writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const HERE = dirname(fileURLToPath(import.meta.url));
const DIST = join(HERE, "dist");
const PACKAGES = join(HERE, "node_modules", "@litertjs");
// The second is for browsers without relaxed SIMD; a browser loads one.
const RUNTIMES = ["litert_wasm_internal", "litert_wasm_compat_internal"];

function main([folder, file = "model_float32.tflite"]) {
  if (!folder) {
    fail("Expected the folder of an export: npm run build -- FOLDER [FILE].");
  }
  // npm runs this in the package's folder; a path is meant from the caller's.
  const exported = resolve(process.env.INIT_CWD ?? ".", folder);
  const network = {
    "facemtl.json": join(exported, "facemtl.json"),
    "model.tflite": join(exported, file),
  };
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
  console.log(`${DIST} is ready: python -m http.server -d dist`);
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
