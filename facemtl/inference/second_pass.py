"""The second pass: misaligned faces are cropped again and predicted again.

Networks learn faces that are nearly upright in boxes of one convention. If the
points of the first pass show that a face is rotated, off-centre or badly
scaled, a new crop corrects this, and the predictions for it are used.
"""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from facemtl.geometry.box_convention import BoxConvention, PointConvention
from facemtl.inference.runtimes.runtime import Answers
from facemtl.tasks import Task, landmarks_task, sigma_name

# The limit for detector boxes, which vary more than labelled boxes. Detection
# takes ten times as long as a pass, so that more second passes cost little.
DETECTED = 0.5
# Points closer together than this share of a face's size are not a face.
SMALLEST = 0.3

# Crops some faces again and predicts them. Arguments: indices (K,), windows
# (K, 3) in photo pixels, rotations (K,) in degrees.
Predict = Callable[[np.ndarray, np.ndarray, np.ndarray], Answers]


class Alignment(NamedTuple):
    """The position of N faces in their windows, according to their points.

    Attributes:
        middle: (N,) complex: offset of the aligned box from the window's
            centre, in sides of the window.
        side: (N,) complex: side of the aligned box divided by that of the
            given box. The angle is the clockwise rotation.
        window: side of the window divided by that of its box.
        convention: convention of the boxes that the network was trained on.
    """

    middle: np.ndarray
    side: np.ndarray
    window: float
    convention: PointConvention

    @property
    def degrees(self) -> np.ndarray:
        """Return (N,) clockwise rotations."""
        return np.degrees(np.angle(self.side))

    def deviation(self) -> np.ndarray:
        """Return (N,) deviations from training faces; 1 is the limit."""
        limits = self.convention
        rotated = np.abs(self.degrees) / limits.rotation
        right, down = np.abs(self.middle.real), np.abs(self.middle.imag)
        moved = np.maximum(right, down) * self.window / limits.offset
        size = np.maximum(np.abs(self.side), SMALLEST)
        resized = np.abs(np.log(size)) / math.log(limits.scale)
        return np.maximum(np.maximum(rotated, moved), resized)

    def select(self, index: np.ndarray) -> "Alignment":
        """Return the faces of `index`."""
        return self._replace(middle=self.middle[index], side=self.side[index])

    def windows(self, windows: np.ndarray) -> np.ndarray:
        """Return windows (N, 3) aligned with the faces, before rotation."""
        side = windows[:, 2]
        middle = side * (np.array([0.5 + 0.5j]) + self.middle)
        new = side * np.abs(self.side)
        left, top = middle.real - new / 2, middle.imag - new / 2
        return np.stack([windows[:, 0] + left, windows[:, 1] + top, new], 1)

    def points_back(self, points: np.ndarray) -> np.ndarray:
        """Convert points (N, P, 2) from aligned to original windows."""
        moved = self.middle[:, None] + self.side[:, None] * _complex(points)
        back = np.stack([moved.real, moved.imag], axis=-1) + 0.5
        return back.astype(points.dtype)


def alignment_of(
    points: np.ndarray, convention: PointConvention, margin: float = 0.0
) -> Alignment:
    """Return the position of faces in their windows.

    Args:
        points: (N, P, 2) in units of the windows.
        convention: box convention of the network.
        margin: margin of the windows round the boxes.

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


def run_second_pass(
    predictions: Answers,
    tasks: Sequence[Task],
    boxes: BoxConvention | None,
    margin: float,
    windows: np.ndarray,
    predict: Predict,
    limit: float | np.ndarray = 1.0,
) -> Answers:
    """Return predictions, those of misaligned faces from a second pass.

    Args:
        predictions: predictions of the first pass for N faces, with points in
            units of the windows.
        tasks: tasks of the network.
        boxes: box convention of the network. Without a convention of points,
            there is no second pass.
        margin: margin of the windows round the boxes.
        windows: (N, 3) left, top, side in photo pixels.
        predict: function that crops faces again, upright, and predicts them.
        limit: largest deviation without a second pass, one number or (N,).
            Deviations of training faces rarely exceed 1.

    Returns:
        Predictions for N faces in units of the same windows. If the second
        pass does not reduce the deviation, the first predictions are kept.
    """
    task = landmarks_task(tasks)
    if task is None or boxes is None or boxes.points is None:
        return predictions
    first = alignment_of(predictions[task.name], boxes.points, margin)
    is_face = np.abs(first.side) > SMALLEST
    again = np.flatnonzero(is_face & (first.deviation() > limit))
    if not len(again):
        return predictions
    first = first.select(again)
    second = predict(again, first.windows(windows[again]), first.degrees)
    left = alignment_of(second[task.name], boxes.points, margin)
    better = left.deviation() < first.deviation()
    back = {**second, **_in_first_windows(second, tasks, first)}
    merged = {name: y.copy() for name, y in predictions.items()}
    for name, y in merged.items():
        y[again[better]] = back[name][better]
    return merged


def _in_first_windows(
    second: Answers, tasks: Sequence[Task], first: Alignment
) -> Answers:
    """Return points and deviations in units of the first pass's windows."""
    back = {}
    for task in tasks:
        if task.kind == "landmarks":
            back[task.name] = first.points_back(second[task.name])
        sigma = sigma_name(task)
        if sigma in second:
            side = np.abs(first.side)[:, None].astype(np.float32)
            back[sigma] = side * second[sigma]
    return back


def _complex(points: np.ndarray) -> np.ndarray:
    """Return x + iy relative to the window's centre."""
    return (points[..., 0] - 0.5) + 1j * (points[..., 1] - 0.5)
