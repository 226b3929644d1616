"""Fit the box convention of a run to its training faces."""

import numpy as np

from facemtl.data.faces import Faces
from facemtl.detection.boxes import box_parts, points_of
from facemtl.detection.detector import FaceDetector
from facemtl.geometry.box_convention import (
    BoxConvention,
    DetectorConvention,
    PointConvention,
)
from facemtl.geometry.crops import square_windows, to_window
from facemtl.photos.images import LastPhoto
from facemtl.process.bars import Bar
from facemtl.tasks import Task, landmarks_task

# A fit to fewer faces is too uncertain.
LEAST_FACES = 20
# Standard deviation of a predicted point, in sides of the box. The weights must
# not amplify it, and it must not make a face count as misplaced.
NOISE = 0.02
# Limits in standard deviations of the training faces. A second pass pays off
# earlier for a rotated face. Both limits were chosen on MTFL's validation faces
# (`presets/second_look.json`: 10 degrees, 0.12 sides, a factor of 1.25).
ROTATED, MISPLACED = 1.5, 2.65
# Detector boxes scatter by 7 %, so the median of 200 is exact to 0.5 %.
DETECTED_FACES = 200
# What the detector sees: the side of the crop in box sides, and in pixels.
SHOWN, LONGEST = 3.0, 320
# Largest distance between the centres of a detection and its face, in sides.
SAME_FACE = 0.4


def fit_convention(
    faces: Faces,
    tasks: tuple[Task, ...],
    mirrored: bool = True,
    verbose: int = 0,
) -> BoxConvention:
    """Fit how boxes lie around their faces, by points and by the detector.

    Args:
        faces: training faces with their boxes; all photos must be readable.
        tasks: the network's tasks, with or without landmarks.
        mirrored: whether the network is also trained on mirror images.
        verbose: 1 shows a progress bar.

    Returns:
        The convention. Each part is None if fewer than 20 faces can be used;
        the part by points uses faces without missing points.

    Example:

    >>> from facemtl.data.synthetic.faces import synthetic_faces
    >>> faces = synthetic_faces(30)
    >>> convention = fit_convention(faces, faces.tasks)
    >>> bool(0.8 < convention.detector.scale < 1.0)
    True
    """
    points = point_convention(faces, tasks, mirrored)
    return BoxConvention(points, fit_detector(faces, verbose))


def point_convention(
    faces: Faces, tasks: tuple[Task, ...], mirrored: bool = True
) -> PointConvention | None:
    """Fit the part of `fit_convention` that needs no photos."""
    task = landmarks_task(tasks)
    if task is None:
        return None
    labels = faces.labels[task.name]
    # A weighted sum of points needs all of them.
    known = task.labelled_parts(labels).all(axis=1)
    if task.size < 2 or known.sum() < LEAST_FACES:
        return None
    z = in_boxes(labels[known], faces.boxes[known])
    return fit_points(z, task.mirror if mirrored else None)


def in_boxes(points: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Return points (N, P, 2) as x + iy, in box sides from the centre."""
    placed = to_window(points, square_windows(boxes)) - 0.5
    return placed[..., 0] + 1j * placed[..., 1]


def fit_points(
    z: np.ndarray, mirror: tuple[int, ...] | None
) -> PointConvention | None:
    """Fit the box convention by points.

    Args:
        z: (N, P) points, x + iy in sides of the box from its centre.
        mirror: the permutation of the points in a mirror image; None to fit
            without mirror images.

    Returns:
        The convention; None if all points of each face coincide.
    """
    middle, side = fit_weights(z, mirror)
    if not np.abs(side).max() > 0:
        return None
    # Measure the spread on held-out faces. With many points and few faces, it
    # is too small on the faces that the weights were fitted to.
    halves = (z[::2], z[1::2])
    parts = [
        _placement(part, *fit_weights(other, mirror))
        for part, other in (halves, halves[::-1])
    ]
    angle, off, size = np.concatenate(parts, axis=1)
    noise = NOISE / np.sqrt(2) * np.linalg.norm([middle, side], axis=1)
    rotation = np.hypot(_spread(angle), noise[1])
    offset = np.hypot(max(_spread(off.real), _spread(off.imag)), noise[0])
    scale = np.hypot(_spread(size), noise[1])
    return PointConvention(
        tuple(middle.round(5).tolist()),
        tuple(side.round(5).tolist()),
        round(float(np.degrees(ROTATED * rotation)), 2),
        round(float(MISPLACED * offset), 4),
        round(float(np.exp(MISPLACED * scale)), 4),
    )


def fit_weights(
    z: np.ndarray, mirror: tuple[int, ...] | None, noise: float = NOISE
) -> tuple[np.ndarray, np.ndarray]:
    """Fit weights (P,) whose sums of points are a box's centre and its side.

    Args:
        z: (N, P) points, x + iy in sides of the box from its centre.
        mirror: as in `fit_points`.
        noise: standard deviation of a predicted point, in sides of the box.
    """
    if mirror is not None:
        # The mirrored faces make the weights symmetric.
        z = np.concatenate([z, -z[:, list(mirror)].conj()])
    middle = _least_squares(z, 0, 1, noise)
    side = _least_squares(z, 1, 0, noise)
    # Ridge regression shrinks the side; scale it to a median of one.
    side = side / max(float(np.median(np.abs(z @ side))), np.finfo(float).eps)
    return middle - (z @ middle).mean() * side, side


def _least_squares(
    z: np.ndarray, target: float, total: float, noise: float
) -> np.ndarray:
    """Minimise Σ |Σ_p w_p z_p - target|² over weights w with Σ w = total.

    The fixed sum of weights makes the result move with the points, and complex
    numbers make it rotate with them. `noise` is a ridge penalty, so that more
    points than faces can be fitted.
    """
    n = z.shape[1]
    ones = np.ones((n, 1))
    products = z.conj().T @ z + len(z) * noise**2 * np.eye(n)
    system = np.block([[products, ones], [ones.T, np.zeros((1, 1))]])
    right = np.append(z.conj().T @ np.full(len(z), target), total)
    return np.linalg.solve(system, right)[:n]


def _placement(
    z: np.ndarray, middle: np.ndarray, side: np.ndarray
) -> np.ndarray:
    """Return angles, centres and log sizes (3, N) of faces in their boxes."""
    sides = z @ side
    size = np.log(np.maximum(np.abs(sides), np.finfo(float).eps))
    return np.array([np.angle(sides), z @ middle, size])


def _spread(values: np.ndarray) -> float:
    """Return the standard deviation, robust against wrong labels."""
    return float(np.percentile(np.abs(values.real), 68.27))


def fit_detector(faces: Faces, verbose: int = 0) -> DetectorConvention | None:
    """Fit the convention of detector boxes, on up to 200 faces.

    Args:
        faces: training faces with their boxes.
        verbose: 1 shows a progress bar.

    Returns:
        The convention; None if the detector detects fewer than 20 faces.
    """
    detector = FaceDetector(longest=LONGEST)
    order = np.random.default_rng(0).permutation(len(faces))[:DETECTED_FACES]
    # Sorted by photo, so that a photo with many faces is decoded once.
    order = order[np.argsort(faces.names[order], kind="stable")]
    photos = LastPhoto(faces.images)
    bar = Bar(len(order), "face", verbose)
    pairs = []
    for i in order:
        photo = photos.read(faces.names[i])
        pair = _detected(photo, faces.boxes[i], detector)
        pairs += [pair] if pair else []
        bar.add(1)
    if len(pairs) < LEAST_FACES:
        return None
    rows, windows = (np.array(part) for part in zip(*pairs, strict=True))
    _, sides = box_parts(rows)
    scale = float(np.median(windows[:, 2:] / sides))
    centres = windows[:, :2] + windows[:, 2:] / 2
    placed = points_of(rows) - (centres[:, :1] + 1j * centres[:, 1:])
    middle, _ = fit_weights(placed / windows[:, 2:], None)
    weights = tuple(middle.round(5).tolist())
    return DetectorConvention(round(scale, 4), middle=weights)


def _detected(
    photo: np.ndarray, box: np.ndarray, detector: FaceDetector
) -> tuple[np.ndarray, np.ndarray] | None:
    """Return a face's detection and window in the same pixels, or None."""
    window = square_windows(box)[0]
    middle, side = window[:2] + window[2] / 2, window[2]
    low = np.clip(middle - SHOWN / 2 * side, 0, None).astype(int)
    high = np.ceil(middle + SHOWN / 2 * side).astype(int)
    part = photo[low[1] : high[1], low[0] : high[0]]
    if not part.size:
        return None
    rows = detector.rows(part)
    centres = rows[:, :2] + rows[:, 2:4] / 2
    apart = np.linalg.norm(centres - (middle - low), axis=1)
    if not (apart < SAME_FACE * side).any():
        return None
    return rows[apart.argmin()], window - [*low, 0]
