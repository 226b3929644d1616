// The two networks together: a photo -> its faces.
import { DETECTED } from "./alignment.js";
import { Detector } from "./detector.js";
import { Follower } from "./follower.js";
import { Network } from "./network.js";

export class Finder {
  #network;
  #detector;
  #follower;

  constructor(network, detector) {
    this.#network = network;
    this.#detector = detector;
    this.restart();
  }

  static async load() {
    const network = await Network.load();
    return new Finder(network, await Detector.load(network.sidecar));
  }

  get sidecar() {
    return this.#network.sidecar;
  }

  /** The faces of a photo (ImageData), the largest first. */
  async faces(photo) {
    const faces = [];
    for (const { box, score } of await this.#detector.search(photo)) {
      const answer = await this.#network.answer(photo, box, DETECTED);
      faces.push({ number: faces.length + 1, score, ...answer });
    }
    return faces;
  }

  /** The face in a box. */
  async at(photo, box) {
    return { number: 1, ...(await this.#network.answer(photo, box)) };
  }

  /** The faces of a camera's next picture, at a time in seconds. */
  follow(photo, time) {
    return this.#follower.next(photo, time);
  }

  /** The next picture is another camera's. */
  restart() {
    this.#follower = new Follower(this.#network, this.#detector);
  }
}
