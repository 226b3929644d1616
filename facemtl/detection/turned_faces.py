"""Find faces that lie on their side or are upside down.

A search of all four quarter turns takes four times as long as one. YuNet also
responds to turned faces, with low scores. So the upright photo is searched for
candidates with a very low score, and only these are searched again in the other
turns, side by side in one picture. `benchmarks/detectors.py` compares both.
"""

import math
from collections.abc import Callable

import cv2
import numpy as np

from facemtl.detection.turns import turn_points_back
from facemtl.detection.yunet import move_rows
from facemtl.geometry.crops import square_windows

# At this score, YuNet detects 99 % of the faces in wrong turns.
CANDIDATE = 0.02
# At this score, faces are upright: those in wrong turns reach 0.9.
UPRIGHT = 0.9
# Fainter candidates of small photos are left out beside another face.
FURTHER = 0.03
TURNS = (1, 2, 3)
TILE = 96  # Pixels a side of a candidate when it is searched again.
MARGIN = 0.3  # Shares of a candidate's box around it.
CENTRAL = 0.3  # Greatest distance of a face from its tile's centre, in tiles.
# A group of candidates: so many that their tiles have this share of the upright
# search's pixels, and at least some in small photos.
SHARE, LEAST = 0.25, 6

# Returns YuNet's rows (N, 15) for pixels (H, W, 3).
Detect = Callable[[np.ndarray], np.ndarray]


def turned_faces(
    photo: np.ndarray, candidates: np.ndarray, searched: float, detect: Detect
) -> list[tuple[np.ndarray, int]]:
    """Search candidates in the three quarter turns that are not upright.

    Args:
        photo: (H, W, 3), uint8, RGB.
        candidates: (N, 15) YuNet's rows in the upright photo, with scores from
            `CANDIDATE`.
        searched: pixels of the upright search.
        detect: the detector.

    Returns:
        YuNet's rows in pixels of `np.rot90(photo, turn)`, and each turn.
    """
    most = max(LEAST, int(SHARE * searched / (len(TURNS) * TILE**2)))
    further = FURTHER if most == LEAST else 0.0
    order = np.argsort(-candidates[:, 14])
    unsure = candidates[order][candidates[order, 14] < UPRIGHT]
    if len(unsure) < len(candidates):
        unsure = unsure[unsure[:, 14] >= further]
    # The best one is nearly always the face, if there is one.
    found = _in_turns(photo, unsure[:1], detect)
    others = unsure[1:]
    if found:
        others = others[others[:, 14] >= further]
    for start in range(0, len(others), most):
        parts = _in_turns(photo, others[start : start + most], detect)
        # The best candidates come first: faces end where a group has none.
        if not parts:
            break
        found += parts
    return found


def _in_turns(
    photo: np.ndarray, candidates: np.ndarray, detect: Detect
) -> list[tuple[np.ndarray, int]]:
    """Search candidates in three turns; see `turned_faces`.

    Returns:
        Only rows with a better score than their candidate's.
    """
    if not len(candidates):
        return []
    windows = _windows(candidates)
    upright = [_tile(photo, window) for window in windows]
    tiles = [np.rot90(tile, turn) for turn in TURNS for tile in upright]
    places = [
        (turn, _turned(window, turn, photo.shape), score)
        for turn in TURNS
        for window, score in zip(windows, candidates[:, 14], strict=True)
    ]
    return [
        (_in_photo(better, window), turn)
        for rows, (turn, window, score) in zip(
            _rows_in_tiles(tiles, detect), places, strict=True
        )
        if len(better := rows[rows[:, 14] > score])
    ]


def _windows(rows: np.ndarray) -> np.ndarray:
    """Return a window (N, 3) of whole pixels around the box of each row."""
    boxes = np.concatenate([rows[:, :2], rows[:, :2] + rows[:, 2:4]], axis=1)
    return np.maximum(
        square_windows(boxes, MARGIN), (-np.inf, -np.inf, 1)
    ).round()


def _tile(photo: np.ndarray, window: np.ndarray) -> np.ndarray:
    """Return a window of the photo as (TILE, TILE, 3)."""
    left, top, side = window.astype(int)
    height, width = photo.shape[:2]
    before = max(0, -top), max(0, -left)
    after = max(0, top + side - height), max(0, left + side - width)
    part = photo[max(0, top) : top + side, max(0, left) : left + side]
    whole = cv2.copyMakeBorder(
        part, *(before[0], after[0], before[1], after[1], cv2.BORDER_CONSTANT)
    )
    method = cv2.INTER_AREA if side > TILE else cv2.INTER_LINEAR
    return cv2.resize(whole, (TILE, TILE), interpolation=method)


def _turned(
    window: np.ndarray, turn: int, shape: tuple[int, ...]
) -> np.ndarray:
    """Return the place (3,) of a window in `np.rot90(photo, turn)`."""
    half = window[2] / 2
    turned = shape[:2] if turn % 2 == 0 else shape[1::-1]
    # Of the centre in pixel units, where 0 is the centre of the first pixel.
    centre = turn_points_back(window[:2] + half - 0.5, -turn, turned)
    return np.array([*(centre + 0.5 - half), window[2]])


def _rows_in_tiles(tiles: list[np.ndarray], detect: Detect) -> list[np.ndarray]:
    """Return the rows at the centre of each tile, in its pixels."""
    columns = len(TURNS) * math.ceil(math.sqrt(len(tiles) / len(TURNS) ** 2))
    lines = -(-len(tiles) // columns)
    picture = np.zeros((lines * TILE, columns * TILE, 3), np.uint8)
    corners = [
        TILE * np.array([i % columns, i // columns]) for i in range(len(tiles))
    ]
    for tile, (left, top) in zip(tiles, corners, strict=True):
        picture[top : top + TILE, left : left + TILE] = tile
    found = detect(picture)
    centres = found[:, :2] + found[:, 2:4] / 2
    parts = []
    for corner in corners:
        apart = np.abs(centres - (corner + TILE / 2)).max(axis=1)
        rows = found[apart <= CENTRAL * TILE]
        move_rows(rows, *-corner)
        parts.append(rows)
    return parts


def _in_photo(rows: np.ndarray, window: np.ndarray) -> np.ndarray:
    """Convert rows from pixels of a tile to those of its turned photo."""
    scale = window[2] / TILE
    rows[:, :14] *= scale
    # 0 is the centre of the first pixel, in both.
    move_rows(rows, *(window[:2] + scale / 2 - 0.5))
    return rows
