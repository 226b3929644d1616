// The One-Euro filter of facemtl/video/smoothing.py: steady at rest, without
// lag in motion.

const LEAST_CUTOFF = 1.5; // Hz
const BETA = 3; // Speed is in boxes a second: at 1 the lag is 35 ms.
const SPEED_CUTOFF = 1; // Hz

export class OneEuro {
  #values = null;
  #speeds;
  #time;

  /** Smooth an array, at a time in seconds that grows. */
  next(values, time) {
    if (!this.#values) {
      this.#speeds = values.map(() => 0);
      this.#values = values;
    } else {
      const step = Math.max(time - this.#time, 1e-6);
      this.#values = values.map((value, i) => {
        const before = this.#values[i];
        const speed = (value - before) / step;
        this.#speeds[i] = mix(this.#speeds[i], speed, SPEED_CUTOFF, step);
        const cutoff = LEAST_CUTOFF + BETA * Math.abs(this.#speeds[i]);
        return mix(before, value, cutoff, step);
      });
    }
    this.#time = time;
    return this.#values;
  }
}

function mix(before, value, cutoff, step) {
  const share = 1 / (1 + 1 / (2 * Math.PI * cutoff * step));
  return share * value + (1 - share) * before;
}
