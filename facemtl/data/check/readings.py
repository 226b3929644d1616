"""Find boxes that are not left, top, right, bottom, and their likely meaning.

A reading converts the four numbers of a box from another meaning. The correct
reading contains the points, and lies around them in the same way in all faces.
A reading is suggested only if it is clearly correct.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from facemtl.data.check.box_fit import (
    MOST_FACES,
    centres,
    fits,
    held,
    misfit_of,
    rectangles_of,
)
from facemtl.data.check.seen import Finding, Seen

# A reading is suggested if its misfit is smaller by this factor, and the given
# boxes have a poor misfit or contain fewer points by this share (`misfit_of`).
# Correct boxes have a misfit of 0.13 in MTFL, and of 0.08 with 68 points.
BETTER, POOR, MORE_POINTS = 0.7, 0.22, 0.05
GOOD = 0.35
LEAST_FACES = 10  # With fewer faces, a reading may fit by chance.
SAME_SCALE = 0.3  # Logarithm of a factor below which the scale is the same.


@dataclass(frozen=True)
class Reading:
    """A possible meaning of the four numbers of a box.

    Attributes:
        name: the order or the meaning of the numbers.
        advice: how to write them as left, top, right, bottom.
        boxes: converts the numbers (N, 4) to boxes (N, 4).
    """

    name: str
    advice: str
    boxes: Callable[[np.ndarray], np.ndarray]


def _corner_and_size(b: np.ndarray) -> np.ndarray:
    return np.concatenate([b[:, :2], b[:, :2] + b[:, 2:]], axis=1)


def _centre_and_size(b: np.ndarray) -> np.ndarray:
    half = b[:, 2:] / 2
    return np.concatenate([b[:, :2] - half, b[:, :2] + half], axis=1)


READINGS = (
    Reading(
        "x, y, width, height",
        "write right = left + width and bottom = top + height",
        _corner_and_size,
    ),
    Reading(
        "left, right, top, bottom",
        "name the columns in that order",
        lambda b: b[:, [0, 2, 1, 3]],
    ),
    Reading(
        "top, left, bottom, right",
        # Either would explain it.
        "name the columns in that order, or exchange x and y of the points: "
        "--draw shows which of the two lie on the faces",
        lambda b: b[:, [1, 0, 3, 2]],
    ),
    Reading(
        "the centre's x and y, width, height",
        "write left = x - width / 2, right = x + width / 2 and so on",
        _centre_and_size,
    ),
)


def misread_boxes(seen: Seen) -> list[Finding]:
    """Report boxes that are clearly not left, top, right, bottom."""
    index = _with_both(seen)
    boxes, points = seen.faces.boxes[index], seen.points[index]
    reading = best_reading(boxes, points)
    if reading is None:
        return []
    text = (
        f"The boxes seem to be {reading.name}: read this way, "
        f"{fits(reading.boxes(boxes), points).sum():,} of {len(index):,} "
        f"contain their faces' points, at a consistent position; as left, top, "
        f"right, bottom, {fits(boxes, points).sum():,} contain them "
        f"({seen.first(index)}). Correct them: {reading.advice}."
    )
    return [Finding(text, index)]


def misplaced_boxes(seen: Seen, least_share: float = 0.0) -> list[Finding]:
    """Report boxes that contain few of their faces' points.

    Args:
        seen: the faces.
        least_share: the least share of such boxes that is reported.
    """
    index = _with_both(seen)
    few = index[~fits(seen.faces.boxes[index], seen.points[index])]
    if not len(few) or len(few) < least_share * len(index):
        return []
    text = (
        f"The box contains fewer than half of its face's points in "
        f"{seen.of(few, len(index))}. Is it the box of that face, in the "
        "same photo and the same pixels?"
    )
    return [Finding(text, few)]


def _with_both(seen: Seen) -> np.ndarray:
    """Return the faces with a given box and with points at several places."""
    rectangles = rectangles_of(seen.points)
    extent = rectangles[:, 2:] > rectangles[:, :2]
    return np.flatnonzero(~seen.derived & extent.any(axis=1))


def best_reading(boxes: np.ndarray, points: np.ndarray) -> Reading | None:
    """Return the reading that fits clearly better than the given boxes.

    Args:
        boxes: (N, 4) the given numbers.
        points: (N, P, 2) pixels, NaN if not labelled.

    Returns:
        The reading; None if the boxes fit or no reading clearly fits.
    """
    if len(boxes) < LEAST_FACES:
        return None
    rectangles = rectangles_of(points)
    misfits = {
        reading: misfit
        for reading in READINGS
        if (misfit := _clear_misfit(reading, boxes, points, rectangles))
    }
    best = min(misfits, key=misfits.__getitem__, default=None)
    for reading in _other_scale(boxes, rectangles):
        misfit = _clear_misfit(reading, boxes, points, rectangles)
        # A scale is fitted to the faces, so it must be clearly better.
        if misfit and (best is None or misfit < BETTER * misfits[best]):
            return reading
    return best


def _clear_misfit(
    reading: Reading,
    boxes: np.ndarray,
    points: np.ndarray,
    rectangles: np.ndarray,
) -> float | None:
    """Return the misfit under a reading; None if it is not clearly correct."""
    read = reading.boxes(boxes)
    given, misfit = misfit_of(boxes, rectangles), misfit_of(read, rectangles)
    gain = held(read, points) - held(boxes, points)
    clear = (
        misfit < min(BETTER * given, GOOD)
        and (given > POOR or gain > MORE_POINTS)
        and fits(read, points).mean() >= MOST_FACES
    )
    return misfit if clear else None


def _other_scale(
    boxes: np.ndarray, rectangles: np.ndarray
) -> tuple[Reading, ...]:
    """Scale the boxes so that their centres fit the points' centres."""
    middles = centres(boxes)
    if (middles <= 0).any():
        return ()
    factor = float(np.median(centres(rectangles) / middles))
    if factor <= 0 or abs(np.log(factor)) < SAME_SCALE:
        return ()
    return (
        Reading(
            f"of photos about {1 / factor:.2g} times as large as the points'",
            f"multiply them by about {factor:.2g}, or the points by "
            f"about {1 / factor:.2g}, whichever are of other photos",
            lambda b: b * factor,
        ),
    )
