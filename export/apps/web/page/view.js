// What is said of the faces: on the photo, in the tables, to screen readers.
import { drawPoints } from "./drawing.js";
import { Marks } from "./marks.js";
import { countInWords, inASentence, NOT_IN_BOX } from "./sentences.js";
import { fillTables } from "./tables.js";

const REST = 700; // ms without a change until a photo's face is spoken of
const NOTHING = { points: {}, sigma: {} };

export class View {
  #part;
  #marks;
  #faces = [];
  #byHand = false;
  #selected; // The number of the face that the tables are about.
  #quiet;

  /** part(id) gives an element of the page. */
  constructor(part) {
    this.#part = part;
    this.#marks = new Marks(part("overlay"), part("faces"), (number) => {
      this.#selected = number;
      this.draw();
    });
  }

  /** The face that the tables are about, if there is one. */
  get chosen() {
    const chosen = ({ number }) => number === this.#selected;
    return this.#faces.find(chosen) ?? this.#faces[0];
  }

  /**
   * Show faces; byHand: the face in the box placed by hand; note: a sentence
   * instead of their count; moving: they change with each picture.
   */
  show(faces, { byHand, note, moving }) {
    this.#faces = faces;
    this.#byHand = byHand;
    this.draw();
    const none = this.#isNone();
    const count = none && byHand ? NOT_IN_BOX : countInWords(faces.length);
    this.#part("state").textContent = note || count;
    const sum = faces.reduce((all, face) => all + face.milliseconds, 0);
    const each = (sum / faces.length).toFixed(1);
    this.#part("time").textContent = none ? "" : `${each} ms a face`;
    clearTimeout(this.#quiet);
    if (!moving) {
      const heard = none ? "" : inASentence(this.chosen);
      const say = () => (this.#part("heard").textContent = heard);
      this.#quiet = setTimeout(say, REST);
    }
  }

  /** Another photo: no face of it is chosen yet. */
  forget() {
    this.#selected = undefined;
  }

  /** Draw the faces, and fill the tables of the chosen one. */
  draw() {
    const { chosen } = this;
    const none = this.#isNone();
    this.#selected = chosen?.number;
    this.#marks.show(this.#byHand ? [] : this.#faces, this.#selected);
    const ofBox = this.#byHand && !none ? chosen : NOTHING;
    drawPoints(this.#part("overlay"), this.#part("points"), ofBox);
    this.#part("answers").hidden = none;
    if (!none) {
      const several = this.#faces.length > 1;
      this.#part("who").textContent = several ? `Face ${chosen.number}` : "";
      fillTables(this.#part("attributes"), this.#part("places"), chosen);
    }
  }

  #isNone() {
    return !this.chosen || (this.#byHand && this.chosen.confidence < 0.5);
  }
}
