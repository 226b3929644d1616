"""Find faces that lie on their side or are upside down.

A search of all four quarter turns takes four times as long as one. YuNet also
responds to turned faces, with low scores. So the upright photo is searched for
candidates with a very low score, and only these are searched again in the other
turns, side by side in one picture. `benchmarks/turned_faces.py` measures this.
"""

from collections.abc import Callable

import cv2
import numpy as np

from facemtl.detection.tiles_of_faces import TILE, FaceTiles
from facemtl.detection.turns import turn_boxes_back, turn_points_back

# At this score, YuNet detects 99 % of the faces in wrong turns.
CANDIDATE = 0.02
# At this score, faces are upright: those in wrong turns reach 0.9.
UPRIGHT = 0.9
# Fainter candidates of small photos are left out beside another face.
FURTHER = 0.1
# The upright tile is for clear candidates of large photos: there, the photo's
# score of a large face is lower than that of its tile.
TURNS = (1, 2, 3, 0)
ROTATIONS = {
    1: cv2.ROTATE_90_COUNTERCLOCKWISE,
    2: cv2.ROTATE_180,
    3: cv2.ROTATE_90_CLOCKWISE,
}
CENTRAL = 0.3  # Greatest distance of a face from its tile's centre, in tiles.
# A search ends after as many candidates without a face as have tiles of this
# share of the upright search's pixels, and at least some in small photos.
SHARE, LEAST = 0.2, 3
# Each candidate with a face lets it go on for two more without: a crowd has
# many of both.
MORE = 2
# Candidates of large photos share a picture. Few shapes of pictures exist,
# because YuNet's first search of a shape takes 20 ms.
GROUP = 4

# Returns YuNet's rows (N, 15) for pixels (H, W, 3).
Detect = Callable[[np.ndarray], np.ndarray]
Rows = tuple[np.ndarray, np.ndarray]


def turned_faces(
    photo: np.ndarray,
    candidates: np.ndarray,
    searched: float,
    score: float,
    detect: Detect,
) -> Rows:
    """Search candidates in the three quarter turns that are not upright.

    Args:
        photo: (H, W, 3), uint8, RGB.
        candidates: (N, 15) YuNet's rows in the upright photo, with scores from
            `CANDIDATE`.
        searched: pixels of the upright search.
        score: the lowest score of a face.
        detect: the detector.

    Returns:
        YuNet's rows (M, 15) in pixels of `np.rot90(photo, turn)`, and their
        turns (M,).
    """
    tiles = FaceTiles(photo)
    misses = max(LEAST, int(SHARE * searched / (3 * TILE**2)))
    size, least = (GROUP, 0.0) if misses >= GROUP else (1, FURTHER)
    sure = candidates[:, 14] >= UPRIGHT
    faces = _boxes(candidates[sure])
    left = _likely_first(candidates[~sure])
    found = [(np.empty((0, 15)), np.empty(0, int))]
    while misses > 0:
        if len(faces):
            left = left[(left[:, 14] >= least) & ~_inside(left, faces)]
        some, left = left[:size], left[size:]
        if not len(some):
            break
        rows, turns = _in_turns(photo.shape, tiles, some, score, detect)
        found.append((rows, turns))
        known = turn_boxes_back(_boxes(rows), turns, photo.shape)
        known = np.concatenate([known, _boxes(some[some[:, 14] >= score])])
        faces = np.concatenate([faces, known])
        hits = _inside(some, known)
        misses += MORE * hits.sum() - (~hits).sum()
    all_rows, all_turns = zip(*found, strict=True)
    return np.concatenate(all_rows), np.concatenate(all_turns)


def _likely_first(candidates: np.ndarray) -> np.ndarray:
    """Sort candidates: faces have higher scores than others, and are larger."""
    sides = np.sqrt(candidates[:, 2] * candidates[:, 3])
    return candidates[np.argsort(-candidates[:, 14] * sides, kind="stable")]


def _boxes(rows: np.ndarray) -> np.ndarray:
    return np.concatenate([rows[:, :2], rows[:, :2] + rows[:, 2:4]], axis=1)


def _inside(rows: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Return (N,) whether the centres of rows (N, 15) lie in a box."""
    centres = (rows[:, :2] + rows[:, 2:4] / 2)[:, None]
    inside = (boxes[:, :2] < centres) & (centres < boxes[:, 2:])
    found: np.ndarray = np.any(np.all(inside, axis=2), axis=1)
    return found


def _in_turns(
    shape: tuple[int, ...],
    tiles: FaceTiles,
    candidates: np.ndarray,
    score: float,
    detect: Detect,
) -> Rows:
    """Search candidates in three turns; see `turned_faces`.

    Returns:
        Only rows with a better score than their candidate's, in the photo and
        in an upright tile.
    """
    lines = 1 if len(candidates) == 1 else GROUP
    clear = lines > 1 and (candidates[:, 14] >= score).any()
    columns = 4 if clear else 3
    picture = np.zeros((lines * TILE, columns * TILE, 3), np.uint8)
    windows = tiles.windows(candidates)
    for i, window in enumerate(windows):
        tile = tiles.of(window)
        for k, turn in enumerate(TURNS[:columns]):
            part = cv2.rotate(tile, ROTATIONS[turn]) if turn else tile
            picture[_part(i), _part(k)] = part
    rows = detect(picture)
    centres = (rows[:, :2] + rows[:, 2:4] / 2) / TILE
    places = np.clip(centres, 0, (columns - 1, lines - 1)).astype(int)
    near = np.abs(centres - places - 0.5).max(axis=1) <= CENTRAL
    least = np.ones(lines)
    least[: len(candidates)] = candidates[:, 14]
    upright = near & (places[:, 0] == 3)
    np.maximum.at(least, places[upright, 1], rows[upright, 14])
    good = near & ~upright & (rows[:, 14] > least[places[:, 1]])
    rows, places = rows[good], places[good]
    turns = places[:, 0] + TURNS[0]
    for row, place, turn in zip(rows, places, turns, strict=True):
        window = _turned(windows[place[1]], turn, shape)
        scale = window[2] / TILE
        # 0 is the centre of the first pixel, in both.
        corner = window[:2] + scale / 2 - 0.5
        points = row[:14].reshape(7, 2)
        points *= scale
        points[np.arange(7) != 1] += corner - scale * TILE * place
    return rows, turns


def _part(i: int) -> slice:
    return slice(i * TILE, (i + 1) * TILE)


def _turned(
    window: np.ndarray, turn: int, shape: tuple[int, ...]
) -> np.ndarray:
    """Return the place (3,) of a window in `np.rot90(photo, turn)`."""
    half = window[2] / 2
    turned = shape[:2] if turn % 2 == 0 else shape[1::-1]
    # Of the centre in pixel units, where 0 is the centre of the first pixel.
    centre = turn_points_back(window[:2] + half - 0.5, -turn, turned)
    return np.array([*(centre + 0.5 - half), window[2]])
