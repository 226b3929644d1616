// The second pass: faces that lie unlike those of training are cropped again,
// upright, centred and scaled: facemtl/inference/second_pass.py.
import { sum } from "./face_boxes.js";

// The largest deviation without a second pass, of boxes given and detected.
export const GIVEN = 1;
export const DETECTED = 0.5;
const SMALLEST = 0.3; // Points closer together, in face sizes, are no face.

/** How a face lies in its window, by its points in units of the window. */
export class Alignment {
  #middle;
  #side;
  #zoom;
  #limits;

  /** numbers: x, y of each point; convention: of facemtl.json. */
  constructor(numbers, convention, margin) {
    const points = convention.middle.map((_, i) => {
      return [numbers[2 * i] - 0.5, numbers[2 * i + 1] - 0.5];
    });
    this.#zoom = 1 + 2 * margin;
    this.#limits = convention;
    this.#middle = sum(convention.middle, points);
    this.#side = sum(convention.side, points).map((x) => x * this.#zoom);
  }

  /** The side of the face's own box, in sides of the given one. */
  get size() {
    return Math.hypot(...this.#side);
  }

  /** Clockwise rotation of the face. */
  get degrees() {
    const [x, y] = this.#side;
    return (Math.atan2(y, x) * 180) / Math.PI;
  }

  get isFace() {
    return this.size > SMALLEST;
  }

  /** The deviation from training faces; 1 is the limit. */
  get deviation() {
    const { rotation, offset, scale } = this.#limits;
    const moved = Math.max(...this.#middle.map(Math.abs)) * this.#zoom;
    const resized = Math.log(Math.max(this.size, SMALLEST));
    return Math.max(
      Math.abs(this.degrees) / rotation,
      moved / offset,
      Math.abs(resized) / Math.log(scale),
    );
  }

  /** The window that is aligned with the face, before rotation. */
  window({ left, top, side }) {
    const [x, y] = this.#middle.map((part) => side * (0.5 + part));
    const own = side * this.size;
    return { left: left + x - own / 2, top: top + y - own / 2, side: own };
  }

  /** x, y of points in the aligned window -> in the first one. */
  pointsBack(numbers) {
    const back = new Float32Array(numbers.length);
    const [a, b] = this.#side;
    for (let i = 0; i < numbers.length; i += 2) {
      const [x, y] = [numbers[i] - 0.5, numbers[i + 1] - 0.5];
      back[i] = this.#middle[0] + a * x - b * y + 0.5;
      back[i + 1] = this.#middle[1] + a * y + b * x + 0.5;
    }
    return back;
  }
}
