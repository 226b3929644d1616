"""Which places in a photo may show turned faces, and in which turns.

YuNet responds to turned faces, with low scores. A network tells which of these
places show faces.
"""

import cv2
import numpy as np

from facemtl.detection.turn_network import NONE, Turns
from facemtl.geometry.crops import square_windows

# At this score, YuNet detects 99 % of the faces in wrong turns.
CANDIDATE = 0.02
# At this score, faces are upright: few in wrong turns reach it.
UPRIGHT = 0.94
MARGIN = 0.3  # Shares of a box around it, in its window.
FACE = 0.05  # The least probability of a face in a window that votes.
# Windows that vote, the likeliest: noise has thousands, and each is compared
# with each.
MOST = 3000
# The least sum of the probabilities of a face over its windows.
FAINT = 0.1
SAME = 0.3  # Intersection over union of windows of one face.


def candidates(rows: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return the windows (M, 3) of a photo that the network looks at.

    Args:
        rows: (N, 15) YuNet's rows in the upright photo, with scores from
            `CANDIDATE`.
        shape: (H, W, ...) of the photo.
    """
    return windows_of(boxes_of_rows(_unsure(with_photo(rows, shape))))


def voted_faces(
    windows: np.ndarray, told: Turns
) -> tuple[np.ndarray, np.ndarray]:
    """Return a window (M, 3) for each face, and the votes (M, 4) for its turns.

    All windows of a face vote for its turn and for its place: with the sums of
    their probabilities.

    Args:
        windows: (N, 3) the candidates.
        told: what the network tells about them.
    """
    chances = told.probabilities[:, :NONE]
    chance = chances.sum(axis=1)
    some = np.argsort(-chance, kind="stable")[:MOST]
    some = some[chance[some] >= FACE]
    chances = chances[some]
    windows = _moved(windows[some], told.places[some])
    boxes = windows[:, [0, 1, 2, 2]].tolist()
    same = _overlaps(windows) >= SAME
    weights = chances.sum(axis=1, keepdims=True)
    values = np.concatenate([chances, weights, weights * windows], axis=1)
    # After a matrix product, NumPy's threads would keep another core busy.
    sums = np.einsum("ij,kj->ik", same, values.T.copy())
    votes, total, windows = np.split(sums, [NONE, NONE + 1], axis=1)
    scores = total[:, 0].tolist()
    kept = np.asarray(cv2.dnn.NMSBoxes(boxes, scores, FAINT, SAME), int)
    return windows[kept] / total[kept], votes[kept]


def with_photo(rows: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Add a candidate (N + 1, 15) whose window is the middle of the photo.

    Photos of one face are common, and YuNet may not respond to it.
    """
    height, width = shape[:2]
    side = min(height, width) / (1 + 2 * MARGIN)
    row = np.zeros((1, rows.shape[1]))
    row[0, :4] = (width - side) / 2, (height - side) / 2, side, side
    return np.concatenate([rows, row])


def windows_of(boxes: np.ndarray) -> np.ndarray:
    """Return the windows (N, 3) around boxes (N, 4)."""
    return square_windows(boxes, MARGIN)


def boxes_of_rows(rows: np.ndarray) -> np.ndarray:
    """Return the boxes (N, 4) of YuNet's rows (N, 15)."""
    return np.concatenate([rows[:, :2], rows[:, :2] + rows[:, 2:4]], axis=1)


def _unsure(rows: np.ndarray) -> np.ndarray:
    """Return the rows that are not surely upright, nor inside such a face."""
    sure = rows[:, 14] >= UPRIGHT
    if not sure.any():
        return rows
    boxes, rows = boxes_of_rows(rows[sure]), rows[~sure]
    centres = (rows[:, :2] + rows[:, 2:4] / 2)[:, None]
    inside = np.all((boxes[:, :2] < centres) & (centres < boxes[:, 2:]), axis=2)
    return rows[~np.any(inside, axis=1)]


def _moved(windows: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return the faces' own windows (N, 3); see `Turns`."""
    sides = windows[:, 2:]
    own = sides * 2.0 ** places[:, 2:]
    centres = windows[:, :2] + sides / 2 + places[:, :2] * sides
    return np.concatenate([centres - own / 2, own], axis=1)


def _overlaps(windows: np.ndarray) -> np.ndarray:
    """Return the intersection over union (N, N) of windows with each other."""
    sides = windows[:, 2].astype(np.float32)
    both = np.ones((len(sides), len(sides)), np.float32)
    for low in windows[:, :2].T.astype(np.float32):
        shared = np.minimum.outer(low + sides, low + sides)
        shared -= np.maximum.outer(low, low)
        both *= np.maximum(shared, 0)
    overlaps: np.ndarray = both / (np.add.outer(sides**2, sides**2) - both)
    return overlaps
