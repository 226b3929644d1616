// The crop of training: facemtl/geometry/crops.py, number by number (float32 too).
// Pixel coordinates count from 0 at the centre of the first pixel.
import { grayOf, roundEven } from "./pixels.js";
import { rotatedCrop } from "./rotated.js";

const round32 = Math.fround;

/** The square round a box's centre, with a margin on each side. */
export function squareWindow([left, top, right, bottom], margin = 0) {
  const side = Math.max(right - left, bottom - top) * (1 + 2 * margin);
  const [across, down] = [left + right, top + bottom];
  return { left: (across - side) / 2, top: (down - side) / 2, side };
}

/** The box whose window with a margin this is. */
export function boxOf({ left, top, side }, margin) {
  const inset = (side * margin) / (1 + 2 * margin);
  const [right, bottom] = [left + side, top + side];
  return [left + inset, top + inset, right - inset, bottom - inset];
}

/** A point in units of a window -> pixels of the photo. */
export function toPhoto([x, y], { left, top, side }) {
  return [x * side + left, y * side + top];
}

/**
 * Cut a window out of a photo: each pixel is the mean of samples x samples
 * bilinear samples. Beyond its edge the photo is repeated.
 *
 * photo: {width, height, data} with RGBA bytes, as ImageData.
 * spec: {size, color, samples} of facemtl.json. degrees: clockwise rotation of
 * the window; a face rotated by as much is upright in the crop.
 * Gives (size, size, 1 or 3) whole numbers from 0 to 255.
 */
export function crop(photo, window, spec, degrees = 0) {
  if (degrees) {
    return rotatedCrop(photo, window, spec, degrees);
  }
  const { size, color, samples } = spec;
  const n = size * samples;
  const down = places(window.top, window.side, n, photo.height);
  const across = places(window.left, window.side, n, photo.width);
  const channels = color === "gray" ? 1 : 3;
  const row = (y) => photoRow(photo, y, across.first, across.last, channels);
  const rows = meanLines(row, down, size, samples);
  const column = (x) => pick(rows, x - across.first, channels);
  const columns = meanLines(column, across, size, samples);
  const pixels = new Float32Array(size * size * channels);
  columns.forEach((line, x) => {
    for (let i = 0; i < line.length; i++) {
      const y = Math.floor(i / channels);
      pixels[(y * size + x) * channels + (i % channels)] = roundEven(line[i]);
    }
  });
  return pixels;
}

/** The centres of n samples along one axis, kept inside the photo. */
function places(start, side, n, length) {
  const step = side / n;
  const low = [];
  const share = [];
  for (let i = 0; i < n; i++) {
    const at = Math.min(Math.max(start + (i + 0.5) * step, 0), length - 1);
    low.push(Math.min(Math.floor(at), Math.max(length - 2, 0)));
    share.push(round32(at - low[i]));
  }
  const end = length - 1;
  const last = Math.min(low[n - 1] + 1, end);
  return { low, share, end, first: low[0], last };
}

/** Sample between lines (arrays); the mean of each of `size` groups. */
function meanLines(line, { low, share, end }, size, samples) {
  const means = [];
  for (let i = 0; i < size; i++) {
    let mean;
    for (let k = i * samples; k < (i + 1) * samples; k++) {
      const before = line(low[k]);
      const after = line(Math.min(low[k] + 1, end));
      const rest = round32(1 - share[k]);
      mean ??= new Float32Array(before.length);
      for (let x = 0; x < mean.length; x++) {
        const upper = round32(before[x] * rest);
        mean[x] += round32(upper + round32(after[x] * share[k]));
      }
    }
    means.push(mean.map((sum) => sum / samples));
  }
  return means;
}

/** Pixels `first` to `last` of the photo's row y, gray or in colors. */
function photoRow({ width, data }, y, first, last, channels) {
  const line = new Uint8Array((last - first + 1) * channels);
  let from = 4 * (y * width + first);
  for (let to = 0; to < line.length; to += channels, from += 4) {
    const [red, green, blue] = [data[from], data[from + 1], data[from + 2]];
    if (channels === 1) {
      line[to] = grayOf(red, green, blue);
    } else {
      line[to] = red;
      line[to + 1] = green;
      line[to + 2] = blue;
    }
  }
  return line;
}

/** Pixel x of every row, one after the other. */
function pick(rows, x, channels) {
  const line = new Float32Array(rows.length * channels);
  rows.forEach((row, y) => {
    for (let c = 0; c < channels; c++) {
      line[y * channels + c] = row[x * channels + c];
    }
  });
  return line;
}
