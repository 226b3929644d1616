"""Check for exchanged left and right points, and for exchanged x and y."""

import re

import numpy as np

from facemtl.data.check.seen import Finding, Seen
from facemtl.data.check.turns import upright
from facemtl.tasks import Task

# Shares of faces whose left point lies to the right of the right point. Below
# the first, they are profiles or upside down; above the second, all names are.
SOME, MOST = 0.1, 0.9
LEAST_FACES = 10
SWAPPED = 0.8  # Share of faces whose mirrored points lie above each other.


def swapped_axes(seen: Seen) -> list[Finding]:
    """Report left and right points that lie above each other."""
    task = seen.landmarks
    if task is None:
        return []
    lie = upright(seen.points, task)
    known = np.isfinite(lie)
    above = known & (lie < -1 / 3)
    if known.sum() < LEAST_FACES or above.sum() < SWAPPED * known.sum():
        return []
    text = (
        f"Left and right points lie above each other in "
        f"{seen.of(above, int(known.sum()))}. Are x and y swapped, or the "
        "photos rotated?"
    )
    return [Finding(text, np.flatnonzero(above))]


def sides(seen: Seen) -> list[Finding]:
    """Report left points that lie to the right of their counterparts.

    In nearly all faces, the names are from the person's view. In some faces,
    names are mixed up, or photos were mirrored without swapping them.
    """
    task = seen.landmarks
    if task is None:
        return []
    mixed, reversed_ = [], []
    swapped = np.zeros(len(seen), bool)
    for i, j in _pairs(task):
        across = seen.points[:, j, 0] - seen.points[:, i, 0]
        known = np.isfinite(across) & (across != 0)
        if known.sum() < LEAST_FACES:
            continue
        share = (across[known] < 0).mean()
        if SOME < share <= MOST:
            mixed.append((task.names[i], task.names[j], share))
            swapped |= known & (across < 0)
        elif share > MOST and _named_sides(task, i, j):
            reversed_.append((task.names[i], task.names[j], share))
    return [
        *_mixed(seen, mixed, swapped),
        *_reversed(reversed_),
    ]


_Pairs = list[tuple[str, str, float]]


def _mixed(seen: Seen, pairs: _Pairs, faces: np.ndarray) -> list[Finding]:
    if not pairs:
        return []
    text = (
        f"{_list(pairs)}: left and right are exchanged compared with the other "
        f"faces ({seen.first(np.flatnonzero(faces))}). Were photos mirrored "
        "without swapping left and right, or sides named from the person's "
        "view in some and the image's in others? Name all alike."
    )
    return [Finding(text, np.flatnonzero(faces))]


def _reversed(pairs: _Pairs) -> list[Finding]:
    if not pairs:
        return []
    text = (
        f"{_list(pairs)}: the left one lies to the right in nearly all "
        "faces, so sides are the person's. Predictions will have the same "
        "names; elsewhere in facemtl left is the image's left."
    )
    return [Finding(text)]


def _list(pairs: _Pairs) -> str:
    """Return the first pairs with their shares, in words."""
    words = [
        f"'{i}' and '{j}' ({100 * share:.0f} % of faces)"
        for i, j, share in pairs[:3]
    ]
    more = f" and {len(pairs) - 3} more pairs" if len(pairs) > 3 else ""
    return ", ".join(words) + more


def _pairs(task: Task) -> list[tuple[int, int]]:
    """Return pairs (left, right) by name, or else by mirror rule.

    Example:

    >>> from facemtl.tasks import LANDMARKS
    >>> _pairs(LANDMARKS)
    [(0, 1), (3, 4)]
    """
    pairs = [(i, j) for i, j in enumerate(task.mirror) if i < j]
    named = {n: i for i, n in enumerate(task.names)}
    for name, i in named.items():
        partner = named.get(_other_side(name))
        if partner is not None and re.search(r"(?i)left", name):
            pairs = [p for p in pairs if i not in p] + [(i, partner)]
    return sorted(pairs)


def left_and_right(task: Task) -> tuple[set[int], set[int]]:
    """Return the points whose names contain left, and their counterparts.

    Example:

    >>> from facemtl.tasks import LANDMARKS
    >>> left_and_right(LANDMARKS)
    ({0, 3}, {1, 4})
    """
    named = [pair for pair in _pairs(task) if _named_sides(task, *pair)]
    return {i for i, _ in named}, {j for _, j in named}


def _named_sides(task: Task, i: int, j: int) -> bool:
    """Whether the name of point i contains left, and that of j right."""
    return _other_side(task.names[i]) == task.names[j] and bool(
        re.search(r"(?i)left", task.names[i])
    )


def _other_side(name: str) -> str:
    """Swap left and right in a name; return "" without either."""
    sides = {"left": "right", "Left": "Right", "LEFT": "RIGHT"}
    sides |= {right: left for left, right in sides.items()}
    pattern = "|".join(sides)
    if not re.search(pattern, name):
        return ""
    return re.sub(pattern, lambda found: sides[found[0]], name)
