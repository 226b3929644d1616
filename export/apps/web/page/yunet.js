// YuNet before and after its network, as OpenCV's FaceDetectorYN and
// facemtl/detection/detector.py.
import { roundEven } from "./pixels.js";
import { shrink } from "./shrink.js";

const LONGEST = 1024; // pixels of the longer side of a photo that is searched
const LEAST = 33; // pixels; of smaller photos YuNet tells nonsense
const STRIDES = 32; // the sides of its input are a multiple of this
const SCORE = 0.6;
const OVERLAP = 0.3; // Two boxes of at least this are of one face.

/**
 * A photo (ImageData) as YuNet's input: {pixels, width, height}, where `scale`
 * is its pixels per pixel of the photo.
 */
export function asInput(photo) {
  const longest = Math.max(photo.width, photo.height);
  const scale = Math.min(1, LONGEST / longest);
  const small = scale < 1 ? shrink(photo, ...sizes(photo, scale)) : photo;
  const [width, height] = [small.width, small.height].map(
    (x) => Math.ceil(Math.max(x, LEAST) / STRIDES) * STRIDES,
  );
  const pixels = new Float32Array(3 * width * height);
  // A photo of fewer than the least pixels is continued by its last ones.
  for (let y = 0; y < Math.max(small.height, LEAST); y++) {
    const row = Math.min(y, small.height - 1) * small.width;
    for (let x = 0; x < Math.max(small.width, LEAST); x++) {
      const from = 4 * (row + Math.min(x, small.width - 1));
      const to = 3 * (y * width + x);
      for (let c = 0; c < 3; c++) {
        pixels[to + c] = small.data[from + c];
      }
    }
  }
  return { pixels, width, height, scale };
}

function sizes({ width, height }, scale) {
  return [width, height].map((x) => Math.max(1, roundEven(scale * x)));
}

/**
 * The faces in the network's outputs, in pixels of the photo, the best first:
 * [{score, left, top, width, height, points: [[x, y], …]}].
 *
 * outputs: arrays of 16 numbers a place, of any order.
 */
export function faces(outputs, { width, height, scale }) {
  const every = outputs.flatMap((numbers) => {
    const stride = Math.sqrt((16 * width * height) / numbers.length);
    return atStride(numbers, stride, width / stride);
  });
  return distinct(every).map((face) => inPhoto(face, scale));
}

function atStride(numbers, stride, columns) {
  const found = [];
  for (let i = 0; i < numbers.length; i += 16) {
    const score = Math.sqrt(share(numbers[i]) * share(numbers[i + 1]));
    if (score >= SCORE) {
      const column = (i / 16) % columns;
      const place = [column, (i / 16 - column) / columns];
      const [right, down, wide, high, ...rest] = numbers.slice(i + 2, i + 16);
      const [width, height] = [wide, high].map((x) => stride * Math.exp(x));
      const left = stride * (place[0] + right) - width / 2;
      const top = stride * (place[1] + down) - height / 2;
      const points = [0, 2, 4, 6, 8].map((k) =>
        place.map((x, axis) => stride * (x + rest[k + axis])),
      );
      found.push({ score, left, top, width, height, points });
    }
  }
  return found;
}

function share(logit) {
  return 1 / (1 + Math.exp(-logit));
}

/** The best of each face. OpenCV compares boxes of whole numbers. */
function distinct(every) {
  const kept = [];
  for (const face of every.sort((a, b) => b.score - a.score)) {
    const sides = [face.left, face.top, face.width, face.height];
    const [x, y, width, height] = sides.map(Math.trunc);
    const whole = [x, y, x + width, y + height];
    if (kept.every((other) => overlap(other.whole, whole) <= OVERLAP)) {
      kept.push({ face, whole });
    }
  }
  return kept.map(({ face }) => face);
}

/** Intersection over union of boxes: left, top, right, bottom. */
export function overlap(a, b) {
  const across = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const down = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  const both = Math.max(across, 0) * Math.max(down, 0);
  const area = ([left, top, right, bottom]) => (right - left) * (bottom - top);
  return both / (area(a) + area(b) - both);
}

/** 0 is the centre of the first pixel, at both scales. */
function inPhoto({ score, left, top, width, height, points }, scale) {
  const back = (x) => (x + 0.5) / scale - 0.5;
  return {
    score,
    left: back(left),
    top: back(top),
    width: width / scale,
    height: height / scale,
    points: points.map((point) => point.map(back)),
  };
}
