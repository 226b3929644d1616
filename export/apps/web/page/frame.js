// The box on the screen: dragged, pulled at its corners, moved by keys.
import { Box } from "./box.js";
import { element, placedAt, pointerAt, setAll } from "./drawing.js";

const CORNERS = [[-1, -1], [1, -1], [-1, 1], [1, 1]];
const MOVES = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
const LARGER = 1.05;
const SIZES = { "+": LARGER, "=": LARGER, "-": 1 / LARGER, _: 1 / LARGER };

export class Frame {
  box = null;
  #overlay;
  #moved;
  #pull = null;
  // A dark line below a light one is seen on every photo.
  #rects = ["under", "over"].map((name) => element("rect", { class: name }));
  #corners = CORNERS.map(() => element("g", { class: "corner" }));

  /** Put the box into an SVG's group; `moved` is called on each change. */
  constructor(overlay, group, moved) {
    this.#overlay = overlay;
    this.#moved = moved;
    for (const corner of this.#corners) {
      // A finger needs more room than an eye.
      const room = element("circle", { r: 20, class: "room" });
      corner.append(room, element("circle", { r: 6 }));
    }
    group.append(...this.#rects, ...this.#corners);
    group.addEventListener("keydown", (event) => this.#key(event));
    // A finger would scroll the page: touch-action is not for parts of an SVG.
    const stay = (event) => event.preventDefault();
    group.addEventListener("touchstart", stay, { passive: false });
    group.addEventListener("pointerdown", (event) => this.#grab(event));
    group.addEventListener("pointermove", (event) => {
      this.#change(() => this.#pull?.(pointerAt(overlay, event)));
    });
    group.addEventListener("lostpointercapture", () => (this.#pull = null));
    overlay.addEventListener("click", (event) => {
      if (this.box && event.target === overlay) {
        this.#change(() => this.box.moveTo(pointerAt(overlay, event)));
      }
    });
  }

  /** Begin with a box, or with one in the middle of the photo. */
  begin(photo, sides) {
    this.box = new Box(photo, sides);
    this.draw();
  }

  /** Show no box. */
  end() {
    this.box = null;
    this.#pull = null;
  }

  resize(larger) {
    this.#change(() => this.box.scale(larger ? LARGER : 1 / LARGER));
  }

  draw() {
    if (!this.box) {
      return;
    }
    const [x, y] = this.box.corner([-1, -1]);
    const { side } = this.box;
    for (const rect of this.#rects) {
      setAll(rect, { x, y, width: side, height: side });
    }
    this.#corners.forEach((corner, i) => {
      const place = this.box.corner(CORNERS[i]);
      setAll(corner, { transform: placedAt(this.#overlay, place) });
    });
  }

  #change(step) {
    if (!this.box) {
      return;
    }
    const before = `${this.box.sides}`;
    step();
    if (`${this.box.sides}` !== before) {
      this.draw();
      this.#moved();
    }
  }

  /** Hold the box where it was grabbed: at a corner, or as a whole. */
  #grab(event) {
    event.currentTarget.setPointerCapture(event.pointerId);
    const [x, y] = pointerAt(this.#overlay, event);
    const { box } = this;
    const i = this.#corners.indexOf(event.target.parentNode);
    const [atX, atY] = i < 0 ? [box.x, box.y] : box.corner(CORNERS[i]);
    const [besideX, besideY] = [atX - x, atY - y];
    this.#pull = (place) => {
      const to = [place[0] + besideX, place[1] + besideY];
      return i < 0 ? box.moveTo(to) : box.pull(CORNERS[i], to);
    };
  }

  #key(event) {
    // With these the keys are the browser's: + and - zoom the page.
    if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const step = this.box.side * (event.shiftKey ? 0.1 : 0.02);
    const move = MOVES[event.key]?.map((part) => part * step);
    const size = SIZES[event.key];
    if (move || size) {
      event.preventDefault();
      this.#change(() => (move ? this.box.moveBy(move) : this.box.scale(size)));
    }
  }
}
