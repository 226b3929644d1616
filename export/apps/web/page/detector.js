// The face detector: YuNet, whose file lies beside this page.
import { faceBoxes } from "./face_boxes.js";
import { Lite } from "./lite.js";
import { resized } from "./resized.js";
import { fetchFile } from "./sidecar.js";
import { asInput, faces } from "./yunet.js";

const FILE = "yunet.tflite";
const SIZE = 1024; // Width and height of the file's own input.

export class Detector {
  #file;
  #sidecar;
  #lite = null;
  #size = "";

  constructor(file, sidecar) {
    this.#file = file;
    this.#sidecar = sidecar;
  }

  /** Its boxes are as the network of this sidecar wants them. */
  static async load(sidecar) {
    const file = await fetchFile(FILE);
    return new Detector(new Uint8Array(await file.arrayBuffer()), sidecar);
  }

  /** [{score, box}] of a photo (ImageData), the largest face first. */
  async search(photo) {
    const input = asInput(photo);
    await this.#fit(input);
    const outputs = await this.#lite.run(input.pixels);
    return faceBoxes(faces(Object.values(outputs), input), this.#sidecar);
  }

  /** One size is kept: a camera's pictures are all of one. */
  async #fit({ width, height }) {
    const size = `${width} x ${height}`;
    if (size !== this.#size) {
      const content = resized(this.#file, SIZE, width, height, FILE);
      const lite = await Lite.compile(content, FILE);
      this.#lite?.delete();
      this.#lite = lite;
      this.#size = size;
    }
  }
}
