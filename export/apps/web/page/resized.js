// A TFLite file whose input is a square photo -> the same for another size.
// LiteRT.js cannot do so itself. A network of convolutions alone has sizes
// nowhere but in the shapes of its tensors, which are numbers in the file.

import { Mistake } from "./mistake.js";

// Kernels have a shape too; theirs are 3 at most, those of the photo larger.
const KERNEL = 4;

/** file: Uint8Array of a network for `base` x `base` pixels; name: of it. */
export function resized(file, base, width, height, name) {
  try {
    return withSize(file, base, width, height);
  } catch (error) {
    if (!(error instanceof RangeError)) {
      throw error;
    }
    throw new Mistake(
      `Expected ${name} as a whole TFLite file. Received: a damaged one of ` +
        `${file.length} bytes. Build this page again: npm run build.`,
    );
  }
}

function withSize(file, base, width, height) {
  const bytes = file.slice();
  const view = new DataView(bytes.buffer);
  for (const shape of shapes(view)) {
    const [, down, across] = shape;
    if (shape.length === 4 && view.getInt32(down, true) > KERNEL) {
      for (const [place, size] of [[down, height], [across, width]]) {
        view.setInt32(place, (view.getInt32(place, true) * size) / base, true);
      }
    }
  }
  return bytes;
}

/** Where the numbers of each tensor's shape are, by TFLite's schema. */
function shapes(view) {
  const at = (place) => place + view.getUint32(place, true);
  const items = (vector) => {
    const length = view.getUint32(vector, true);
    return Array.from({ length }, (_, i) => vector + 4 * (i + 1));
  };
  // Tables of a FlatBuffer begin with the distance to the list of their fields.
  const field = (table, i) => {
    const fields = table - view.getInt32(table, true);
    return at(table + view.getUint16(fields + 4 + 2 * i, true));
  };
  const [SUBGRAPHS, TENSORS, SHAPE] = [2, 0, 0];
  const [graph] = items(field(at(0), SUBGRAPHS)).map(at);
  const tensors = items(field(graph, TENSORS)).map(at);
  return tensors.map((tensor) => items(field(tensor, SHAPE)));
}
