// The exported network: a box of a photo -> points and attributes.
import { Alignment, GIVEN } from "./alignment.js";
import { confidenceOf, describe } from "./answers.js";
import { boxOf, crop, squareWindow } from "./crop.js";
import { Lite } from "./lite.js";
import { Mistake } from "./mistake.js";
import { answerSizes, fetchFile, readSidecar } from "./sidecar.js";

const MODEL = "model.tflite";

export class Network {
  #lite;
  #points; // The task whose points say how a face lies.
  #convention;

  constructor(sidecar, lite) {
    this.sidecar = sidecar;
    this.#lite = lite;
    this.#convention = sidecar.box_convention?.points;
    this.#points = sidecar.tasks.find(({ kind }) => kind === "landmarks")?.name;
    this.#check();
  }

  static async load() {
    const [sidecar, file] = await Promise.all([
      readSidecar(),
      fetchFile(MODEL),
    ]);
    const content = new Uint8Array(await file.arrayBuffer());
    const network = new Network(sidecar, await Lite.compile(content, MODEL));
    const { size } = sidecar.crop;
    // The first runs are slower than all others.
    for (let i = 0; i < 5; i++) {
      await network.answer(new ImageData(size, size), [0, 0, size, size]);
    }
    return network;
  }

  /**
   * What is said of the face in a box of a photo (as ImageData). With a
   * deviation over the limit, the face is cropped again, aligned.
   */
  async answer(photo, box, limit = GIVEN) {
    const start = performance.now();
    const { crop: spec, sigma, tasks } = this.sidecar;
    const window = squareWindow(box, spec.margin);
    const numbers = await this.#twoPasses(photo, window, limit);
    return {
      box,
      // Where the face is: the box for the camera's next picture.
      next: this.#next(numbers, window),
      confidence: confidenceOf(sigma, numbers),
      ...describe(tasks, numbers, window),
      milliseconds: performance.now() - start,
    };
  }

  async #twoPasses(photo, window, limit) {
    const { crop: spec } = this.sidecar;
    const first = await this.#lite.run(crop(photo, window, spec));
    const lies = this.#alignment(first);
    if (!lies?.isFace || lies.deviation <= limit) {
      return first;
    }
    const aligned = lies.window(window);
    const pixels = crop(photo, aligned, spec, lies.degrees);
    const second = await this.#lite.run(pixels);
    return this.#alignment(second).deviation < lies.deviation
      ? this.#inFirstWindow(second, lies)
      : first;
  }

  #inFirstWindow(numbers, lies) {
    const back = { ...numbers };
    for (const { kind, name } of this.sidecar.tasks) {
      if (kind === "landmarks") {
        back[name] = lies.pointsBack(numbers[name]);
      }
      const sigma = `${name}_sigma`;
      back[sigma] = numbers[sigma]?.map((x) => x * lies.size);
    }
    return back;
  }

  /** How a face lies; nothing for a network that cannot say. */
  #alignment(numbers) {
    const { margin } = this.sidecar.crop;
    return this.#convention && this.#points
      ? new Alignment(numbers[this.#points], this.#convention, margin)
      : undefined;
  }

  #next(numbers, window) {
    const lies = this.#alignment(numbers);
    return lies?.isFace
      ? boxOf(lies.window(window), this.sidecar.crop.margin)
      : undefined;
  }

  /** Model and sidecar are of one export, for one face a call. */
  #check() {
    const { crop: spec } = this.sidecar;
    const sizes = answerSizes(this.sidecar);
    const channels = spec.color === "gray" ? 1 : 3;
    const expected = [1, spec.size, spec.size, channels];
    const outputs = this.#lite.outputSizes;
    if (
      `${this.#lite.inputShape}` !== `${expected}` ||
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
