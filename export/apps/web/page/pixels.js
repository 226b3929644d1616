// Values of pixels as OpenCV and NumPy compute them.

/** 0.299 R + 0.587 G + 0.114 B in the whole numbers that OpenCV takes. */
export function grayOf(red, green, blue) {
  return (9798 * red + 19235 * green + 3735 * blue + 16384) >> 15;
}

/** Halves to the even number, as NumPy rounds. */
export function roundEven(value) {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 ? rounded - 1 : rounded;
}
