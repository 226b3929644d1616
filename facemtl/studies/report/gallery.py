"""Faces of a report: the best, the usual and the worst of a variant."""

import base64
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import PureWindowsPath

import cv2
import numpy as np

from facemtl.data.faces import BadRows
from facemtl.data.sources import load_splits
from facemtl.evaluation.point_scores import mean_of_points
from facemtl.evaluation.predictions import Predictions, read_predictions
from facemtl.geometry.crops import crop, square_windows, to_window
from facemtl.photos.images import Images
from facemtl.settings import settings_of
from facemtl.studies.measures import landmark_scores, point_errors
from facemtl.studies.report.markup import side_by_side
from facemtl.studies.run import Run
from facemtl.tasks import Task, landmarks_task

SIZE = 144  # pixels a side of a face
MARGIN = 0.2  # share of the box on each side
QUALITY = 82  # of the JPEG
# True points are rings, white on black; predicted ones are dots.
RING = '<circle cx="{x:.1f}" cy="{y:.1f}" r="3.6" class="ring" />'
DOT = '<circle cx="{x:.1f}" cy="{y:.1f}" r="2.2" class="dot" />'


def pick(errors: np.ndarray, n: int) -> dict[str, np.ndarray]:
    """Where the n least, n middle and n largest of some errors are.

    Args:
        errors: (N,), NaN: not known.
        n: how many of each kind; fewer where there are under 3 n errors.

    Returns:
        `best`, `median` and `worst`: indices, no two alike, by rising error;
        the worst by falling error.

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


def study_gallery(runs: Sequence[Run], n: int, bad: BadRows) -> str:
    """Faces of a study's first variant, and of the best one on validation.

    Args:
        runs: all runs of a study, finished.
        n: how many of the best, the median and the worst faces; 0 for none.
        bad: what to do with bad rows of the data.

    Returns:
        HTML for `write_page`, of the first group's first seed.
    """
    first = [
        run
        for run in runs
        if run.variant.group == runs[0].variant.group
        and run.config["train"]["seed"] == 0
    ]
    answered = {
        run.variant.name: read_predictions(run.folder / "predictions.npz")
        for run in first
    }
    errors = {
        name: float(np.nanmean(scores["mean_error_box"]))
        for name, splits in answered.items()
        if (scores := landmark_scores(splits["validation"]))
    }
    if not n or not errors:
        return ""
    best = min(errors, key=lambda name: errors[name])
    shown = dict.fromkeys([next(iter(errors)), best])
    splits = load_splits(settings_of(runs[0].config).data, bad)
    faces = splits.test or splits.validation
    last = {name: list(answered[name].values())[-1] for name in shown}
    return draw_gallery(faces.images, last, n)


def draw_gallery(
    images: Images, predictions: Mapping[str, Predictions], n: int = 5
) -> str:
    """Faces of each variant with true points, predicted ones and the error.

    They are the dataset's images: no gallery goes into a repository.

    Args:
        images: reads the photos.
        predictions: {variant: what its first seed answered about a split}.
        n: how many of the best, the median and the worst faces.

    Returns:
        HTML for `write_page`; empty where no variant finds landmarks.
    """
    parts = []
    for variant, answered in predictions.items():
        task = landmarks_task(answered.tasks)
        if task is not None and task.name in answered.answers:
            faces = _variant(images, answered, task, n)
            parts.append(f"<h3>{escape(variant)}</h3>{faces}")
    return ABOUT + "".join(parts) if parts else ""


ABOUT = """
<p>White rings are true points, blue dots predicted ones; below stands the
face’s mean error in percent of the box’s width. First seed only.</p>
"""


def _variant(images: Images, answered: Predictions, task: Task, n: int) -> str:
    known = task.labelled_parts(answered.labels[task.name])
    errors = mean_of_points(point_errors(answered, task), known)
    parts = []
    for kind, chosen in pick(errors, n).items():
        figures = (_face(images, answered, task, i, errors[i]) for i in chosen)
        faces = side_by_side(figures, "faces")
        parts.append(f"<h4>{kind.capitalize()}</h4>{faces}" if faces else "")
    return "".join(parts)


def _face(
    images: Images, answered: Predictions, task: Task, i: int, error: float
) -> str:
    """One face as a JPEG under circles that stay sharp at any size."""
    window = square_windows(answered.boxes[i], MARGIN)
    name = str(answered.names[i])
    image = _jpeg(crop(images.read(name), window[0], SIZE, "rgb"))
    circles = ""
    for points, shape in (
        (answered.labels[task.name][i], RING),
        (answered.answers[task.name][i], DOT),
    ):
        # An image's pixel u spans u to u + 1 here: no half pixel is off.
        known = points[task.labelled_parts(points[None])[0]]
        places = to_window(known[None], window)[0] * SIZE
        circles += "".join(shape.format(x=x, y=y) for x, y in places)
    short = PureWindowsPath(name).name
    return (
        f'<figure><svg viewBox="0 0 {SIZE} {SIZE}" role="img" '
        f'aria-label="{escape(short)}, error {error:.1f} %">'
        f'<image href="{image}" width="{SIZE}" height="{SIZE}" />'
        f"{circles}</svg><figcaption>{error:.1f} %<br />"
        f"<small>{escape(short)}</small></figcaption></figure>"
    )


def _jpeg(pixels: np.ndarray) -> str:
    """(H, W, 3) uint8, RGB, as an address that holds the whole image."""
    flipped = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    quality = [cv2.IMWRITE_JPEG_QUALITY, QUALITY]
    _, data = cv2.imencode(".jpg", flipped, quality)
    return f"data:image/jpeg;base64,{base64.b64encode(data.tobytes()).decode()}"
