// Numbers of a network -> points, classes and values with their names.
import { toPhoto } from "./crop.js";

/** {points: {name: [x, y]}, attributes: {task: {class, probability}}}. */
export function describe(tasks, answers, window) {
  const points = {};
  const attributes = {};
  for (const task of tasks) {
    const numbers = answers[task.name];
    if (task.kind === "landmarks") {
      task.names.forEach((name, i) => {
        // Two tasks of points may share a name.
        const key = name in points ? `${task.name} ${name}` : name;
        points[key] = toPhoto([numbers[2 * i], numbers[2 * i + 1]], window);
      });
    } else if (task.kind === "classes") {
      attributes[task.name] = likeliest(task.names, numbers);
    } else {
      attributes[task.name] = { value: numbers[0] };
    }
  }
  return { points, attributes };
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
