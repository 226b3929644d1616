"""Box conventions: position and size of face boxes relative to the points.

Every data set has its own convention. `facemtl.data.convention_fit` fits it to
the training faces of a run. The network and every export store it, because
detector boxes and the second pass must follow the boxes of the training faces.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from facemtl.errors import InputError
from facemtl.tasks import Task, landmarks_task

# Box side divided by the larger side of the rectangle of five points: the
# median of the 10,000 detector boxes of MTFL's training set.
SIDE = 1.78


def _pairs(weights: Sequence[complex]) -> list[list[float]]:
    return [[weight.real, weight.imag] for weight in weights]


def _complex(pairs: Sequence[Sequence[float]]) -> tuple[complex, ...]:
    return tuple(complex(*pair) for pair in pairs)


@dataclass(frozen=True)
class PointConvention:
    """Position, size and rotation of a face's box as sums of its points.

    Points are complex numbers (x + iy). A weighted sum of points rotates,
    scales and moves with the face, so that the weights hold for any rotation.

    Args:
        middle: P complex weights; the weighted sum is the box's centre.
        side: P complex weights; the weighted sum is the box's side, and its
            angle is the clockwise rotation of the face.
        rotation: degrees; rotations of training faces are rarely larger.
        offset: distance from the box's centre along x or y, in box sides;
            those of training faces are rarely larger.
        scale: factor over 1; sizes of training faces rarely differ by more.

    Raises:
        InputError: for weights that are not finite, sums of different numbers
            of weights, or limits that are not positive.
    """

    middle: tuple[complex, ...]
    side: tuple[complex, ...]
    rotation: float
    offset: float
    scale: float

    def __post_init__(self) -> None:
        numbers = (*self.middle, *self.side)
        limits = (self.rotation, self.offset, self.scale - 1)
        finite = all(map(math.isfinite, map(abs, (*numbers, *limits))))
        fits = len(self.middle) == len(self.side) > 1 and min(limits) > 0
        if not finite or not fits:
            raise InputError(
                "Expected a box convention with two finite weights for each of "
                f"two or more points, and positive limits. Received: {self}."
            )

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists and numbers, for JSON and `.keras` files."""
        return {
            "middle": _pairs(self.middle),
            "side": _pairs(self.side),
            "rotation": self.rotation,
            "offset": self.offset,
            "scale": self.scale,
        }

    @classmethod
    def from_dict(cls, entry: Mapping[str, Any]) -> "PointConvention":
        """Restore the convention that `to_dict` stored."""
        middle, side = _complex(entry["middle"]), _complex(entry["side"])
        limits = (float(entry[key]) for key in ("rotation", "offset", "scale"))
        return cls(middle, side, *limits)


@dataclass(frozen=True)
class DetectorConvention:
    """The box of a face, computed from a detection of YuNet.

    The side is the mean side of YuNet's box and of a square round its five
    points, times a scale.

    Args:
        scale: side of the box divided by that mean.
        shift: offset of the centre to the right and down, in sides of the
            mean. It is used if there are no weights.
        middle: 5 complex weights whose sum of YuNet's points is the centre, or
            (). They place boxes of profiles better, which YuNet shifts.

    Raises:
        InputError: for numbers that are not finite, a scale that is not
            positive, or a number of weights other than 0 and 5.
    """

    scale: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)
    middle: tuple[complex, ...] = ()

    def __post_init__(self) -> None:
        numbers = (self.scale, *self.shift, *map(abs, self.middle))
        fits = self.scale > 0 and len(self.middle) in (0, 5)
        if not (fits and all(map(math.isfinite, numbers))):
            raise InputError(
                "Expected a finite scale over 0, a finite shift and no or five "
                f"finite weights of detector boxes. Received: {self}."
            )

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists and numbers, for JSON and `.keras` files."""
        return {
            "scale": self.scale,
            "shift": list(self.shift),
            "middle": _pairs(self.middle),
        }

    @classmethod
    def from_dict(cls, entry: Mapping[str, Any]) -> "DetectorConvention":
        """Restore the convention that `to_dict` stored."""
        right, down = map(float, entry["shift"])
        middle = _complex(entry["middle"])
        return cls(float(entry["scale"]), (right, down), middle)


# Fitted to MTFL's training faces (`benchmarks/detector_boxes.json`).
MTFL_BOXES = DetectorConvention(0.917, (-0.011, 0.022))


@dataclass(frozen=True)
class BoxConvention:
    """The convention of the boxes that a network was trained on.

    Args:
        points: convention relative to predicted points. None, which disables
            the second pass, if the network predicts fewer than two points or
            too few training faces have all points labelled.
        detector: convention relative to detections. None if too few of the
            training faces were detected.

    Example:

    >>> convention = BoxConvention(None, DetectorConvention(0.9, (0.0, 0.05)))
    >>> BoxConvention.from_dict(convention.to_dict()) == convention
    True
    """

    points: PointConvention | None = None
    detector: DetectorConvention | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists and numbers, for JSON and `.keras` files."""
        return {
            "points": self.points and self.points.to_dict(),
            "detector": self.detector and self.detector.to_dict(),
        }

    @classmethod
    def from_dict(cls, entry: Mapping[str, Any]) -> "BoxConvention":
        """Restore the convention that `to_dict` stored.

        Raises:
            InputError: if the entry is malformed.
        """
        try:
            points, detector = entry["points"], entry["detector"]
            return cls(
                points and PointConvention.from_dict(points),
                detector and DetectorConvention.from_dict(detector),
            )
        except (TypeError, KeyError, ValueError) as error:
            raise InputError(
                "Expected a box convention as facemtl writes it. Received: "
                f"{type(error).__name__}: {error}."
            ) from None


def read_convention(
    given: BoxConvention | Mapping[str, Any] | None, tasks: Sequence[Task]
) -> BoxConvention | None:
    """Return the box convention of a network from an object or dictionary.

    Args:
        given: a `BoxConvention`, the result of its `to_dict`, or None.
        tasks: tasks of the network.

    Raises:
        InputError: for any other type, or weights for a different number of
            points than the network predicts.
    """
    if given is None:
        return None
    if not isinstance(given, BoxConvention):
        given = BoxConvention.from_dict(given)
    task = landmarks_task(tasks)
    if given.points and (not task or len(given.points.middle) != task.size):
        raise InputError(
            "Expected a box convention with weights for the network's "
            f"{task.size if task else 0} points. "
            f"Received: {len(given.points.middle)}."
        )
    return given
