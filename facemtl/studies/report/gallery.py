"""A gallery of the best, median and worst faces of a variant."""

import base64
from collections.abc import Mapping, Sequence
from pathlib import PureWindowsPath
from typing import Any

import cv2
import numpy as np
from markupsafe import Markup

from facemtl.data.faces import BadRows
from facemtl.data.sources import load_splits
from facemtl.evaluation.many_points import MOST, margin_round
from facemtl.evaluation.point_scores import mean_of_points
from facemtl.evaluation.predictions import Predictions, read_predictions
from facemtl.geometry.crops import crop, square_windows, to_window
from facemtl.photos.images import Images
from facemtl.settings import settings_of
from facemtl.studies.measures import landmark_scores, point_errors
from facemtl.studies.report.document import fill
from facemtl.studies.run import Run
from facemtl.tasks import Task, landmarks_task

SIZE = 144  # pixels per side of a face
MARGIN = 0.2  # share of the box on each side, or more for outer points
QUALITY = 82  # JPEG quality
ABOUT = (
    "White rings are true points, blue dots predicted ones; below each face is "
    "its NME-box. First seed only."
)


def pick(errors: np.ndarray, n: int) -> dict[str, np.ndarray]:
    """Select the n smallest, n middle and n largest errors.

    Args:
        errors: (N,); NaN for unknown errors.
        n: number per kind; fewer if there are fewer than 3 n errors.

    Returns:
        Disjoint indices `best`, `median` (both by increasing error) and
        `worst` (by decreasing error).

    Example:

    >>> {k: v.tolist() for k, v in pick(np.array([3.0, 1.0, 2.0]), 1).items()}
    {'best': [1], 'median': [2], 'worst': [0]}
    """
    order = np.argsort(errors, kind="stable")
    order = order[: np.isfinite(errors).sum()]  # NaN come last
    n = min(n, max(len(order) // 3, 1))
    best, rest = order[:n], order[n:]
    middle, worst = rest[: max(len(rest) - n, 0)], rest[max(len(rest) - n, 0) :]
    start = (len(middle) - n) // 2 if len(middle) > n else 0
    median = middle[start : start + n]
    return {"best": best, "median": median, "worst": worst[::-1]}


def study_gallery(runs: Sequence[Run], n: int, bad: BadRows) -> Markup:
    """Draw faces of a study's first variant and of the best on validation.

    Args:
        runs: all runs of a study, finished.
        n: number of best, median and worst faces each; 0 for no gallery.
        bad: what to do with invalid rows.

    Returns:
        HTML for `study_report`, from the first seed of the first group.
    """
    first = [
        run
        for run in runs
        if run.variant.group == runs[0].variant.group
        and run.config["train"]["seed"] == 0
    ]
    predicted = {
        run.variant.name: read_predictions(run.folder / "predictions.npz")
        for run in first
    }
    errors = {
        name: float(np.nanmean(scores["mean_error_box"]))
        for name, splits in predicted.items()
        if (scores := landmark_scores(splits["validation"]))
    }
    if not n or not errors:
        return Markup()
    best = min(errors, key=lambda name: errors[name])
    shown = dict.fromkeys([next(iter(errors)), best])
    splits = load_splits(settings_of(runs[0].config).data, bad)
    faces = splits.test or splits.validation
    last = {name: list(predicted[name].values())[-1] for name in shown}
    return draw_gallery(faces.images, last, n)


def draw_gallery(
    images: Images, predictions: Mapping[str, Predictions], n: int = 5
) -> Markup:
    """Draw faces of each variant with true and predicted points and error.

    The faces are images of the dataset: do not publish a gallery.

    Args:
        images: reads the photos.
        predictions: {variant: predictions of its first seed for a split}.
        n: number of best, median and worst faces each.

    Returns:
        HTML for `study_report`; empty if no variant has landmarks.
    """
    shown = {}
    many = False
    for variant, predicted in predictions.items():
        task = landmarks_task(predicted.tasks)
        if task is not None and task.name in predicted.answers:
            known = task.labelled_parts(predicted.labels[task.name])
            many = many or task.size > MOST
            errors = mean_of_points(point_errors(predicted, task), known)
            shown[variant] = {
                kind: [
                    _face(images, predicted, task, i, errors[i]) for i in faces
                ]
                for kind, faces in pick(errors, n).items()
            }
    if not shown:
        return Markup()
    ring, dot = (1.8, 1.1) if many else (3.6, 2.2)
    more = {"size": SIZE, "ring": ring, "dot": dot}
    return fill("gallery.html", about=ABOUT, variants=shown, **more)


def _face(
    images: Images, predicted: Predictions, task: Task, i: int, error: float
) -> dict[str, Any]:
    """Return a face as a JPEG with circles as vector graphics."""
    labels = predicted.labels[task.name]
    margin = margin_round(labels, predicted.boxes, MARGIN)
    window = square_windows(predicted.boxes[i], margin)
    name = str(predicted.names[i])

    def places(points: np.ndarray) -> list[list[str]]:
        # SVG coordinates: pixel u spans u to u + 1, so add half a pixel.
        known = points[task.labelled_parts(points[None])[0]]
        found = to_window(known[None], window)[0] * SIZE
        return [[f"{x:.1f}", f"{y:.1f}"] for x, y in found]

    return {
        "name": PureWindowsPath(name).name,
        "image": _jpeg(crop(images.read(name), window[0], SIZE, "rgb")),
        "truth": places(labels[i]),
        "predicted": places(predicted.answers[task.name][i]),
        "error": f"{error:.1f}",
    }


def _jpeg(pixels: np.ndarray) -> str:
    """Return (H, W, 3) uint8 RGB pixels as a data URL."""
    flipped = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    quality = [cv2.IMWRITE_JPEG_QUALITY, QUALITY]
    _, data = cv2.imencode(".jpg", flipped, quality)
    return f"data:image/jpeg;base64,{base64.b64encode(data.tobytes()).decode()}"
