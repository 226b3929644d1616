// A TFLite file, run by LiteRT.js in WebAssembly.
import { loadAndCompile, loadLiteRt, Tensor } from "./litert/core.js";
import { Mistake } from "./mistake.js";

let started;

/** Load LiteRT.js itself, once. */
export function startRuntime() {
  // LiteRT's notes are no errors, as which it would print them.
  window.Module = { printErr: console.debug };
  started ??= loadLiteRt(new URL("litert/", import.meta.url).href);
  return started;
}

export class Lite {
  #model;
  #input;

  constructor(model) {
    this.#model = model;
    [this.#input] = model.getInputDetails();
  }

  /** content: the file's bytes; name: of the file, for a message. */
  static async compile(content, name) {
    await startRuntime();
    try {
      // Networks as small as these are slower on a GPU.
      const compiled = await loadAndCompile(content, { accelerator: "wasm" });
      return new Lite(compiled);
    } catch {
      throw new Mistake(
        `Expected ${name} as a whole TFLite file. Received: a damaged one of ` +
          `${content.length} bytes. Build this page again: npm run build.`,
      );
    }
  }

  get inputShape() {
    return Array.from(this.#input.shape);
  }

  /** {output: how many numbers it has}. */
  get outputSizes() {
    const details = this.#model.getOutputDetails();
    return Object.fromEntries(
      details.map(({ name, shape }) => [name, product(shape)]),
    );
  }

  /** {output: numbers}. Outputs go by name: their order differs by file. */
  async run(pixels) {
    const { name, dtype, shape } = this.#input;
    const values = dtype === "uint8" ? Uint8Array.from(pixels) : pixels;
    const input = new Tensor(values, shape);
    const outputs = await this.#model.run({ [name]: input });
    input.delete();
    const numbers = {};
    for (const [output, tensor] of Object.entries(outputs)) {
      // A copy: the memory below is given back.
      numbers[output] = tensor.toTypedArray().slice();
      tensor.delete();
    }
    return numbers;
  }

  delete() {
    this.#model.delete();
  }
}

function product(shape) {
  return shape.reduce((all, length) => all * length, 1);
}
