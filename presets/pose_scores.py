"""How far angles of heads are from exact ones, or from classes."""

from itertools import pairwise
from typing import Any

import numpy as np

from facemtl.data.synthetic.head import FACE_CENTRE, View, rotation
from facemtl.evaluation.calibration import rank_auc
from facemtl.tasks import POSE

NAMES = ("yaw", "pitch", "roll")


def in_sight(view: View) -> np.ndarray:
    """Return rotations (N, 3, 3) between heads and their lines of sight."""
    turns = rotation(view)
    sight = -(turns @ np.array(FACE_CENTRE))
    sight[:, 2] += view.distance
    a, b, c = (sight / np.linalg.norm(sight, axis=1, keepdims=True)).T
    # The smallest rotation that moves the line of sight onto the axis.
    rows = [
        [1 - a * a / (1 + c), -a * b / (1 + c), -a],
        [-a * b / (1 + c), 1 - b * b / (1 + c), -b],
        [a, b, c],
    ]
    return np.moveaxis(np.array(rows), (0, 1), (-2, -1)) @ turns


def errors(angles: np.ndarray, truth: np.ndarray) -> dict[str, Any]:
    """Return mean error, bias, correlation and slope of each angle."""
    known = np.isfinite(angles).all(axis=1)
    angles, truth = angles[known], truth[known]
    found: dict[str, Any] = {"without_pose": int((~known).sum())}
    for i, name in enumerate(NAMES):
        x, y = truth[:, i], angles[:, i]
        apart = wrapped(y - x)
        found[name] = {
            "mean_absolute_error": rounded(np.abs(apart).mean()),
            "bias": rounded(apart.mean()),
            "correlation": rounded(np.corrcoef(x, y)[0, 1], 3),
            "slope": rounded(np.polyfit(x, y, 1)[0]),
        }
    return found


def by_class(yaw: np.ndarray, classes: np.ndarray) -> list[np.ndarray]:
    """Return the yaws of each class."""
    known = np.isfinite(yaw)
    return [yaw[known & (classes == k)] for k in range(POSE.size)]


def neighbours(yaw: np.ndarray, classes: np.ndarray) -> list[float]:
    """Return the AUC of yaw between each class and the next."""
    pairs = pairwise(by_class(yaw, classes))
    return [rounded(rank_auc(y, x), 3) for x, y in pairs]


def wrapped(degrees: np.ndarray) -> np.ndarray:
    """Return angles from -180 to 180."""
    return (degrees + 180) % 360 - 180


def rounded(values: Any, digits: int = 2) -> Any:
    """Return Python numbers."""
    return np.round(np.asarray(values, float), digits).tolist()
