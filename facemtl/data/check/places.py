"""Find points at a constant place that stands for "not visible"."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from facemtl.data.check.seen import Finding, Seen
from facemtl.tasks import Task

# (0, 0) of a photo, counted from 0, and counted from 1 by a reader.
ORIGINS = ((0.0, 0.0), (-1.0, -1.0))
# Another place is checked if this many and this share of the faces have it.
LEAST_FACES, LEAST_SHARE = 5, 0.02
MOST_PLACES = 20  # Places that are checked, the most frequent first.
ADVICE = (
    "If it stands for a point that is not visible, leave its x and y empty, "
    "or add columns v1, v2, … with 0 there: as it is, the network learns "
    "that place."
)


def constant_places(seen: Seen) -> list[Finding]:
    """Report points at (0, 0), (-1, -1) or a place that many faces share.

    A shared place counts only if it lies far from where the other points of
    the face suggest. In photos that are aligned by the eyes, all eyes share a
    correct place.
    """
    task = seen.landmarks
    if task is None:
        return []
    labelled = np.isfinite(seen.points).all(axis=2)
    return [
        _finding(seen, task, place, there, labelled)
        for place, there in _placeholders(seen.points)
    ]


def without_placeholders(seen: Seen) -> Seen:
    """Return the faces without the labels of points at such places."""
    task = seen.landmarks
    if task is None:
        return seen
    points = seen.points.copy()
    for _, there in _placeholders(seen.points):
        points[there] = np.nan
    labels = {**seen.faces.labels, task.name: points}
    return replace(seen, faces=replace(seen.faces, labels=labels))


_Place = tuple[float, float]


def _placeholders(points: np.ndarray) -> Iterator[tuple[_Place, np.ndarray]]:
    """Yield places that stand for no point, and (N, P) the points there."""
    labelled = np.isfinite(points).all(axis=2)
    for place in (*ORIGINS, *_common_places(points, labelled)):
        there = labelled & np.all(points == place, axis=2)
        if there.any() and (place in ORIGINS or _is_far(points, there)):
            yield place, there


def _finding(
    seen: Seen,
    task: Task,
    place: _Place,
    there: np.ndarray,
    labelled: np.ndarray,
) -> Finding:
    faces = np.any(there, axis=1)
    n = int(labelled.any(axis=1).sum())
    names = [task.names[p] for p in np.flatnonzero(there.any(axis=0))]
    which = ", ".join(names[:3]) + (
        f" and {len(names) - 3} more points" if len(names) > 3 else ""
    )
    x, y = place
    text = f"{which}: at ({x:g}, {y:g}) in {seen.of(faces, n)}. {ADVICE}"
    return Finding(text, np.flatnonzero(faces))


def _common_places(points: np.ndarray, labelled: np.ndarray) -> list[_Place]:
    """Return the places, other than the origins, that many points share."""
    flat = points[labelled]
    if not len(flat):
        return []
    # Complex numbers are sorted much faster than rows.
    places, counts = np.unique(flat[:, 0] + 1j * flat[:, 1], return_counts=True)
    least = max(LEAST_FACES, LEAST_SHARE * labelled.any(axis=1).sum())
    order = np.argsort(-counts, kind="stable")[:MOST_PLACES]
    found = [
        (float(places[k].real), float(places[k].imag))
        for k in order
        if counts[k] >= least
    ]
    return [place for place in found if place not in ORIGINS]


def _is_far(points: np.ndarray, there: np.ndarray) -> bool:
    """Whether the points at a place lie far from where they usually lie.

    Positions are relative to the other points of the face: from their middle,
    in units of their spread.

    Args:
        points: (N, P, 2).
        there: (N, P) bool, the points at the place.
    """
    usual = points.copy()
    usual[there] = np.nan
    for p in np.flatnonzero(there.any(axis=0)):
        others = np.delete(usual, p, axis=1)
        at = _in_shape(points[there[:, p], p], others[there[:, p]])
        own = _in_shape(usual[:, p], others)
        if len(at) < LEAST_FACES or len(own) < LEAST_FACES:
            continue
        middle = np.median(own, axis=0)
        reach = np.percentile(np.linalg.norm(own - middle, axis=1), 95)
        off = np.median(np.linalg.norm(at - middle, axis=1))
        if off > 3 * max(reach, 0.3):
            return True
    return False


def _in_shape(places: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return places (N, 2) relative to the face's other points (N, P - 1, 2).

    Faces without the place or with fewer than two other points are left out.
    """
    known = np.isfinite(others).all(axis=2).sum(axis=1) >= 2
    known &= np.isfinite(places).all(axis=1)
    places, others = places[known], others[known]
    if not len(places):
        return np.empty((0, 2))
    middle = np.nanmean(others, axis=1)
    away = np.square(others - middle[:, None]).sum(axis=2)
    spread = np.sqrt(np.nanmean(away, axis=1))
    good = spread > 0
    return (places - middle)[good] / spread[good, None]
