"""Find faces that lie on their side or are upside down.

A search of all four quarter turns takes four times as long as one. YuNet also
responds to turned faces, with low scores. So the upright photo is searched for
candidates with a very low score. A small network tells which of them are turned
faces, and how far. YuNet searches only these again, upright, side by side in
one picture. `benchmarks/turned_faces.py` measures this.
"""

from collections.abc import Callable, Sequence

import numpy as np

from facemtl.detection.same_faces import overlap
from facemtl.detection.tiles import USUAL
from facemtl.detection.tiles_of_faces import FaceTiles
from facemtl.detection.turn_candidates import (
    FAINT,
    SAME,
    boxes_of_rows,
    candidates,
    voted_faces,
    windows_of,
)
from facemtl.detection.turn_network import SIZE, TurnNetwork
from facemtl.detection.turns import turn_boxes_back
from facemtl.detection.yunet import move_rows

# The least sum of a turn's probabilities over a face's windows, and its least
# share of the likeliest turn's, to search the face in this turn. Faces with
# less, from `FAINT` on, are searched only where no face is clear, and few are
# plain.
PLAIN = 0.3
# Pixels a side of a window when it is searched again, and where more than so
# many are: larger tiles find more.
TILE, SMALL, FEW = 96, 64, 4
# A face is searched in its likeliest turn, and in the next ones if no face with
# a clear score was there.
ATTEMPTS, CLEAR = 3, 0.87
# A face is searched upright, too, if an upright one of at least so many pixels,
# as searched, is at its place, with a score that is lower by at most so much.
LARGE, RIVAL = 250, 0.2
CENTRAL = 0.3  # Greatest distance of a face from its tile's centre, in tiles.
# Lines and columns of tiles in a picture. Few shapes of pictures exist, because
# YuNet's first search of a shape takes longer.
PICTURES = ((1, 1), (1, 2), (2, 2), (2, 4), (4, 4), (4, 8), (8, 8))

# Returns YuNet's rows (N, 15) for pixels (H, W, 3).
Detect = Callable[[np.ndarray], np.ndarray]
Rows = tuple[np.ndarray, np.ndarray]
NOTHING = np.empty((0, 15)), np.empty(0, int)


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
    windows = candidates(rows, photo.shape)
    told = network(tiles.cut(windows, np.zeros(len(windows), int), SIZE))
    windows, votes = voted_faces(windows, told)
    many = (votes.max(axis=1) >= PLAIN).sum() > FEW
    found = _in_likeliest_turns(tiles, windows, votes, PLAIN, detect)
    scores = np.concatenate([rows[:, 14], found[0][:, 14]])
    if not many and (scores < CLEAR).all():
        part = windows[:FEW], votes[:FEW]
        faint = _in_likeliest_turns(tiles, *part, FAINT, detect)
        found = _joined([found, faint])
    return _joined([found, _upright(tiles, found, rows, detect)])


def _upright(
    tiles: FaceTiles, found: Rows, rows: np.ndarray, detect: Detect
) -> Rows:
    """Search turned faces upright as well where a large upright face is.

    YuNet gives large faces low scores, and higher ones in tiles, which are
    smaller.

    Args:
        tiles: of the photo.
        found: the turned faces; see `turned_faces`.
        rows: YuNet's rows in the upright photo.
        detect: the detector.

    Returns:
        See `turned_faces`.
    """
    scale = min(1, USUAL / max(tiles.shape))
    rows = rows[scale * rows[:, 2:4].max(axis=1) >= LARGE]
    if not len(rows):
        return NOTHING
    others, scores = boxes_of_rows(rows), rows[:, 14]
    boxes = turn_boxes_back(boxes_of_rows(found[0]), found[1], tiles.shape)
    both = [
        bool(((overlap(box, others) >= SAME) & (scores >= score - RIVAL)).any())
        for box, score in zip(boxes, found[0][:, 14], strict=True)
    ]
    windows = windows_of(boxes[both])
    turns = np.zeros(len(windows), int)
    if not len(turns):
        return NOTHING
    faces, index = _searched(tiles, windows, turns, detect)
    return faces, turns[index]


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
    found = [NOTHING]
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
    return _joined(found)


def _joined(parts: Sequence[Rows]) -> Rows:
    faces, turns = zip(*parts, strict=True)
    return np.concatenate(faces), np.concatenate(turns)


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
    return _joined(found)


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
