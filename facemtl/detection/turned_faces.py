"""Find faces that lie on their side or are upside down.

A search of all four quarter turns takes four times as long as one. YuNet also
responds to turned faces, with low scores. So the upright photo is searched for
candidates with a very low score. A small network tells which of them are turned
faces, and how far. YuNet searches only these again, upright, side by side in
one picture. `benchmarks/turned_faces.py` measures this.
"""

from collections.abc import Callable

import cv2
import numpy as np

from facemtl.detection.tiles_of_faces import FaceTiles
from facemtl.detection.turn_network import NONE, SIZE, TurnNetwork, Turns
from facemtl.detection.yunet import move_rows
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
# The least sum of a turn's probabilities over a face's windows, and its least
# share of the likeliest turn's, to search the face in this turn. Faint ones are
# searched only where no face is clear, and few are plain.
FAINT, PLAIN = 0.1, 0.3
# Intersection over union of windows: of candidates of which the first is kept,
# and of one face.
SIMILAR, SAME = 0.4, 0.3
# Pixels a side of a window when it is searched again, and where more than so
# many are: larger tiles find more.
TILE, SMALL, FEW = 96, 64, 4
# A face is searched in its likeliest turn, and in the next ones if no face with
# a clear score was there.
ATTEMPTS, CLEAR = 3, 0.87
CENTRAL = 0.3  # Greatest distance of a face from its tile's centre, in tiles.
# Lines and columns of tiles in a picture. Few shapes of pictures exist, because
# YuNet's first search of a shape takes longer.
PICTURES = ((1, 1), (1, 2), (2, 2), (2, 4), (4, 4), (4, 8), (8, 8))

# Returns YuNet's rows (N, 15) for pixels (H, W, 3).
Detect = Callable[[np.ndarray], np.ndarray]
Rows = tuple[np.ndarray, np.ndarray]


def turned_faces(
    photo: np.ndarray,
    rows: np.ndarray,
    network: TurnNetwork,
    detect: Detect,
) -> Rows:
    """Search the candidates that the network takes for turned faces.

    Args:
        photo: (H, W, 3), uint8, RGB.
        rows: (N, 15) YuNet's rows in the upright photo, with scores from
            `CANDIDATE`.
        network: tells the turns.
        detect: the detector.

    Returns:
        YuNet's rows (M, 15) in pixels of `np.rot90(photo, turn)`, and their
        turns (M,).
    """
    tiles = FaceTiles(photo)
    unsure = _unsure(with_photo(rows, photo.shape))
    windows = _different(windows_of(boxes_of_rows(unsure)))
    told = network(tiles.cut(windows, np.zeros(len(windows), int), SIZE))
    windows, votes = _faces(windows, told)
    plain = _in_likeliest_turns(tiles, windows, votes, PLAIN, detect)
    scores = np.concatenate([rows[:, 14], plain[0][:, 14]])
    if (scores >= CLEAR).any() or (votes.max(axis=1) >= PLAIN).sum() > FEW:
        return plain
    faint = _in_likeliest_turns(
        tiles, windows[:FEW], votes[:FEW], FAINT, detect
    )
    faces, turns = zip(plain, faint, strict=True)
    return np.concatenate(faces), np.concatenate(turns)


def _in_likeliest_turns(
    tiles: FaceTiles,
    windows: np.ndarray,
    votes: np.ndarray,
    least: float,
    detect: Detect,
) -> Rows:
    """Search windows in their likeliest turns, until a face is clear.

    Args:
        tiles: of the photo.
        windows: (N, 3) of the candidates.
        votes: (N, 4) for their turns; becomes 0 for turns that are searched.
        least: the least sum, and share of the likeliest turn's; see `PLAIN`.
        detect: the detector.

    Returns:
        See `turned_faces`.
    """
    found = [(np.empty((0, 15)), np.empty(0, int))]
    left = np.arange(len(windows))
    for _ in range(ATTEMPTS):
        turns = votes[left, 1:].argmax(axis=1) + 1
        bound = least * np.maximum(votes[left].max(axis=1), 1)
        likely = votes[left, turns] >= bound
        left, turns = left[likely], turns[likely]
        if not len(left):
            break
        faces, index = _searched(tiles, windows[left], turns, detect)
        found.append((faces, turns[index]))
        votes[left, turns] = 0
        clear = index[faces[:, 14] >= CLEAR]
        left = np.delete(left, clear)
    all_faces, all_turns = zip(*found, strict=True)
    return np.concatenate(all_faces), np.concatenate(all_turns)


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


def _different(windows: np.ndarray) -> np.ndarray:
    """Return the windows (M, 3) that are not similar to an earlier one."""
    boxes = windows[:, [0, 1, 2, 2]].tolist()
    order = np.arange(len(boxes), 0, -1).tolist()
    kept = cv2.dnn.NMSBoxes(boxes, order, 0, SIMILAR)
    return windows[np.asarray(kept, int)]


def _faces(windows: np.ndarray, told: Turns) -> tuple[np.ndarray, np.ndarray]:
    """Return a window (M, 3) for each face, and the votes (M, 4) for its turns.

    All windows of a face vote for its turn and for its place.
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


def _tiles_of_picture(count: int) -> tuple[int, int]:
    """Return the lines and columns of a picture for so many tiles, or for some.

    At most a third of the picture stays black.
    """
    return [x for x in PICTURES if 2 * x[0] * x[1] <= 3 * count][-1]


def _searched(
    tiles: FaceTiles,
    windows: np.ndarray,
    turns: np.ndarray,
    detect: Detect,
) -> Rows:
    """Search windows, set upright, in pictures of tiles.

    Returns:
        YuNet's rows (M, 15) in the turned photos, and their windows (M,).
    """
    found, start = [], 0
    size = TILE if len(turns) <= FEW else SMALL
    while start < len(turns):
        shape = _tiles_of_picture(len(turns) - start)
        part = slice(start, start + shape[0] * shape[1])
        some = windows[part], turns[part]
        picture = _picture(tiles.cut(*some, size), shape)
        rows, places = _central(detect(picture), shape, size)
        index = places @ (1, shape[1])
        known = index < len(some[1])
        rows, places, index = rows[known], places[known], index[known]
        scales = some[0][index, 2:] / size
        # 0 is the centre of the first pixel, in both.
        corners = tiles.turned_corners(some[0][index], some[1][index])
        corners += scales / 2 - 0.5 - scales * size * places
        rows[:, :14] *= scales
        move_rows(rows, *corners.T)
        found.append((rows, start + index))
        start = part.stop
    all_rows, all_index = zip(*found, strict=True)
    return np.concatenate(all_rows), np.concatenate(all_index)


def _picture(tiles: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Return tiles (N, size, size, 3) in lines and columns of one picture."""
    lines, columns = shape
    picture = np.zeros((lines * columns, *tiles.shape[1:]), np.uint8)
    picture[: len(tiles)] = tiles
    picture = picture.reshape(lines, columns, *tiles.shape[1:]).swapaxes(1, 2)
    return picture.reshape(lines * tiles.shape[1], columns * tiles.shape[2], 3)


def _central(rows: np.ndarray, shape: tuple[int, int], size: int) -> Rows:
    """Return the rows in the middle of a tile, and its column and line."""
    centres = (rows[:, :2] + rows[:, 2:4] / 2) / size
    last = shape[1] - 1, shape[0] - 1
    places = np.minimum(centres.astype(int), last)
    near = np.abs(centres - places - 0.5).max(axis=1) <= CENTRAL
    return rows[near], places[near]
