"""Find labels of the stored photo, before its EXIF orientation is applied.

Cameras store photos as the sensor was held, with an orientation in the header.
Photo viewers, OpenCV and facemtl apply the orientation; some labelling tools do
not.
"""

import numpy as np

from facemtl.data.check.exif import to_displayed
from facemtl.data.check.seen import Finding, Seen
from facemtl.data.check.upright import looks_unturned, turned_sample
from facemtl.tasks import LANDMARKS, Task

# Five points of a typical face, if all photos are rotated.
USUAL = ((-0.9, -0.8), (0.9, -0.8), (0.0, 0.1), (-0.7, 0.8), (0.7, 0.8))
LEAST_FACES = 5  # Faces for a mean shape from the data.
LEAST_SHARE = 0.2  # Share of the faces in rotated photos that is reported.
LEAVES = 0.1  # Distance outside the photo, in point extents or box sides.


def unturned_labels(seen: Seen) -> list[Finding]:
    """Report labels that fit their photo only before its EXIF orientation."""
    turned = seen.turns > 1
    if not turned.any():
        return []
    index = np.flatnonzero(turned)
    some = seen.select(index)
    unturned = _fits_stored_size(some)
    shape = _usual_shape(seen)
    if shape is not None:
        unturned |= _fits_stored_shape(some, shape)
    elif seen.landmarks is not None:
        unturned |= _pairs_fit_stored(some, seen.landmarks)
    if unturned.sum() >= max(1, LEAST_SHARE * len(index)):
        return [_finding(seen, index[unturned], len(index))]
    looked_at = turned_sample(seen)
    found = looked_at[looks_unturned(seen, looked_at)]
    return [_finding(seen, found, len(looked_at))] if len(found) else []


def _finding(seen: Seen, found: np.ndarray, n: int) -> Finding:
    """Describe the faces found among `n` faces in rotated photos."""
    text = (
        f"Labels fit the photo only as it is stored, before its EXIF "
        f"orientation rotates it, in {seen.of(found, n, 'rotated face')}. "
        "facemtl reads photos as they are displayed: label those, or apply "
        "the EXIF orientation to points and boxes."
    )
    return Finding(text, found)


def _fits_stored_size(seen: Seen) -> np.ndarray:
    """Return (N,) bool: labels exceed the displayed photo, not the stored."""
    stored = np.where(seen.turns[:, None] >= 5, seen.sizes[:, ::-1], seen.sizes)
    corners = seen.points
    if not corners.shape[1] or not np.isfinite(corners).any():
        corners = _inner_corners(seen.faces.boxes)
    return _leaves(corners, seen.sizes) & ~_leaves(corners, stored)


def _inner_corners(boxes: np.ndarray) -> np.ndarray:
    """Return (N, 2, 2) corners of boxes, shrunk since boxes often stick out."""
    inset = 0.2 * (boxes[:, 2:] - boxes[:, :2])
    return np.stack([boxes[:, :2] + inset, boxes[:, 2:] - inset], axis=1)


def _leaves(points: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Return (N,) bool: a point lies clearly outside a photo of this size."""
    known = np.isfinite(points)
    low = np.where(known, points, np.inf).min(axis=1)
    high = np.where(known, points, -np.inf).max(axis=1)
    reach = LEAVES * (high - low).max(axis=1, keepdims=True)
    return ((low < -reach) | (high > sizes - 1 + reach)).any(axis=1)


def _usual_shape(seen: Seen) -> np.ndarray | None:
    """Return (P, 2) the mean shape of faces in photos that are not rotated."""
    task = seen.landmarks
    if task is None:
        return None
    upright = seen.points[seen.turns == 1]
    upright = upright[np.isfinite(upright).all(axis=(1, 2))]
    if len(upright) >= LEAST_FACES and task.size > 1:
        return np.nanmedian(_shapes(upright), axis=0)
    if task.names == LANDMARKS.names:
        return _shapes(np.array([USUAL]))[0]
    return None


def _shapes(points: np.ndarray) -> np.ndarray:
    """Centre points (N, P, 2), and scale them to a root mean square of 1."""
    shapes = points - points.mean(axis=1, keepdims=True)
    spread = np.sqrt(np.square(shapes).sum(axis=2).mean(axis=1))
    spread = np.where(spread > 0, spread, np.nan)
    return shapes / spread[:, None, None]


def _fits_stored_shape(seen: Seen, usual: np.ndarray) -> np.ndarray:
    """Return (N,) bool: the points look like a face only after rotation.

    It is False for faces with missing points.
    """
    points = seen.points
    turned = to_displayed(points, seen.turns, seen.sizes)
    as_given = np.square(_shapes(points) - usual).sum(axis=2).mean(axis=1)
    as_turned = np.square(_shapes(turned) - usual).sum(axis=2).mean(axis=1)
    # A quarter of the squares is half the distance; NaN compares as False.
    return as_turned < as_given / 4


def _pairs_fit_stored(seen: Seen, task: Task) -> np.ndarray:
    """Return (N,) bool: left and right are level only after rotation."""
    return upright(seen.points, task) < 0


def upright(points: np.ndarray, task: Task) -> np.ndarray:
    """Return whether mirrored points lie side by side or above each other.

    Returns:
        (N,) from 1 (side by side) to -1 (above each other); NaN for a face
        without a pair.
    """
    pairs = [(i, j) for i, j in enumerate(task.mirror) if i < j]
    if not pairs:
        return np.full(len(points), np.nan)
    one, other = np.array(pairs).T
    across = points[:, other] - points[:, one]
    known = np.isfinite(across).all(axis=2, keepdims=True)
    x, y = np.abs(np.where(known, across, 0)).sum(axis=1).T
    total = np.where(x + y > 0, x + y, np.nan)
    return (x - y) / total
