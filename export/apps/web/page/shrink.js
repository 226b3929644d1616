// A photo made smaller, as OpenCV's INTER_AREA: each pixel is the mean of the
// part of the photo that it covers.
import { roundEven } from "./pixels.js";

/** photo: {width, height, data} with RGBA bytes. Gives the same, smaller. */
export function shrink(photo, width, height) {
  const across = parts(photo.width, width);
  const down = parts(photo.height, height);
  const data = new Uint8ClampedArray(4 * width * height);
  const sums = new Float32Array(4 * width);
  const kept = new Float32Array(4 * width);
  let read = -1;
  down.forEach(({ first, shares }, y) => {
    sums.fill(0);
    shares.forEach((share, i) => {
      // Neighbours share a row of the photo.
      if (first + i !== read) {
        read = first + i;
        shrinkRow(photo, read, across, kept);
      }
      for (let x = 0; x < sums.length; x++) {
        sums[x] += Math.fround(share * kept[x]);
      }
    });
    for (let x = 0; x < sums.length; x++) {
      data[4 * width * y + x] = roundEven(sums[x]);
    }
  });
  return { width, height, data };
}

/**
 * Plain loops over typed arrays: a photo has millions of pixels. Each product
 * and sum is rounded to float32, as OpenCV's.
 */
function shrinkRow({ width, data }, y, across, into) {
  const { fround } = Math;
  for (let x = 0; x < across.length; x++) {
    const { first, shares } = across[x];
    let [red, green, blue] = [0, 0, 0];
    let at = 4 * (y * width + first);
    for (let i = 0; i < shares.length; i++) {
      red = fround(red + fround(shares[i] * data[at]));
      green = fround(green + fround(shares[i] * data[at + 1]));
      blue = fround(blue + fround(shares[i] * data[at + 2]));
      at += 4;
    }
    into[4 * x] = red;
    into[4 * x + 1] = green;
    into[4 * x + 2] = blue;
    into[4 * x + 3] = 255;
  }
}

/** For each of `to` parts of `from` pixels: its first, and all their shares. */
function parts(from, to) {
  const step = from / to;
  return Array.from({ length: to }, (_, i) => {
    const [start, end] = [i * step, Math.min((i + 1) * step, from)];
    const first = Math.floor(start + 1e-6);
    const last = Math.min(Math.ceil(end - 1e-6), from);
    const shares = new Float32Array(last - first);
    for (let k = first; k < last; k++) {
      const covered = Math.min(k + 1, end) - Math.max(k, start);
      shares[k - first] = covered / (end - start);
    }
    return { first, shares };
  });
}
