// What is drawn over the photo: an SVG whose units are the photo's pixels.

const SVG = "http://www.w3.org/2000/svg";

/** A new SVG element, or one with other attributes. */
export function element(name, attributes = {}) {
  return setAll(document.createElementNS(SVG, name), attributes);
}

export function setAll(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    node.setAttribute(name, value);
  }
  return node;
}

/** The photo's edges lie half a pixel outside of its pixels' centres. */
export function fitOverlay(overlay, width, height) {
  setAll(overlay, { viewBox: `-0.5 -0.5 ${width} ${height}` });
}

/** Pixels of the photo per pixel of the screen. */
export function unitOf(overlay) {
  const { width } = overlay.viewBox.baseVal;
  return width / (overlay.getBoundingClientRect().width || width);
}

/** Places something at (x, y) whose own units are the screen's pixels. */
export function placedAt(overlay, [x, y]) {
  return `translate(${x} ${y}) scale(${unitOf(overlay)})`;
}

/** Where a pointer is, in the photo's pixels. */
export function pointerAt(overlay, { clientX, clientY }) {
  const place = new DOMPoint(clientX, clientY);
  const { x, y } = place.matrixTransform(overlay.getScreenCTM().inverse());
  return [x, y];
}

// Numbers of more points would hide the face.
const MOST_NUMBERED = 20;

// Half of all points are nearer than this many of their deviations.
const HALF = 1.18;

/**
 * A dot for each point, in a circle that holds it with even odds; with the
 * numbers that the table has, if they are wanted and few.
 */
export function drawPoints(overlay, group, { points, sigma }, numbered = true) {
  const few = Object.keys(points).length <= MOST_NUMBERED;
  const dots = Object.values(points).map((point, i) => {
    const dot = element("g", { transform: placedAt(overlay, point) });
    dot.append(element("circle", { r: few ? 3.5 : 2, class: "dot" }));
    if (few && numbered) {
      const number = element("text", { x: 6, y: -5 });
      number.textContent = i + 1;
      dot.append(number);
    }
    return dot;
  });
  const circles = Object.entries(sigma).map(([name, deviation]) => {
    const [cx, cy] = points[name];
    return element("circle", { cx, cy, r: HALF * deviation, class: "near" });
  });
  group.replaceChildren(...circles, ...dots);
}
