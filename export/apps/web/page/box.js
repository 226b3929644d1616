// The box round the face as numbers: a square inside or near the photo.
import { squareWindow } from "./crop.js";

const LEAST = 8; // pixels a side

export class Box {
  /** sides: left, top, right, bottom; without them, the photo's middle. */
  constructor({ width, height }, sides) {
    this.photo = { width, height };
    const part = Math.min(width, height) / 4;
    const [x, y] = [(width - 1) / 2, (height - 1) / 2];
    const middle = [x - part, y - part, x + part, y + part];
    const { left, top, side } = squareWindow(sides ?? middle);
    Object.assign(this, { x: left + side / 2, y: top + side / 2, side });
  }

  /** Left, top, right, bottom. */
  get sides() {
    const half = this.side / 2;
    return [this.x - half, this.y - half, this.x + half, this.y + half];
  }

  /** The corner at the left (-1) or right (1), the top (-1) or bottom (1). */
  corner([across, down]) {
    const half = this.side / 2;
    return [this.x + across * half, this.y + down * half];
  }

  /** Its centre stays inside the photo. */
  moveTo([x, y]) {
    this.x = within(x, 0, this.photo.width - 1);
    this.y = within(y, 0, this.photo.height - 1);
  }

  moveBy([right, down]) {
    this.moveTo([this.x + right, this.y + down]);
  }

  scale(factor) {
    this.side = this.#possible(this.side * factor);
  }

  /** Pull one corner to a place; the one across from it stays. */
  pull([across, down], [x, y]) {
    const [fixedX, fixedY] = this.corner([-across, -down]);
    const wanted = Math.max((x - fixedX) * across, (y - fixedY) * down);
    this.side = this.#possible(wanted);
    const half = this.side / 2;
    this.moveTo([fixedX + across * half, fixedY + down * half]);
  }

  #possible(side) {
    const { width, height } = this.photo;
    return within(side, LEAST, 2 * Math.max(width, height));
  }
}

function within(value, low, high) {
  return Math.min(Math.max(value, low), high);
}
