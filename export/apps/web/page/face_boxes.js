// YuNet's faces -> boxes like those of the network's training faces:
// facemtl/detection/boxes.py, and the order of facemtl/detection/detector.py.
import { overlap } from "./yunet.js";

// Of MTFL, for a network that keeps none; SIDE is of its training faces too.
const MTFL = { scale: 0.917, shift: [-0.011, 0.022], middle: [] };
const SIDE = 1.78;
const SAME_FACE = 0.3;

/** [{score, box: [left, top, right, bottom]}], the largest first. */
export function faceBoxes(found, sidecar) {
  const convention = sidecar.box_convention?.detector ?? MTFL;
  const kept = [];
  for (const face of found) {
    const box = boxOf(face, convention);
    if (kept.every((other) => overlap(other.box, box) < SAME_FACE)) {
      kept.push({ score: face.score, box });
    }
  }
  const side = ({ box: [left, , right] }) => right - left;
  return kept.sort((a, b) => side(b) - side(a));
}

function boxOf(face, { scale, shift, middle }) {
  const { left, top, width, height, points } = face;
  const ends = [0, 1].map((axis) => {
    const along = points.map((point) => point[axis]);
    return [Math.min(...along), Math.max(...along)];
  });
  const spread = Math.max(...ends.map(([low, high]) => high - low));
  const side = (Math.sqrt(width * height) + SIDE * spread) / 2;
  const of_box = [left + width / 2, top + height / 2];
  const [x, y] = middle.length
    ? sum(middle, points)
    : ends.map(([low, high], i) => {
        return (of_box[i] + (low + high) / 2) / 2 + shift[i] * side;
      });
  const half = (scale * side) / 2;
  return [x - half, y - half, x + half, y + half];
}

/** The sum of weights * points as complex numbers, [real, imaginary]. */
export function sum(weights, points) {
  const total = [0, 0];
  weights.forEach(([a, b], i) => {
    const [x, y] = points[i];
    total[0] += a * x - b * y;
    total[1] += a * y + b * x;
  });
  return total;
}
