"""Labels of photos as they are stored, before EXIF turns them.

Cameras store a photo as the sensor lay and write into its header how to turn
it. Photo viewers, OpenCV and facemtl turn it; some labelling tools do not.
"""

import numpy as np

from facemtl.data.check.exif import to_displayed
from facemtl.data.check.seen import Finding, Seen
from facemtl.data.check.upright import looks_unturned, turned_sample
from facemtl.tasks import LANDMARKS, Task

# Five points of a face, where the faces at hand are all turned.
USUAL = ((-0.9, -0.8), (0.9, -0.8), (0.0, 0.1), (-0.7, 0.8), (0.7, 0.8))
LEAST_FACES = 5  # for a shape of their own
LEAST_SHARE = 0.2  # of the turned photos' faces
LEAVES = 0.1  # of the points' extent or the box's side, beyond the photo


def unturned_labels(seen: Seen) -> list[Finding]:
    """Labels that fit their photo only before its EXIF turn."""
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
    """About some of `n` faces in photos that are turned."""
    text = (
        f"Labels fit the photo only as it is stored, before its EXIF "
        f"orientation turns it, in {seen.of(found, n, 'turned face')}. "
        "facemtl reads photos as they are displayed: label those, or turn "
        "points and boxes as EXIF says."
    )
    return Finding(text, found)


def _fits_stored_size(seen: Seen) -> np.ndarray:
    """(N,) bool: labels leave the displayed photo and fit the stored one."""
    stored = np.where(seen.turns[:, None] >= 5, seen.sizes[:, ::-1], seen.sizes)
    corners = seen.points
    if not corners.shape[1] or not np.isfinite(corners).any():
        corners = _inner_corners(seen.faces.boxes)
    return _leaves(corners, seen.sizes) & ~_leaves(corners, stored)


def _inner_corners(boxes: np.ndarray) -> np.ndarray:
    """(N, 2, 2) corners of boxes, less the part that often leaves a photo."""
    inset = 0.2 * (boxes[:, 2:] - boxes[:, :2])
    return np.stack([boxes[:, :2] + inset, boxes[:, 2:] - inset], axis=1)


def _leaves(points: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """(N,) bool: some point lies clearly beyond a photo of this size."""
    known = np.isfinite(points)
    low = np.where(known, points, np.inf).min(axis=1)
    high = np.where(known, points, -np.inf).max(axis=1)
    reach = LEAVES * (high - low).max(axis=1, keepdims=True)
    return ((low < -reach) | (high > sizes - 1 + reach)).any(axis=1)


def _usual_shape(seen: Seen) -> np.ndarray | None:
    """(P, 2) the mean shape of faces in photos that are not turned."""
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
    """Points (N, P, 2) about their middle, with a root mean square of 1."""
    shapes = points - points.mean(axis=1, keepdims=True)
    spread = np.sqrt(np.square(shapes).sum(axis=2).mean(axis=1))
    spread = np.where(spread > 0, spread, np.nan)
    return shapes / spread[:, None, None]


def _fits_stored_shape(seen: Seen, usual: np.ndarray) -> np.ndarray:
    """(N,) bool: the points look like a face only once they are turned.

    Faces that lack points have no shape: False.
    """
    points = seen.points
    turned = to_displayed(points, seen.turns, seen.sizes)
    as_given = np.square(_shapes(points) - usual).sum(axis=2).mean(axis=1)
    as_turned = np.square(_shapes(turned) - usual).sum(axis=2).mean(axis=1)
    # Of distances, half; NaN compares as False.
    return as_turned < as_given / 4


def _pairs_fit_stored(seen: Seen, task: Task) -> np.ndarray:
    """(N,) bool: mirrored points lie side by side only once turned."""
    return upright(seen.points, task) < 0


def upright(points: np.ndarray, task: Task) -> np.ndarray:
    """Whether mirrored points lie side by side or above each other.

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
