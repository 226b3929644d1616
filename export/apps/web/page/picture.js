// The photo, or the camera's latest picture: shown, and read as pixels.
import { Mistake } from "./mistake.js";

export class Picture {
  #context;

  constructor(canvas) {
    this.canvas = canvas;
    // Kept out of the GPU, since every picture is read back.
    this.#context = canvas.getContext("2d", { willReadFrequently: true });
    this.pixels = null;
  }

  /** Draw an image or a video; true if its size is another than before. */
  show(source, width, height) {
    const { canvas } = this;
    const resized =
      !this.pixels || canvas.width !== width || canvas.height !== height;
    if (resized) {
      Object.assign(canvas, { width, height });
    }
    this.#context.drawImage(source, 0, 0);
    this.pixels = this.#context.getImageData(0, 0, width, height);
    return resized;
  }
}

/** A file's picture, turned as its EXIF says. */
export async function decode(blob, name) {
  try {
    // As OpenCV reads it: no color profile, and alpha dropped.
    return await createImageBitmap(blob, {
      colorSpaceConversion: "none",
      imageOrientation: "from-image",
      premultiplyAlpha: "none",
    });
  } catch {
    throw new Mistake(`${name} is not an image that this browser can read.`);
  }
}

/** The picture at an address of this site. */
export async function decodeAddress(address) {
  const response = await fetch(address).catch(() => null);
  if (!response?.ok) {
    throw new Mistake(`Expected a photo at ${address} of this site.`);
  }
  return decode(await response.blob(), address);
}
