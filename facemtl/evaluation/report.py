"""Scores as sentences and tables, and a picture of predictions."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from facemtl.data.faces import Faces
from facemtl.evaluation.landmark_table import landmark_lines
from facemtl.evaluation.many_points import MOST, margin_round
from facemtl.files.writing import whole_file
from facemtl.geometry.crops import crop, square_windows, to_window
from facemtl.tasks import landmarks_task
from facemtl.words import plural

LEAST_MARGIN = 0.15  # of the crops, in box sides


def table(scores: Mapping[str, Any]) -> str:
    """Return the scores of one set of faces as a table.

    Args:
        scores: scores from `facemtl.evaluation.scores.score`.
    """
    lines = [f"{scores['n']} {plural(scores['n'], 'face')}"]
    for name, part in landmark_parts(scores).items():
        lines += ["", *landmark_lines(name, part)]
    if "attributes" in scores:
        lines += ["", f"{'attribute':<24}{'accuracy':>14}{'balanced':>14}"]
        lines += [
            f"{name:<24}{x['accuracy']:>14.2f}{x['balanced_accuracy']:>14.2f}"
            for name, x in scores["attributes"].items()
        ]
    values = scores.get("values", {})
    if values:
        lines += ["", f"{'value':<24}{'mean absolute error':>28}"]
    lines += [
        f"{name:<24}{x['mean_absolute_error']:>28.4g}"
        for name, x in values.items()
    ]
    return "\n".join(lines)


def landmark_parts(scores: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return {task: scores} of the landmarks tasks.

    Example:

    >>> landmark_parts({"n": 2, "points": {"mean_error_box": 2.0}})
    {'points': {'mean_error_box': 2.0}}
    """
    return {
        name: part
        for name, part in scores.items()
        if isinstance(part, Mapping) and "mean_error_box" in part
    }


def in_words(scores: Mapping[str, Any]) -> str:
    """Return the scores of one set of faces as a sentence.

    Example:

    >>> in_words({"n": 2, "attributes": {"smile": {"accuracy": 50.0}}})
    'On 2 unseen faces: smile has an accuracy of 50.0 %.'
    >>> in_words({"n": 1, "values": {"age": {"mean_absolute_error": 2.5}}})
    'On 1 unseen face: age has a mean absolute error of 2.5.'
    """
    parts = [
        f"{name} has an NME-box of {x['mean_error_box']:.2f} % (mean error "
        f"relative to the box width) and an FR@5 %-box of "
        f"{x['failure_rate_box_5']:.1f} % (points with a larger error)"
        for name, x in landmark_parts(scores).items()
    ]
    attributes = scores.get("attributes", {})
    if attributes:
        rates = [f"{k} {x['accuracy']:.1f} %" for k, x in attributes.items()]
        first, *rest = rates
        name, rate = first.split(" ", 1)
        parts.append(", ".join([f"{name} has an accuracy of {rate}", *rest]))
    parts += [
        f"{name} has a mean absolute error of {x['mean_absolute_error']:.4g}"
        for name, x in scores.get("values", {}).items()
    ]
    faces = f"{scores['n']} unseen {plural(scores['n'], 'face')}"
    if not parts:
        return f"None of {faces} has a label of a learned task."
    return f"On {faces}: {'; '.join(parts)}."


def draw_predictions(
    faces: Faces,
    predictions: Mapping[str, np.ndarray],
    file: str | Path,
    rows: int = 4,
    columns: int = 6,
) -> None:
    """Draw faces with true points (rings) and predicted points (dots).

    A point without a label has no ring. The predicted classes are written
    below each face; a wrong class is followed by the true class in brackets.

    Args:
        faces: N faces.
        predictions: predictions for the faces, with points in photo pixels.
        file: the PNG to write.
        rows, columns: size of the grid; further faces are not drawn.
    """
    from matplotlib.figure import Figure

    shown = np.random.default_rng(0).permutation(len(faces))[: rows * columns]
    task = landmarks_task(faces.tasks)
    margin = LEAST_MARGIN
    if task is not None:
        labels = faces.labels[task.name]
        margin = margin_round(labels, faces.boxes, LEAST_MARGIN)
    figure = Figure(figsize=(2 * columns, 2.55 * rows))
    # A layout that measures all texts draws the picture twice.
    room = {"left": 0.005, "right": 0.995, "bottom": 0.005, "top": 0.96}
    grid = figure.subplots(
        rows, columns, squeeze=False, gridspec_kw={**room, "wspace": 0.05}
    ).ravel()
    for axes in grid:
        axes.axis("off")
    for axes, i in zip(grid, shown, strict=False):
        _draw_face(axes, faces, predictions, i, margin)
    with whole_file(file) as part:
        figure.savefig(part, dpi=80, format="png")


def _draw_face(
    axes: Any,
    faces: Faces,
    predictions: Mapping[str, np.ndarray],
    i: int,
    margin: float,
) -> None:
    window = square_windows(faces.boxes[i], margin=margin)
    size = 160
    photo = faces.images.read(faces.names[i])
    axes.imshow(crop(photo, window[0], size, "rgb"))
    # A point beyond the crop must not widen the picture.
    axes.autoscale(False)
    task = landmarks_task(faces.tasks)
    if task and task.name in predictions:
        large = task.size <= MOST
        for points, style in (
            (faces.labels[task.name][i], {"mfc": "none", "mec": "white"}),
            (predictions[task.name][i], {"mfc": "#00d0ff", "mec": "black"}),
        ):
            known = points[task.labelled_parts(points[None])[0]]
            # Pixel u of the crop lies at (u + 1/2) / size of the window.
            x, y = to_window(known[None], window)[0].T * size - 0.5
            ms, mew = (5, 0.8) if large else (2.5, 0.4)
            axes.plot(x, y, "o", ms=ms, mew=mew, ls="none", **style)
    # A dollar sign in a name must not start a formula.
    axes.set_title(
        _caption(faces, predictions, i), fontsize=7, parse_math=False
    )


def _caption(
    faces: Faces, predictions: Mapping[str, np.ndarray], i: int
) -> str:
    words = []
    for task in faces.tasks:
        if task.kind == "classes" and task.name in predictions:
            k = int(predictions[task.name][i].argmax())
            true = int(faces.labels[task.name][i])
            note = "" if true in (k, -1) else f" ({task.names[true]})"
            words.append(f"{task.name}: {task.names[k]}{note}")
    half = (len(words) + 1) // 2
    return "\n".join(
        filter(None, [", ".join(words[:half]), ", ".join(words[half:])])
    )
