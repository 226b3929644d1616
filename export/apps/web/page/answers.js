// Numbers of a network -> points, classes and values with their names.
import { toPhoto } from "./crop.js";

/**
 * {points: {name: [x, y]}, sigma: {name: its deviation}, attributes: {task:
 * {class, probability}}}, in pixels of the photo.
 */
export function describe(tasks, answers, window) {
  const points = {};
  const sigma = {};
  const attributes = {};
  for (const task of tasks) {
    const numbers = answers[task.name];
    if (task.kind === "landmarks") {
      task.names.forEach((name, i) => {
        // Two tasks of points may share a name.
        const key = name in points ? `${task.name} ${name}` : name;
        points[key] = toPhoto([numbers[2 * i], numbers[2 * i + 1]], window);
        const deviations = answers[`${task.name}_sigma`];
        if (deviations) {
          sigma[key] = deviations[i] * window.side;
        }
      });
    } else if (task.kind === "classes") {
      attributes[task.name] = likeliest(task.names, numbers);
    } else {
      attributes[task.name] = { value: numbers[0] };
    }
  }
  return { points, sigma, attributes };
}

/** Probability that a crop is a face: see `sigma` in facemtl.json. */
export function confidenceOf(sigma, answers) {
  for (const [task, { limit, slope }] of Object.entries(sigma ?? {})) {
    const logs = answers[`${task}_sigma`].map(Math.log);
    const mean = logs.reduce((sum, x) => sum + x, 0) / logs.length;
    return 1 / (1 + Math.exp(slope * (mean - limit)));
  }
  return undefined; // This network does not predict it.
}

function likeliest(names, probabilities) {
  const probability = Math.max(...probabilities);
  return { class: names[probabilities.indexOf(probability)], probability };
}

/** The answers as two columns of text: what, and how sure. */
export function inWords({ class: name, probability, value }) {
  if (value !== undefined) {
    return [value.toPrecision(3), ""];
  }
  return [name, `${(100 * probability).toFixed(0)} %`];
}
