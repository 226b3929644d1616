// The crop of a rotated window, as facemtl/geometry/reference.py defines it.
import { grayOf, roundEven } from "./pixels.js";

/** See crop() in crop.js. */
export function rotatedCrop(photo, window, { size, color, samples }, degrees) {
  // More than one sample per photo pixel would only take longer.
  const needed = Math.max(2, Math.ceil(window.side / size));
  const n = Math.min(samples, needed);
  const channels = color === "gray" ? 1 : 3;
  const sums = new Float64Array(size * size * channels);
  const place = placesOf(window, size * n, degrees);
  for (let down = 0; down < size * n; down++) {
    for (let across = 0; across < size * n; across++) {
      const pixel = Math.floor(down / n) * size + Math.floor(across / n);
      addSample(photo, place(across, down), channels, sums, pixel * channels);
    }
  }
  return Float32Array.from(sums, (sum) => roundEven(sum / (n * n)));
}

/** Where the samples of a window are in the photo. */
function placesOf({ left, top, side }, n, degrees) {
  const angle = (degrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return (across, down) => {
    const [x, y] = [across, down].map((i) => side * ((i + 0.5) / n - 0.5));
    const half = side / 2;
    return [left + half + cos * x - sin * y, top + half + sin * x + cos * y];
  };
}

/** Add a bilinear sample; beyond its edge the photo is repeated. */
function addSample({ width, height, data }, [x, y], channels, sums, to) {
  const [atX, atY] = [within(x, width - 1), within(y, height - 1)];
  const [left, top] = [Math.floor(atX), Math.floor(atY)];
  const right = Math.min(left + 1, width - 1);
  const low = Math.min(top + 1, height - 1);
  const [across, down] = [atX - left, atY - top];
  const add = (column, row, share) => {
    const from = 4 * (row * width + column);
    const [red, green, blue] = [data[from], data[from + 1], data[from + 2]];
    if (channels === 1) {
      sums[to] += share * grayOf(red, green, blue);
    } else {
      sums[to] += share * red;
      sums[to + 1] += share * green;
      sums[to + 2] += share * blue;
    }
  };
  add(left, top, (1 - across) * (1 - down));
  add(right, top, across * (1 - down));
  add(left, low, (1 - across) * down);
  add(right, low, across * down);
}

function within(value, high) {
  return Math.min(Math.max(value, 0), high);
}
