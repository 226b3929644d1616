"""A second look at faces that are tilted, or off their box.

Networks learn faces that stand nearly upright in boxes of one detector. Where
the points of a first look lie otherwise, the face is cut out once more, turned
and moved to where such boxes would have it, and those answers count.
"""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from facemtl.runtimes.runtime import Answers
from facemtl.tasks import Task, landmarks_task

# What makes a second look worth its time, chosen on validation faces.
TILTED = 10.0  # degrees; as far as training faces are turned
OFF = 0.12  # of the box's side, to any side
RESIZED = 1.25  # larger or smaller by this factor
# Points closer together than this share of a face's are those of no face.
SMALLEST = 0.3

# A box's middle, and its side with the tilt, as sums of the points in complex
# numbers (x + iy) with these weights: the least-squares fit to MTFL's training
# boxes (`presets/second_look.py`).
MIDDLE = {
    "left eye": 0.385 - 0.061j,
    "right eye": 0.385 + 0.061j,
    "nose": -0.196 + 0j,
    "left mouth corner": 0.213 - 0.130j,
    "right mouth corner": 0.213 + 0.130j,
}
SIDE = {
    "left eye": -0.355 + 0.692j,
    "right eye": 0.355 + 0.692j,
    "nose": -0.254j,
    "left mouth corner": -0.444 - 0.565j,
    "right mouth corner": 0.444 - 0.565j,
}

POINTS = tuple(MIDDLE)
WEIGHTS = np.array([[MIDDLE[name], SIDE[name]] for name in POINTS])

# Cuts some of the faces out again and asks a network about them: their
# indices (K,), windows (K, 3) in photo pixels, and tilts (K,) in degrees.
Ask = Callable[[np.ndarray, np.ndarray, np.ndarray], Answers]


class Alignment(NamedTuple):
    """How N faces lie in their windows, by their points.

    Attributes:
        middle: (N,) complex, of the box they would have, in sides of the
            window from its middle.
        side: (N,) complex: of that box, in sides of the one it has; its angle
            is the tilt, clockwise.
        window: the window's side in sides of the box that it was cut round.
    """

    middle: np.ndarray
    side: np.ndarray
    window: float

    @property
    def degrees(self) -> np.ndarray:
        """(N,) tilts, clockwise."""
        return np.degrees(np.angle(self.side))

    def strayed(self) -> np.ndarray:
        """(N,) how far faces are from where training faces are; 1 is far."""
        tilted = np.abs(self.degrees) / TILTED
        unit = OFF / self.window
        right, down = np.abs(self.middle.real), np.abs(self.middle.imag)
        size = np.maximum(np.abs(self.side), SMALLEST)
        resized = np.abs(np.log(size)) / math.log(RESIZED)
        off = np.maximum(right, down) / unit
        return np.maximum(np.maximum(tilted, off), resized)

    def select(self, index: np.ndarray) -> "Alignment":
        """The faces of `index`."""
        return Alignment(self.middle[index], self.side[index], self.window)

    def windows(self, windows: np.ndarray) -> np.ndarray:
        """Windows (N, 3) moved to where the faces are, before any turn."""
        side = windows[:, 2]
        middle = side * (np.array([0.5 + 0.5j]) + self.middle)
        new = side * np.abs(self.side)
        left, top = middle.real - new / 2, middle.imag - new / 2
        return np.stack([windows[:, 0] + left, windows[:, 1] + top, new], 1)

    def points_back(self, points: np.ndarray) -> np.ndarray:
        """Points (N, P, 2) of the moved windows -> of those before."""
        moved = self.middle[:, None] + self.side[:, None] * _complex(points)
        back = np.stack([moved.real, moved.imag], axis=-1) + 0.5
        return back.astype(points.dtype)


def alignment_of(
    points: np.ndarray, names: tuple[str, ...], margin: float = 0.0
) -> Alignment:
    """How faces lie in their windows.

    Args:
        points: (N, P, 2) in units of the windows.
        names: of the P points, MTFL's five among them.
        margin: of the windows round the boxes.

    Example:

    >>> eyes = [[0.27, 0.26], [0.73, 0.26]]
    >>> rest = [[0.5, 0.54], [0.3, 0.77], [0.7, 0.77]]
    >>> alignment_of(np.array([eyes + rest]), POINTS).degrees.round(6)
    array([0.])
    """
    z = _complex(points)
    if names != POINTS:
        z = z[:, [names.index(name) for name in POINTS]]
    window = 1 + 2 * margin
    middle, side = (z @ WEIGHTS).T
    return Alignment(middle, window * side, window)


def look_again(
    answers: Answers,
    tasks: Sequence[Task],
    margin: float,
    windows: np.ndarray,
    ask: Ask,
) -> Answers:
    """The answers, those about faces that lie otherwise from a second look.

    Args:
        answers: of the first look at N faces, points in units of the windows.
        tasks: of the answers. Without MTFL's five points among them there is
            no second look.
        margin: of the windows round the boxes.
        windows: (N, 3) left, top, side in photo pixels.
        ask: cuts faces out again, turned back by their tilts.

    Returns:
        Answers about N faces in units of the same windows. A face that lies
        no better in its new window keeps its first answers.
    """
    task = landmarks_task(tasks)
    if task is None or not set(MIDDLE) <= set(task.names):
        return answers
    first = alignment_of(answers[task.name], task.names, margin)
    is_face = np.abs(first.side) > SMALLEST
    again = np.flatnonzero(is_face & (first.strayed() > 1))
    if not len(again):
        return answers
    first = first.select(again)
    second = ask(again, first.windows(windows[again]), first.degrees)
    left = alignment_of(second[task.name], task.names, margin)
    better = left.strayed() < first.strayed()
    back = {task.name: first.points_back(second[task.name])}
    merged = {name: y.copy() for name, y in answers.items()}
    for name, y in merged.items():
        y[again[better]] = {**second, **back}[name][better]
    return merged


def _complex(points: np.ndarray) -> np.ndarray:
    """x + iy from the window's middle."""
    return (points[..., 0] - 0.5) + 1j * (points[..., 1] - 0.5)
