// The found faces on the photo: boxes to choose one of, and its points.
import { drawPoints, element, placedAt, setAll, unitOf } from "./drawing.js";

// Numbers of points would hide a face that is less wide on the screen.
const WIDE = 80;

export class Marks {
  #overlay;
  #group;
  #chosen;
  #marks = new Map(); // Kept by number: a finger may be on one of them.

  /** chosen(number) is called for a face that is tapped or entered. */
  constructor(overlay, group, chosen) {
    this.#overlay = overlay;
    this.#group = group;
    this.#chosen = chosen;
  }

  show(faces, selected) {
    const numbers = new Set(faces.map(({ number }) => number));
    for (const [number, mark] of this.#marks) {
      if (!numbers.has(number)) {
        mark.remove();
        this.#marks.delete(number);
      }
    }
    for (const face of faces) {
      this.#draw(face, face.number === selected, faces.length > 1);
    }
  }

  #draw(face, selected, several) {
    const mark = this.#marks.get(face.number) ?? this.#create(face.number);
    const [x, y, right, bottom] = face.box;
    const [under, over, tag, points] = mark.children;
    setAll(mark, { "aria-pressed": selected });
    for (const rect of [under, over]) {
      setAll(rect, { x, y, width: right - x, height: bottom - y });
    }
    setAll(tag, {
      transform: placedAt(this.#overlay, [x, y]),
      class: several ? "tag" : "tag unseen",
    });
    const wide = right - x >= WIDE * unitOf(this.#overlay);
    drawPoints(this.#overlay, points, face, selected && wide);
  }

  #create(number) {
    const mark = element("g", {
      class: "face",
      role: "button",
      tabindex: 0,
      "aria-label": `Face ${number}`,
    });
    const tag = element("g");
    const text = element("text");
    text.textContent = number;
    tag.append(element("circle", { r: 12 }), text);
    const rects = ["under", "over"].map((x) => element("rect", { class: x }));
    mark.append(...rects, tag, element("g", { class: "points" }));
    mark.addEventListener("click", () => this.#chosen(number));
    mark.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        this.#chosen(number);
      }
    });
    this.#marks.set(number, mark);
    this.#group.append(mark);
    return mark;
  }
}
