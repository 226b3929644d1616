// Faces followed through a camera's pictures: each is predicted where its
// points were, and the whole picture is searched now and then.
import { DETECTED } from "./alignment.js";
import { OneEuro } from "./smoothing.js";
import { overlap } from "./yunet.js";

const EVERY = 0.5; // seconds between two searches while all faces are followed
const MISSED = 3; // searches without a face that end its track
const SAME_FACE = 0.3;

export class Follower {
  #network;
  #detector;
  #tracks = [];
  #searched = -Infinity;

  constructor(network, detector) {
    this.#network = network;
    this.#detector = detector;
  }

  /** The faces of the next picture, at a time in seconds. */
  async next(photo, time) {
    const kept = [];
    for (const { track, box } of await this.#places(photo, time)) {
      const face = await this.#network.answer(photo, box, DETECTED);
      // Two tracks may have come to the same face.
      const at = placeOf(face);
      const double = kept.some((other) => same(placeOf(other.face), at));
      if (!double && !(face.confidence < 0.5)) {
        kept.push(Object.assign(track, { face }));
      }
    }
    if (this.#tracks.some((track) => !kept.includes(track))) {
      this.#searched = -Infinity;
    }
    for (const track of kept) {
      track.number ??= leastFree(kept);
    }
    this.#tracks = kept.sort((a, b) => a.number - b.number);
    return kept.map((track) => smoothed(track, time));
  }

  /** Where to look: at the known faces, and at those of a search. */
  async #places(photo, time) {
    const found = this.#isDue(time) ? await this.#detector.search(photo) : null;
    this.#searched = found ? time : this.#searched;
    const places = [];
    for (const track of this.#tracks) {
      const at = placeOf(track.face);
      const seen = found?.find(({ box }) => same(box, at));
      if (found) {
        track.missed = seen ? 0 : track.missed + 1;
      }
      if (track.missed < MISSED) {
        places.push({ track, box: track.face.next ?? seen?.box ?? at });
      }
    }
    for (const { box } of found ?? []) {
      if (!places.some((place) => same(place.box, box))) {
        places.push({ track: { missed: 0, smooth: new OneEuro() }, box });
      }
    }
    return places;
  }

  /** Networks without points cannot say where a face has gone. */
  #isDue(time) {
    const lost = !this.#tracks.length || this.#tracks.some((x) => !x.face.next);
    return lost || time - this.#searched >= EVERY;
  }
}

/** Where a face is, by its points if they can tell. */
function placeOf({ next, box }) {
  return next ?? box;
}

function same(a, b) {
  return overlap(a, b) >= SAME_FACE;
}

function leastFree(tracks) {
  for (let number = 1; ; number++) {
    if (!tracks.some((track) => track.number === number)) {
      return number;
    }
  }
}

/** The face with a calm box and points; the filter's unit is its first side. */
function smoothed(track, time) {
  const { number, face, smooth } = track;
  track.side ??= face.box[2] - face.box[0];
  const names = Object.keys(face.points);
  const places = [...face.box, ...Object.values(face.points).flat()];
  const calm = smooth
    .next(places.map((x) => x / track.side), time)
    .map((x) => x * track.side);
  const points = Object.fromEntries(
    names.map((name, i) => [name, calm.slice(4 + 2 * i, 6 + 2 * i)]),
  );
  return { ...face, number, box: calm.slice(0, 4), points };
}
