"""Names and mirror rules of the points of other formats.

Those of 68 and 98 points are layouts of `facemtl.tasks`.
"""

import re
from collections.abc import Sequence

from facemtl.tasks import Task


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

    >>> lacks_mirror_rule(numbered_points(4))
    True
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
