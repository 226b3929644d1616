// The exported network, run by LiteRT.js in WebAssembly.
import { loadAndCompile, loadLiteRt, Tensor } from "./litert/core.js";
import { confidenceOf, describe } from "./answers.js";
import { crop, squareWindow } from "./crop.js";
import { Mistake } from "./mistake.js";
import { answerSizes, fetchFile, readSidecar } from "./sidecar.js";

const MODEL = "model.tflite";

export class Network {
  #model;
  #input;

  constructor(sidecar, model) {
    this.sidecar = sidecar;
    this.#model = model;
    [this.#input] = model.getInputDetails();
    this.#check();
  }

  static async load() {
    // LiteRT's notes are no errors, as which it would print them.
    window.Module = { printErr: console.debug };
    const [sidecar, file] = await Promise.all([
      readSidecar(),
      fetchFile(MODEL),
      loadLiteRt(new URL("litert/", import.meta.url).href),
    ]);
    const content = new Uint8Array(await file.arrayBuffer());
    // So small a network is slower on a GPU.
    const model = await loadAndCompile(content, { accelerator: "wasm" }).catch(
      () => {
        throw new Mistake(`${MODEL} is not a whole TFLite file.`);
      },
    );
    const network = new Network(sidecar, model);
    const { size } = sidecar.crop;
    // The first runs are slower than all others.
    for (let i = 0; i < 5; i++) {
      await network.answer(new ImageData(size, size), [0, 0, size, size]);
    }
    return network;
  }

  /** What is said of the face in a box of a photo (as ImageData). */
  async answer(photo, box) {
    const start = performance.now();
    const { margin, ...spec } = this.sidecar.crop;
    const window = squareWindow(box, margin);
    const answers = await this.#run(crop(photo, window, spec));
    const milliseconds = performance.now() - start;
    const described = describe(this.sidecar.tasks, answers, window);
    const confidence = confidenceOf(this.sidecar.sigma, answers);
    return { box, confidence, ...described, milliseconds };
  }

  /** {task: numbers}. Outputs go by name: their order differs by file. */
  async #run(pixels) {
    const { name, dtype, shape } = this.#input;
    const values = dtype === "uint8" ? Uint8Array.from(pixels) : pixels;
    const input = new Tensor(values, shape);
    const outputs = await this.#model.run({ [name]: input });
    input.delete();
    const answers = {};
    for (const [task, tensor] of Object.entries(outputs)) {
      // A copy: the memory below is given back.
      answers[task] = tensor.toTypedArray().slice();
      tensor.delete();
    }
    return answers;
  }

  /** Model and sidecar are of one export, for one face a call. */
  #check() {
    const { crop: spec } = this.sidecar;
    const sizes = answerSizes(this.sidecar);
    const channels = spec.color === "gray" ? 1 : 3;
    const expected = [1, spec.size, spec.size, channels];
    const outputs = Object.fromEntries(
      this.#model
        .getOutputDetails()
        .map(({ name, shape }) => [name, product(shape)]),
    );
    if (
      `${Array.from(this.#input.shape)}` !== `${expected}` ||
      Object.keys(outputs).length !== Object.keys(sizes).length ||
      Object.keys(sizes).some((name) => outputs[name] !== sizes[name])
    ) {
      throw new Mistake(
        `Expected ${MODEL} for one face a call (not …_batch.tflite), of the ` +
          "export that facemtl.json is of.",
      );
    }
  }
}

function product(shape) {
  return shape.reduce((all, length) => all * length, 1);
}
