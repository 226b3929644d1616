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
# Of the picture, in pixels: a crop's side, room above and beside it.
SIZE, CAPTION, GAP = 152, 52, 8
DPI = 80


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
    height, width = rows * (CAPTION + SIZE), columns * (GAP + SIZE)
    # One picture of all crops is drawn in a third of the time of as many axes.
    figure = Figure(figsize=(width / DPI, height / DPI), dpi=DPI)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.axis("off")
    windows = _windows(faces, shown)
    canvas = np.full((height, width, 3), 255, np.uint8)
    for place, (i, window) in enumerate(zip(shown, windows, strict=True)):
        left = place % columns * (GAP + SIZE) + GAP // 2
        top = place // columns * (CAPTION + SIZE) + CAPTION
        photo = faces.images.read(faces.names[i])
        pixels = crop(photo, window, SIZE, "rgb")
        canvas[top : top + SIZE, left : left + SIZE] = pixels
        _draw_points(axes, faces, predictions, i, window, (left, top))
        axes.text(
            left + SIZE / 2,
            top - 4,
            _caption(faces, predictions, i),
            {"fontsize": 7, "ha": "center", "va": "bottom"},
            # A dollar sign in a name must not start a formula.
            parse_math=False,
        )
    axes.imshow(canvas)
    with whole_file(file) as part:
        figure.savefig(part, format="png")


def _windows(faces: Faces, shown: np.ndarray) -> np.ndarray:
    """Return the windows (N, 3) of the crops that are shown."""
    task = landmarks_task(faces.tasks)
    margin = LEAST_MARGIN
    if task is not None:
        labels = faces.labels[task.name]
        margin = margin_round(labels, faces.boxes, LEAST_MARGIN)
    return square_windows(faces.boxes[shown], margin=margin)


def _draw_points(
    axes: Any,
    faces: Faces,
    predictions: Mapping[str, np.ndarray],
    i: int,
    window: np.ndarray,
    corner: tuple[int, int],
) -> None:
    """Draw the true and predicted points of a face that lie in its crop."""
    task = landmarks_task(faces.tasks)
    if task is None or task.name not in predictions:
        return
    ms, mew = (5, 0.8) if task.size <= MOST else (2.5, 0.4)
    for points, style in (
        (faces.labels[task.name][i], {"mfc": "none", "mec": "white"}),
        (predictions[task.name][i], {"mfc": "#00d0ff", "mec": "black"}),
    ):
        known = points[task.labelled_parts(points[None])[0]]
        inside = to_window(known[None], window[None])[0]
        inside = inside[((inside >= 0) & (inside <= 1)).all(axis=1)]
        # Pixel u of the crop lies at (u + 1/2) / size of the window.
        x, y = (inside * SIZE - 0.5 + corner).T
        axes.plot(x, y, "o", ms=ms, mew=mew, ls="none", **style)


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
