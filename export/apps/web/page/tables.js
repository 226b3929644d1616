// The answers as tables, and in one sentence for a screen reader.
import { inWords } from "./answers.js";

export function fillTables(attributes, places, answer) {
  fill(
    attributes,
    Object.entries(answer.attributes).map(([task, x]) => [task, ...inWords(x)]),
  );
  fill(
    places,
    Object.entries(answer.points).map(([name, point], i) => [
      `${i + 1} ${name}`,
      ...point.map((place) => place.toFixed(1)),
    ]),
  );
}

/** One sentence: where the box is, and what was found. */
export function inASentence({ box: [left, top, right], attributes }) {
  const found = Object.entries(attributes).map(
    ([task, x]) => `${task} ${inWords(x).join(" ")}`.trim(),
  );
  const [x, y, side] = [left, top, right - left].map(Math.round);
  return `Box ${side} pixels wide at ${x}, ${y}. ${found.join(", ")}.`;
}

/** Cells are kept where they are: a table may be read as it changes. */
function fill(table, rows) {
  const body = table.tBodies[0];
  table.hidden = rows.length === 0;
  rows.forEach((texts, i) => {
    const row = body.rows[i] ?? body.insertRow();
    texts.forEach((text, k) => {
      const cell = row.cells[k] ?? newCell(row, table, k);
      cell.textContent = text.replaceAll("_", " ");
    });
  });
}

function newCell(row, table, k) {
  const cell = document.createElement(k ? "td" : "th");
  if (!k) {
    cell.scope = "row";
  }
  cell.className = table.tHead.rows[0].cells[k].className;
  row.append(cell);
  return cell;
}
