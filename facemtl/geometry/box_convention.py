"""How face boxes lie round faces, as a network was trained on them.

Every set of boxes has its own convention: where a box lies and how large it is
beside the points of its face. `facemtl.data.convention_fit` fits it to the
training faces of a run. It is kept with the network and in every export:
detector boxes and the second pass must follow the boxes of the training faces.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from facemtl.errors import InputError
from facemtl.tasks import Task, landmarks_task

# Box side over the larger side of the rectangle of its five points: the median
# of the 10,000 detector boxes of MTFL's training set.
SIDE = 1.78


def _pairs(weights: Sequence[complex]) -> list[list[float]]:
    return [[weight.real, weight.imag] for weight in weights]


def _complex(pairs: Sequence[Sequence[float]]) -> tuple[complex, ...]:
    return tuple(complex(*pair) for pair in pairs)


@dataclass(frozen=True)
class PointConvention:
    """The box of a face as sums of its points in complex numbers (x + iy).

    A sum of points turns, grows and moves with the face, so one set of weights
    gives position, size and rotation at once.

    Args:
        middle: P complex weights whose sum of points is the box's centre.
        side: P complex weights whose sum of points is the box's side; its angle
            is the rotation of the face, clockwise.
        rotation: degrees; training faces are seldom rotated by more.
        offset: training faces are seldom further from their box's centre, in
            sides of the box along x or y.
        scale: over 1; training faces are seldom larger or smaller by more than
            this factor.

    Raises:
        InputError: for weights that are not finite or not as many for both
            sums, or limits that are not positive.
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
        """Plain lists and numbers, for JSON and `.keras` files."""
        return {
            "middle": _pairs(self.middle),
            "side": _pairs(self.side),
            "rotation": self.rotation,
            "offset": self.offset,
            "scale": self.scale,
        }

    @classmethod
    def from_dict(cls, entry: Mapping[str, Any]) -> "PointConvention":
        """The inverse of `to_dict`."""
        middle, side = _complex(entry["middle"]), _complex(entry["side"])
        limits = (float(entry[key]) for key in ("rotation", "offset", "scale"))
        return cls(middle, side, *limits)


@dataclass(frozen=True)
class DetectorConvention:
    """The box of a face from what the detector YuNet finds.

    Its side is that of the mean of YuNet's box and of a square round its five
    points, scaled.

    Args:
        scale: side of the box, in sides of that mean.
        shift: of the centre from that of the mean, to the right and down, in
            sides of the mean; where there are no weights.
        middle: 5 complex weights whose sum of YuNet's points is the centre, or
            none. They place profiles better, whose box YuNet shifts.

    Raises:
        InputError: for numbers that are not finite, a scale that is not
            positive, or weights for other than five points.
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
        """Plain lists and numbers, for JSON and `.keras` files."""
        return {
            "scale": self.scale,
            "shift": list(self.shift),
            "middle": _pairs(self.middle),
        }

    @classmethod
    def from_dict(cls, entry: Mapping[str, Any]) -> "DetectorConvention":
        """The inverse of `to_dict`."""
        right, down = map(float, entry["shift"])
        middle = _complex(entry["middle"])
        return cls(float(entry["scale"]), (right, down), middle)


# Of MTFL's training faces (`benchmarks/detector_boxes.json`).
MTFL_BOXES = DetectorConvention(0.917, (-0.011, 0.022))


@dataclass(frozen=True)
class BoxConvention:
    """What is known of the boxes that a network was trained on.

    Args:
        points: by the points that the network predicts; None where it predicts
            fewer than two, or too few training faces have all of them labelled.
            Without it there is no second pass.
        detector: by what the detector finds; None where it found too few of
            the training faces.

    Example:

    >>> convention = BoxConvention(None, DetectorConvention(0.9, (0.0, 0.05)))
    >>> BoxConvention.from_dict(convention.to_dict()) == convention
    True
    """

    points: PointConvention | None = None
    detector: DetectorConvention | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain lists and numbers, for JSON and `.keras` files."""
        return {
            "points": self.points and self.points.to_dict(),
            "detector": self.detector and self.detector.to_dict(),
        }

    @classmethod
    def from_dict(cls, entry: Mapping[str, Any]) -> "BoxConvention":
        """The inverse of `to_dict`.

        Raises:
            InputError: if it is not what `to_dict` gives.
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
    """The box convention of a network, from its object or its dictionary.

    Args:
        given: a `BoxConvention`, what its `to_dict` gives, or None.
        tasks: of the network.

    Raises:
        InputError: if it is none of these, or has weights for other points
            than the network's.
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
