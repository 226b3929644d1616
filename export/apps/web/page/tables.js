// The answers as tables.
import { inWords } from "./answers.js";

export function fillTables(attributes, places, answer) {
  const rows = Object.entries(answer.attributes).map(([task, x]) => {
    return [task, ...inWords(x)];
  });
  fill(attributes, [...isFace(answer.confidence), ...rows]);
  const exact = Object.keys(answer.sigma).length === 0;
  places.classList.toggle("no-sigma", exact);
  fill(
    places,
    Object.entries(answer.points).map(([name, point], i) => [
      `${i + 1} ${name}`,
      ...[...point, answer.sigma[name]].map((x) => x?.toFixed(1) ?? ""),
    ]),
  );
}

/** The first row: the probability that this is a face, where it is known. */
function isFace(confidence) {
  if (confidence === undefined) {
    return [];
  }
  const said = confidence < 0.5 ? "unlikely" : "yes";
  return [["face", ...inWords({ class: said, probability: confidence })]];
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
