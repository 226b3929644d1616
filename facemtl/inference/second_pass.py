"""The second pass: rotated or misplaced faces are aligned and predicted again.

Networks learn faces that stand nearly upright in boxes of one convention. Where
the points of the first pass lie outside it, the face is cut out once more,
rotated and moved to where such boxes would have it, and predictions of that
second pass count.
"""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from facemtl.geometry.box_convention import BoxConvention, PointConvention
from facemtl.inference.runtimes.runtime import Answers
from facemtl.tasks import Task, landmarks_task

# The limit for detector boxes, which scatter in their own way. To find a face
# takes ten times as long as a pass, so more of them may have two.
DETECTED = 0.5
# Points closer together than this share of a face's are those of no face.
SMALLEST = 0.3

# Cuts some of the faces out again and predicts: by their indices (K,), windows
# (K, 3) in photo pixels, and rotations (K,) in degrees.
Ask = Callable[[np.ndarray, np.ndarray, np.ndarray], Answers]


class Alignment(NamedTuple):
    """How N faces lie in their windows, by their points.

    Attributes:
        middle: (N,) complex, of the box they would have, in sides of the
            window from its middle.
        side: (N,) complex: of that box, in sides of the one it has; its angle
            is the rotation, clockwise.
        window: the window's side in sides of the box that it was cut round.
        convention: of the boxes that the network was trained on.
    """

    middle: np.ndarray
    side: np.ndarray
    window: float
    convention: PointConvention

    @property
    def degrees(self) -> np.ndarray:
        """(N,) rotations, clockwise."""
        return np.degrees(np.angle(self.side))

    def strayed(self) -> np.ndarray:
        """(N,) how far faces are from where training faces are; 1 is far."""
        limits = self.convention
        rotated = np.abs(self.degrees) / limits.rotation
        right, down = np.abs(self.middle.real), np.abs(self.middle.imag)
        moved = np.maximum(right, down) * self.window / limits.offset
        size = np.maximum(np.abs(self.side), SMALLEST)
        resized = np.abs(np.log(size)) / math.log(limits.scale)
        return np.maximum(np.maximum(rotated, moved), resized)

    def select(self, index: np.ndarray) -> "Alignment":
        """The faces of `index`."""
        return self._replace(middle=self.middle[index], side=self.side[index])

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
    points: np.ndarray, convention: PointConvention, margin: float = 0.0
) -> Alignment:
    """How faces lie in their windows.

    Args:
        points: (N, P, 2) in units of the windows.
        convention: of the network's boxes.
        margin: of the windows round the boxes.

    Example:

    >>> eyes = PointConvention((0.5, 0.5), (-2.0, 2.0), 10.0, 0.1, 1.2)
    >>> points = np.array([[[0.25, 0.5], [0.75, 0.5]]])
    >>> alignment_of(points, eyes).side
    array([1.+0.j])
    """
    z = _complex(points)
    window = 1 + 2 * margin
    middle, side = z @ np.array(convention.middle), z @ convention.side
    return Alignment(middle, window * side, window, convention)


def look_again(
    answers: Answers,
    tasks: Sequence[Task],
    boxes: BoxConvention | None,
    margin: float,
    windows: np.ndarray,
    ask: Ask,
    limit: float | np.ndarray = 1.0,
) -> Answers:
    """The predictions, those of misplaced faces from a second pass.

    Args:
        answers: predictions of the first pass for N faces, points in units of
            the windows.
        tasks: of the network.
        boxes: the convention of the network's boxes. Without one by points
            there is no second pass.
        margin: of the windows round the boxes.
        windows: (N, 3) left, top, side in photo pixels.
        ask: cuts faces out again, rotated back, and predicts.
        limit: how far a face may stray without a second pass, for all or
            (N,); 1 is as far as training faces seldom do.

    Returns:
        Predictions for N faces in units of the same windows. A face that lies
        no better in its new window keeps its first predictions.
    """
    task = landmarks_task(tasks)
    if task is None or boxes is None or boxes.points is None:
        return answers
    first = alignment_of(answers[task.name], boxes.points, margin)
    is_face = np.abs(first.side) > SMALLEST
    again = np.flatnonzero(is_face & (first.strayed() > limit))
    if not len(again):
        return answers
    first = first.select(again)
    second = ask(again, first.windows(windows[again]), first.degrees)
    left = alignment_of(second[task.name], boxes.points, margin)
    better = left.strayed() < first.strayed()
    back = {task.name: first.points_back(second[task.name])}
    merged = {name: y.copy() for name, y in answers.items()}
    for name, y in merged.items():
        y[again[better]] = {**second, **back}[name][better]
    return merged


def _complex(points: np.ndarray) -> np.ndarray:
    """x + iy from the window's middle."""
    return (points[..., 0] - 0.5) + 1j * (points[..., 1] - 0.5)
