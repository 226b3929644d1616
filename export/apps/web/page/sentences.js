// What the page says in sentences.
import { inWords } from "./answers.js";

export const NOT_IN_BOX = "No face in this box.";

const LEAST = 15; // pixels of a face that YuNet detects

export function countInWords(count) {
  if (count === 0) {
    return "No face.";
  }
  return count > 1 ? `${count} faces. Choose one to see its predictions.` : "";
}

/** Why a photo may have none, and what to do. */
export function noneInWords({ width, height }) {
  const small = Math.min(width, height) < LEAST;
  return small
    ? `No face was found: a face needs about ${LEAST} pixels, and this photo ` +
        `has ${width} × ${height}.`
    : "No face was found. Put the box round one.";
}

/** One sentence: where the face is, and what was predicted. */
export function inASentence({ box: [left, top, right], attributes }) {
  const found = Object.entries(attributes).map(
    ([task, x]) => `${task} ${inWords(x).join(" ")}`.trim(),
  );
  const [x, y, side] = [left, top, right - left].map(Math.round);
  return `Face ${side} pixels wide at ${x}, ${y}. ${found.join(", ")}.`;
}
