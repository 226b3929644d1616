"""`Normalizer`: the distance that divides the errors of points in a score."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from facemtl.errors import InputError

# A part of the score's name, as in `mean_error_eye_corners`.
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
# Scores with these names have another meaning.
TAKEN = ("box", "face_box")
EXPECTED = (
    'normalizer = { name = "eye_corners", ends = ["POINT", "POINT"] }, where '
    "an end is a point or a list of points"
)


@dataclass(frozen=True)
class Normalizer:
    """The distance that divides the errors of a landmarks task.

    Each end is one point, or the mean of several points. A face in which a
    point of an end is missing has no such distance.

    Args:
        name: a lower-case word of letters, digits and `_`. It is a part of
            the names of scores, such as `mean_error_eye_corners`, which
            tables show as `NME-eye corners`.
        ends: two ends, each the name of a point or several names.

    Raises:
        InputError: for an invalid name, an end without points, or a point
            that occurs twice.

    Example:

    >>> Normalizer("eye_corners", ("left eye 1", "right eye 4")).ends
    (('left eye 1',), ('right eye 4',))
    """

    name: str
    ends: Sequence[Sequence[str]]

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not NAME.fullmatch(self.name):
            raise InputError(
                "Expected a normalizer's name of at most 40 lower-case "
                "letters, digits and '_', such as 'eye_corners'. Received: "
                f"{self.name!r}."
            )
        if self.name in TAKEN:
            raise InputError(
                "Expected a normalizer's name other than 'box' and "
                f"'face_box', whose scores exist. Received: {self.name!r}."
            )
        object.__setattr__(self, "ends", _read_ends(self.ends))
        points = [point for end in self.ends for point in end]
        if len(set(points)) < len(points):
            twice = next(p for p in points if points.count(p) > 1)
            raise InputError(
                f"Normalizer '{self.name}': expected each point once, at one "
                f"end. Received: {twice!r} twice."
            )

    def indices(self, names: Sequence[str]) -> tuple[list[int], list[int]]:
        """Return the indices of the points of each end.

        Args:
            names: the names of all points of the task.

        Raises:
            InputError: for a point that the task does not have.

        Example:

        >>> eyes = Normalizer("eyes", ("leye", "reye"))
        >>> eyes.indices(["nose", "leye", "reye"])
        ([1], [2])
        """
        index = {name: i for i, name in enumerate(names)}
        for point in (*self.ends[0], *self.ends[1]):
            if point not in index:
                raise InputError(
                    f"Normalizer '{self.name}': expected points of the task. "
                    f"Received: {point!r}."
                )
        left, right = ([index[point] for point in end] for end in self.ends)
        return left, right

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists and strings, for TOML, JSON and `.keras` files."""
        return {"name": self.name, "ends": [list(end) for end in self.ends]}

    @classmethod
    def from_dict(cls, entry: Any) -> "Normalizer":
        """Restore a normalizer from `to_dict`, or from a TOML.

        Raises:
            InputError: as the constructor, or for anything but a table of
                `name` and `ends`.
        """
        if not isinstance(entry, Mapping) or set(entry) != {"name", "ends"}:
            raise InputError(f"Expected {EXPECTED}. Received: {entry!r}.")
        return cls(entry["name"], entry["ends"])


def _read_ends(ends: Any) -> tuple[tuple[str, ...], ...]:
    """Return both ends as tuples of names; raise for anything else."""
    given = list(ends) if isinstance(ends, list | tuple) else []
    read = [(end,) if isinstance(end, str) else end for end in given]
    if len(read) != 2 or not all(
        isinstance(end, list | tuple)
        and end
        and all(isinstance(point, str) for point in end)
        for end in read
    ):
        raise InputError(
            "Expected a normalizer with two ends, each a point or a list of "
            f"one or more points. Received: {ends!r}."
        )
    return tuple(read[0]), tuple(read[1])
