"""Find equal or similar photos in two splits, or with two labels."""

from collections.abc import Sequence

import numpy as np

from facemtl.data.check.pairs import Pairs, near_pairs
from facemtl.data.check.seen import Finding, Seen
from facemtl.tasks import Task
from facemtl.words import plural

SHOWN = 3  # Pairs in a line.
APART = 0.1  # Distance of contradicting points of one face, in box sides.


def shared_photos(seen: Seen) -> list[Finding]:
    """Report photos (by file name) with faces in more than one split."""
    names, which = np.unique(seen.faces.names, return_inverse=True)
    which = which.ravel()
    pairs = []
    first_row = np.full(len(names), -1)
    for i, k in enumerate(which.tolist()):
        first = first_row[k]
        if first < 0:
            first_row[k] = i
        elif seen.splits[first] != seen.splits[i]:
            pairs.append((int(first), i))
    if not pairs:
        return []
    photos = len({which[i] for i, _ in pairs})
    text = (
        f"{photos:,} {plural(photos, 'photo')} of {len(names):,} "
        f"{'has' if photos == 1 else 'have'} rows in more than one split: "
        f"{_in_words(seen, pairs)}. The network would be evaluated on photos "
        "that it was trained on: give all rows of a photo the same split."
    )
    return [Finding(text, np.array(pairs).ravel())]


def near_duplicates(
    seen: Seen, images: np.ndarray, pairs: Pairs | None = None
) -> list[Finding]:
    """Report nearly equal photos with different names in two splits.

    Args:
        seen: N faces.
        images: (N, 24, 24) uint8, from `thumbnails`.
        pairs: all near pairs, if they are known already.
    """
    if pairs is None:
        pairs = near_pairs(images, seen.splits)
    across = seen.splits[pairs.one] != seen.splits[pairs.other]
    across &= seen.faces.names[pairs.one] != seen.faces.names[pairs.other]
    found = list(
        zip(
            pairs.one[across].tolist(),
            pairs.other[across].tolist(),
            strict=True,
        )
    )
    if not found:
        return []
    n = len(found)
    text = (
        f"{n:,} {plural(n, 'pair')} of nearly the same face in different "
        f"splits: {_in_words(seen, found)}. The network would be evaluated on "
        "faces that it was trained on: keep one of each, or give both the "
        "same split."
    )
    return [Finding(text, np.array(found).ravel())]


def contradictions(seen: Seen, pairs: Pairs) -> list[Finding]:
    """Report nearly equal training faces with other classes or points."""
    train = seen.splits == "train"
    inside = train[pairs.one] & train[pairs.other]
    one, other, mirrored = (part[inside] for part in pairs)
    findings = []
    for task in seen.faces.tasks:
        differs = _differs(seen, task, one, other, mirrored)
        if not differs.any():
            continue
        found = list(
            zip(one[differs].tolist(), other[differs].tolist(), strict=True)
        )
        n = len(found)
        text = (
            f"{task.name}: {n:,} {plural(n, 'pair')} of nearly the same "
            f"training face with different labels: {_in_words(seen, found)}. "
            "Correct one, or remove it."
        )
        findings.append(Finding(text, np.array(found).ravel()))
    return findings


def _differs(
    seen: Seen,
    task: Task,
    one: np.ndarray,
    other: np.ndarray,
    mirrored: np.ndarray,
) -> np.ndarray:
    """Return (K,) bool: both faces of a pair have labels, and they differ."""
    labels = seen.faces.labels[task.name]
    if task.kind == "classes":
        expected = labels[one]
        turned = np.array(task.mirror)[np.maximum(expected, 0)]
        expected = np.where(mirrored & (expected >= 0), turned, expected)
        both = (labels[one] >= 0) & (labels[other] >= 0)
        return both & (expected != labels[other])
    if task.kind == "landmarks":
        places = _in_boxes(labels, seen.faces.boxes)
        apart = np.linalg.norm(places[one] - places[other], axis=2)
        known = np.isfinite(apart)
        mean = np.where(known, apart, 0).sum(axis=1)
        return ~mirrored & (mean > APART * np.maximum(known.sum(axis=1), 1))
    return np.zeros(len(one), bool)


def _in_boxes(points: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Convert points (N, P, 2) to shares of their boxes' larger sides."""
    side = (boxes[:, 2:] - boxes[:, :2]).max(axis=1)
    return (points - boxes[:, None, :2]) / side[:, None, None]


def _in_words(seen: Seen, pairs: Sequence[tuple[int, int]]) -> str:
    """Return row and split of both faces of the first pairs."""
    words = [
        " and ".join(f"{seen.faces.rows[i]} ({seen.splits[i]})" for i in pair)
        for pair in pairs[:SHOWN]
    ]
    more = len(pairs) - SHOWN
    return "; ".join(words) + (f"; and {more:,} more" if more > 0 else "")
