"""Names and mirror rules of the points of other formats.

Left is the image's left, as everywhere in facemtl. The points of a part are
numbered in the order of their format.
"""

import re
from collections.abc import Sequence

from facemtl.tasks import Task

_Swap = tuple[Sequence[int], Sequence[int]]


def _named(parts: dict[str, int]) -> tuple[str, ...]:
    """Return numbered names, `jaw 1`, `jaw 2` …, for {part: points}."""
    return tuple(
        f"{part} {i}" if size > 1 else part
        for part, size in parts.items()
        for i in range(1, size + 1)
    )


def _mirror(size: int, swaps: Sequence[_Swap]) -> tuple[int, ...]:
    """Return the permutation that swaps points; other points stay."""
    order = list(range(size))
    for one, other in swaps:
        for i, j in zip(one, other, strict=True):
            order[i], order[j] = j, i
    return tuple(order)


# The order of iBUG, as in 300-W, counted from 0.
POINTS_68 = Task(
    "landmarks",
    "landmarks",
    _named(
        {
            "jaw": 17,
            "left brow": 5,
            "right brow": 5,
            "nose bridge": 4,
            "nose base": 5,
            "left eye": 6,
            "right eye": 6,
            "outer lip": 12,
            "inner lip": 8,
        }
    ),
    _mirror(
        68,
        [
            (range(17), range(16, -1, -1)),
            (range(17, 22), range(26, 21, -1)),
            (range(31, 36), range(35, 30, -1)),
            (range(36, 40), range(45, 41, -1)),
            (range(40, 42), range(47, 45, -1)),
            (range(48, 55), range(54, 47, -1)),
            (range(55, 60), range(59, 54, -1)),
            (range(60, 65), range(64, 59, -1)),
            (range(65, 68), range(67, 64, -1)),
        ],
    ),
)
# WFLW's order. The right brow starts where the left brow's lower edge starts.
POINTS_98 = Task(
    "landmarks",
    "landmarks",
    _named(
        {
            "jaw": 33,
            "left brow": 9,
            "right brow": 9,
            "nose bridge": 4,
            "nose base": 5,
            "left eye": 8,
            "right eye": 8,
            "outer lip": 12,
            "inner lip": 8,
            "left pupil": 1,
            "right pupil": 1,
        }
    ),
    _mirror(
        98,
        [
            (range(33), range(32, -1, -1)),
            (range(33, 38), range(46, 41, -1)),
            (range(38, 42), range(50, 46, -1)),
            (range(55, 60), range(59, 54, -1)),
            (range(60, 65), range(72, 67, -1)),
            (range(65, 68), range(75, 72, -1)),
            (range(76, 83), range(82, 75, -1)),
            (range(83, 88), range(87, 82, -1)),
            (range(88, 93), range(92, 87, -1)),
            (range(93, 96), range(95, 92, -1)),
            ((96,), (97,)),
        ],
    ),
)


def numbered_points(size: int) -> Task:
    """Return a landmarks task of points without names.

    Example:

    >>> numbered_points(2).names
    ('point 1', 'point 2')
    """
    names = tuple(f"point {i}" for i in range(1, size + 1))
    return Task("landmarks", "landmarks", names)


def paired_by_name(names: Sequence[str]) -> tuple[int, ...]:
    """Return the mirror rule that left and right, or l and r, in names imply.

    Example:

    >>> paired_by_name(["nose", "left_eye", "right_eye"])
    (0, 2, 1)
    >>> paired_by_name(["L-ear", "chin", "R-ear"])
    (2, 1, 0)
    """
    index = {name: i for i, name in enumerate(names)}
    return tuple(index.get(_other_side(n), i) for i, n in enumerate(names))


# left_eye, eyeLeft and L-eye, but not the "left" in cleft chin.
_SIDE = re.compile(
    r"(?<![A-Za-z])(?i:left|right)|Left|Right|(?<![A-Za-z])[LlRr](?![A-Za-z])"
)
_OTHER = {"left": "right", "right": "left", "l": "r", "r": "l"}


def has_side(name: str) -> bool:
    """Whether a point's name contains left or right.

    Example:

    >>> has_side("eyeLeft"), has_side("cleft chin")
    (True, False)
    """
    return bool(_SIDE.search(name))


def lacks_mirror_rule(task: Task) -> bool:
    """Whether points may swap in a mirrored photo, but have no mirror rule.

    Example:

    >>> lacks_mirror_rule(POINTS_68), lacks_mirror_rule(numbered_points(4))
    (False, True)
    """
    stays = [i == j for i, j in enumerate(task.mirror)]
    pairs = zip(task.names, stays, strict=True)
    alone = any(stay and has_side(name) for name, stay in pairs)
    return task.size > 1 and (all(stays) or alone)


def _other_side(name: str) -> str:
    """Swap left and right in a name, in the same case."""

    def swapped(found: re.Match[str]) -> str:
        side = found[0]
        other = _OTHER[side.lower()]
        if side.isupper():
            return other.upper()
        return other.capitalize() if side[0].isupper() else other

    return _SIDE.sub(swapped, name)
