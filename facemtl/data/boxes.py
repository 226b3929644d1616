"""Face boxes from a detector's list, or derived from the points."""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from statistics import NormalDist

import numpy as np

from facemtl.data.checks import TRUNCATED, check_box, numbers
from facemtl.data.faces import BadRows
from facemtl.errors import RowError
from facemtl.geometry.box_convention import SIDE
from facemtl.words import plural

# Measured on the 10,000 detector boxes of MTFL's training set.
SIDE_SPREAD = 0.10  # Standard deviation of the logarithm of the side.
NORMAL = NormalDist()
CENTRE_SPREAD = (0.055, 0.033)  # Of the centre in x and y; box sides.


def derived_boxes(
    points: np.ndarray, names: Sequence[str] | np.ndarray, seed: int = 0
) -> np.ndarray:
    """Derive boxes for faces that have only points.

    A box is a square around the centre of the points' bounding rectangle. Its
    side is 1.78 times the larger side of the rectangle. The box is then
    jittered like a detector's boxes, so that it does not reveal the points. The
    jitter of a face depends on `seed` and its name only, not on other faces.

    Args:
        points: (N, P, 2) pixels. NaN points (not labelled) are ignored. A face
            without points gets a box of NaN.
        names: (N,) photo names.
        seed: seed of the jitter.

    Returns:
        (N, 4) float64: left, top, right, bottom in pixels. Boxes may exceed
        the image.

    Example:

    >>> eyes = np.array([[[10.0, 20.0], [40.0, 20.0]]])
    >>> derived_boxes(eyes, ["a.jpg"]).round(1)
    array([[-0.8, -9.8, 52.3, 43.3]])
    """
    if not len(points):
        return np.empty((0, 4))
    low = np.fmin.reduce(points, axis=1)  # ignores NaN
    high = np.fmax.reduce(points, axis=1)
    jitter = np.array([_jitter(name, seed) for name in names])
    side = SIDE * (high - low).max(axis=1, keepdims=True)
    side = side * np.exp(SIDE_SPREAD * jitter[:, :1])
    centre = (low + high) / 2 + side * CENTRE_SPREAD * jitter[:, 1:]
    return np.concatenate([centre - side / 2, centre + side / 2], axis=1)


@lru_cache(maxsize=2**17)  # a run derives the boxes of its faces five times
def _jitter(name: str, seed: int) -> tuple[float, ...]:
    """Return three standard normal numbers, the same on every machine."""
    digest = hashlib.blake2b(f"{seed}/{name}".encode(), digest_size=12)
    whole = np.frombuffer(digest.digest(), "<u4")
    # The half avoids 0 and 1, where the inverse is infinite.
    return tuple(NORMAL.inv_cdf((k + 0.5) / 2**32) for k in whole.tolist())


def read_box_list(
    lines: Iterable[str],
    file: str = "box list",
    bad: BadRows | None = None,
    wanted: Collection[str] | None = None,
) -> dict[str, np.ndarray]:
    """Read a detector's boxes by photo name.

    Args:
        lines: rows `path left right top bottom ...`, in this order. Pixels
            count from 0, and `\\` in a path becomes `/`. Further fields are
            ignored.
        file: the list's name, for messages.
        bad: how to handle invalid rows; by default, stop at the first.
        wanted: the names to read; None reads all.

    Returns:
        {name: (4,) float64 left, top, right, bottom in pixels}. A skipped row
        has a box of NaN, so that its face is dropped and does not get another
        box.

    Raises:
        InputError: at an invalid row, unless `bad` skips them.

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
