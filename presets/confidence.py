"""How well a preset knows its errors: on upright and on difficult faces."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from turned import turned

from facemtl.data.faces import Faces
from facemtl.evaluation.calibration import (
    calibration_error,
    reliability,
    score_sigma,
)
from facemtl.evaluation.faces import predict_faces
from facemtl.evaluation.point_scores import percent
from facemtl.inference.runtimes.runtime import Answers, Network
from facemtl.photos.images import Images

DEGREES = 30
BLUR = 0.0375  # standard deviation, in sides of the box: 1.5 of 40 pixels
BINS = 5  # of the reliability diagrams in cards

Change = Callable[[np.ndarray, np.ndarray, int], np.ndarray]


def confidence_of(network: Network, faces: Faces) -> dict[str, Any]:
    """Return the scores of a network's confidence, with two passes.

    Args:
        network: the calibrated network.
        faces: faces that it was not calibrated on, one per photo.

    Returns:
        `points`: {kind of faces: scores of `score_sigma`}; `attributes`:
        {task: `calibration_error` and `bins`} of the unchanged faces.
    """
    kinds = {
        "upright": faces,
        f"rotated by {DEGREES} degrees": turned(faces, DEGREES),
        "blurred": changed(faces, blurred),
        "half covered": changed(faces, half_covered),
    }
    points, attributes = {}, {}
    for kind, some in kinds.items():
        some, predictions = predict_faces(network, some, verbose=0)
        points[kind] = _points(some, predictions)
        if kind == "upright":
            attributes = _attributes(some, predictions)
    return {"n": len(faces), "points": points, "attributes": attributes}


def _points(faces: Faces, predictions: Answers) -> dict[str, Any]:
    """Return the scores of the deviations, without the shift of the labels."""
    errors = predictions["landmarks"] - faces.labels["landmarks"]
    widths = faces.boxes[:, 2] - faces.boxes[:, 0]
    errors = errors / widths[:, None, None]
    errors -= np.nanmedian(errors, axis=(0, 1))
    away = np.linalg.norm(errors, axis=-1)
    return {
        "mean_error_box_shift_free": percent(away[np.isfinite(away)]),
        **score_sigma(
            away * widths[:, None], predictions["landmarks_sigma"], widths
        ),
    }


def _attributes(faces: Faces, predictions: Answers) -> dict[str, Any]:
    """Return the calibration error and the reliability of each attribute."""
    found = {}
    for task in faces.tasks:
        if task.kind == "classes":
            known = task.is_labelled(faces.labels[task.name])
            labels = faces.labels[task.name][known]
            shares = predictions[task.name][known]
            found[task.name] = {
                "calibration_error": calibration_error(labels, shares),
                "bins": reliability(labels, shares, BINS),
            }
    return found


def changed(faces: Faces, change: Change) -> Faces:
    """Return faces, one per photo, in changed photos."""
    rows = {name: i for i, name in enumerate(faces.names.tolist())}
    images = ChangedImages(faces.images, faces.boxes, rows, change)
    return replace(faces, images=images)


def blurred(photo: np.ndarray, box: np.ndarray, row: int) -> np.ndarray:
    """Return a photo with a Gaussian blur of 1.5 pixels of a 40 x 40 crop."""
    return cv2.GaussianBlur(photo, (0, 0), BLUR * float(box[2] - box[0]))


def half_covered(photo: np.ndarray, box: np.ndarray, row: int) -> np.ndarray:
    """Return a photo with one half of the box covered: left, top, right or
    bottom by row, by one gray value or noise."""
    left, top, right, bottom = box
    x, y = (left + right) / 2, (top + bottom) / 2
    part = [
        (left, top, x, bottom),
        (left, top, right, y),
        (x, top, right, bottom),
        (left, y, right, bottom),
    ][row % 4]
    a, b, c, d = np.clip(np.rint(part), 0, None).astype(int)
    photo = photo.copy()
    view = photo[b:d, a:c]
    rng = np.random.default_rng(row)
    view[:] = rng.integers(0, 256, (1, 1, 1) if row % 8 < 4 else view.shape)
    return photo


@dataclass(frozen=True)
class ChangedImages:
    """Photos that are changed as they are read."""

    images: Images
    boxes: np.ndarray
    rows: dict[str, int]
    change: Change

    def read(self, name: str) -> np.ndarray:
        """Return (H, W, 3) uint8, RGB, in the original size."""
        row = self.rows[name]
        return self.change(self.images.read(name), self.boxes[row], row)

    def stamp(self, name: str) -> str:
        """Return a text that changes with the photo or the change."""
        return f"{self.images.stamp(name)} {self.change.__name__}"
