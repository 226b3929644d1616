"""The pose of a head in degrees, from five points and a mean head in 3-D.

The method is POS, "pose from orthography and scaling" (DeMenthon and Davis,
"Model-Based Object Pose in 25 Lines of Code", IJCV 1995). Least squares give
the 2 x 3 matrix that projects the mean head onto the points, and the nearest
scaled rotation gives the angles. `presets/head_pose.py` measures it.
"""

from dataclasses import dataclass

import numpy as np

from facemtl.geometry.similarity import SMALLEST

# The mean head: x to the image's right, y down, z towards the camera, in units
# of the distance between the eyes. `presets/mean_head.py` fits it to MTFL's
# training faces. "Left" is the left of the image.
MEAN_HEAD = {
    "left eye": (-0.5, -0.525, -0.046),
    "right eye": (0.5, -0.525, -0.046),
    "nose": (0.0, 0.05, 0.415),
    "left mouth corner": (-0.436, 0.5, -0.161),
    "right mouth corner": (0.436, 0.5, -0.161),
}
# Points on a line, up to rounding, have a smaller ratio of height to width.
FLATTEST = 1e-6


@dataclass(frozen=True)
class HeadPose:
    """Angles of a head in degrees, as the camera sees it.

    The head is turned by `yaw` about its vertical axis, then by `pitch` about
    the image's horizontal axis, then by `roll` in the plane of the image.

    Attributes:
        yaw: positive if the face turns to the image's right; -90 to 90.
        pitch: positive if the face looks up; -90 to 90. It is 0 for the
            median frontal face of MTFL's training photos; by 68 points, whose
            nose lies higher, it is about 5 degrees more.
        roll: positive if the head is rotated clockwise in the image; -180 to
            180. An upside-down face has 180.
    """

    yaw: float
    pitch: float
    roll: float


def head_pose(points: np.ndarray) -> HeadPose | None:
    """Return the pose of a head from the five points of `MEAN_HEAD`.

    Noses and mouths differ from person to person, and so pitch is much less
    exact than yaw and roll.

    Args:
        points: (5, 2) x, y in pixels, in the order of `MEAN_HEAD`.

    Returns:
        The pose, or None where the points have none: a point is NaN or
        infinite, all lie at one place or on a line, or they are those of a
        mirror image (of a face seen from behind).

    Example:

    >>> points = [[20.0, 30.0], [60.0, 30.0], [50.0, 53.0]]
    >>> pose = head_pose(np.array([*points, [23.0, 71.0], [58.0, 71.0]]))
    >>> round(pose.yaw), round(pose.pitch), round(pose.roll)
    (25, 0, -2)
    >>> head_pose(np.zeros((5, 2))) is None
    True
    """
    angles = head_angles(points[None])[0]
    if not np.isfinite(angles).all():
        return None
    yaw, pitch, roll = (float(x) for x in angles)
    return HeadPose(yaw, pitch, roll)


def head_angles(points: np.ndarray) -> np.ndarray:
    """Return (N, 3) yaw, pitch and roll of N heads; NaN without a pose.

    Args:
        points: (N, 5, 2), see `head_pose`.
    """
    rows, usable = projections(points, np.array([*MEAN_HEAD.values()]))
    angles = np.full((len(points), 3), np.nan)
    turns = rotations(rows[usable])[0]
    front = turns[:, 2, 2:] > 0  # Mirror images are seen from behind.
    angles[usable] = np.where(front, euler_angles(turns), np.nan)
    return angles


def projections(
    points: np.ndarray, head: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the matrices that project a head onto N faces by least squares.

    Args:
        points: (N, P, 2).
        head: (P, 3), not in one plane.

    Returns:
        (N, 2, 3) matrices, and (N,) bool: whether each has a nearest rotation.
    """
    finite = np.isfinite(points).all(axis=(1, 2))
    known = np.where(finite[:, None, None], points, 0.0).astype(np.float64)
    offsets = known - known.mean(axis=1, keepdims=True)
    inverse = np.linalg.pinv(head - head.mean(axis=0))
    rows = np.swapaxes(inverse @ offsets, 1, 2)
    sizes = np.linalg.svd(rows, compute_uv=False)
    wide = (sizes[:, 0] > SMALLEST) & (sizes[:, 1] > FLATTEST * sizes[:, 0])
    return rows, finite & wide


def rotations(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the nearest rotations (N, 3, 3) and scales (N,) to `rows`.

    Args:
        rows: (N, 2, 3), see `projections`.
    """
    left, sizes, right = np.linalg.svd(rows, full_matrices=False)
    two = left @ right
    third = np.cross(two[:, 0], two[:, 1])
    turns = np.concatenate([two, third[:, None]], axis=1)
    return turns, sizes.mean(axis=-1)


def euler_angles(turns: np.ndarray) -> np.ndarray:
    """Return (N, 3) yaw, pitch and roll in degrees of N rotations (N, 3, 3).

    Example:

    >>> euler_angles(np.eye(3)[None]).tolist()
    [[0.0, 0.0, 0.0]]
    """
    yaw = np.arctan2(-turns[:, 2, 0], turns[:, 2, 2])
    pitch = np.arcsin(np.clip(turns[:, 2, 1], -1.0, 1.0))
    roll = np.arctan2(-turns[:, 0, 1], turns[:, 1, 1])
    return np.degrees(np.stack([yaw, pitch, roll], axis=-1)) + 0.0  # No -0.0.
