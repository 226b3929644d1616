"""Face boxes: from a detector's list, or derived from the points."""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from statistics import NormalDist

import numpy as np

from facemtl.data.checks import TRUNCATED, check_box, numbers
from facemtl.data.faces import BadRows
from facemtl.errors import RowError
from facemtl.geometry.box_convention import SIDE
from facemtl.words import plural

# Measured on the 10,000 detector boxes of MTFL's training set.
SIDE_SPREAD = 0.10  # Standard deviation of its logarithm.
CENTRE_SPREAD = (0.055, 0.033)  # Of the centres' distance in x, y; box sides.


def derived_boxes(
    points: np.ndarray, names: Sequence[str] | np.ndarray, seed: int = 0
) -> np.ndarray:
    """Boxes for faces that have only points.

    A box is square, 1.78 times the larger side of the points' rectangle,
    around the same centre, then jittered as a detector's boxes are, so that
    the answer does not leak through the box. A face's jitter depends on
    `seed` and its name alone, not on which other faces are read.

    Args:
        points: (N, P, 2) pixels. Points that are NaN (not labelled) are left
            out; faces without a point get NaN.
        names: (N,) photo names.
        seed: another seed gives other boxes.

    Returns:
        (N, 4) float64: left, top, right, bottom in pixels; may leave the
        image.

    Example:

    >>> eyes = np.array([[[10.0, 20.0], [40.0, 20.0]]])
    >>> derived_boxes(eyes, ["a.jpg"]).round(1)
    array([[-0.8, -9.8, 52.3, 43.3]])
    """
    if not len(points):
        return np.empty((0, 4))
    low = np.fmin.reduce(points, axis=1)  # The numbers beside NaN.
    high = np.fmax.reduce(points, axis=1)
    jitter = np.array([_jitter(name, seed) for name in names])
    side = SIDE * (high - low).max(axis=1, keepdims=True)
    side = side * np.exp(SIDE_SPREAD * jitter[:, :1])
    centre = (low + high) / 2 + side * CENTRE_SPREAD * jitter[:, 1:]
    return np.concatenate([centre - side / 2, centre + side / 2], axis=1)


def _jitter(name: str, seed: int) -> list[float]:
    """Three standard normal numbers, the same on every machine for ever."""
    digest = hashlib.blake2b(f"{seed}/{name}".encode(), digest_size=12)
    whole = np.frombuffer(digest.digest(), "<u4")
    # The half keeps clear of 0 and 1, where the inverse is infinite.
    return [NormalDist().inv_cdf((k + 0.5) / 2**32) for k in whole.tolist()]


def read_box_list(
    lines: Iterable[str],
    file: str = "box list",
    bad: BadRows | None = None,
    wanted: Collection[str] | None = None,
) -> dict[str, np.ndarray]:
    """A detector's boxes by photo name.

    Args:
        lines: rows `path left right top bottom ...`, whatever follows. Mind
            the order; pixels count from 0. `\\` in a path becomes `/`.
        file: the list's name, for messages.
        bad: stops or counts bad rows; by default stops.
        wanted: names to read; rows of others are not looked at. All, if None.

    Returns:
        name -> (4,) float64 left, top, right, bottom in pixels. A bad row
        that was skipped has a box of NaN, so that its face is dropped and not
        given another box.

    Raises:
        InputError: at a bad row, unless `bad` skips them.

    Example:

    >>> read_box_list(["AFLW/a.jpg 20 111 26 117"])
    {'AFLW/a.jpg': array([ 20.,  26., 111., 117.])}
    """
    bad = BadRows() if bad is None else bad
    boxes = {}
    for row, line in enumerate(lines, 1):
        cells = line.split()
        name = cells[0].replace("\\", "/") if cells else ""
        if not cells or (wanted is not None and name not in wanted):
            continue
        try:
            boxes[name] = _list_box(cells[1:5])
        except RowError as error:
            where = f"{file}, row {row} ({name})"
            bad.report(where, error.reason, error.detail)
            boxes[name] = np.full(4, np.nan)
    return boxes


def _list_box(cells: Sequence[str]) -> np.ndarray:
    n = len(cells) + 1  # with the path
    if n < 5:
        raise RowError(
            TRUNCATED,
            "expected path left right top bottom, "
            f"received {n} {plural(n, 'field')}",
        )
    box = numbers(cells, ("left", "right", "top", "bottom"))[[0, 2, 1, 3]]
    check_box(box)
    return box
