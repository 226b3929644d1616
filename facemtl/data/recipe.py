"""Fit the settings of a preset to the faces and tasks of a run.

A preset contains λ of MTFL's tasks and a margin for MTFL's points. For other
tasks or points, the settings that do not apply are changed and reported.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from facemtl.data.faces import Faces
from facemtl.data.mirror_rule import fit_mirror
from facemtl.geometry.crops import square_windows, to_window
from facemtl.settings import Settings
from facemtl.tasks import MTFL_TASKS, Task, landmarks_task

# 84 % of the points of 1,675 faces with 68 points lie inside windows without a
# margin. A margin of 0.2 includes 99 % of them, 0.35 includes 99.9 %. NME-box
# of `base` after 8 epochs on 163 other faces, by margin: 0: 5.48, 0.1: 5.09,
# 0.15: 4.83, 0.2: 4.84, 0.3: 5.09 %.
REACHED = 0.99
STEP = 0.05  # Margins are multiples of it.


def fit_recipe(
    settings: Settings,
    faces: Faces,
    tasks: Sequence[Task],
    margin: float = 0.0,
) -> tuple[Settings, list[str]]:
    """Fit settings to the training faces, and describe each change in a line.

    Args:
        settings: the settings of the run.
        faces: the training faces.
        tasks: the tasks of the run.
        margin: the least margin for `data.margin = "auto"`.

    Returns:
        The settings, and a list of lines such as `"weighting.lambdas: pose is
        not among the tasks of this run; left out."`. λ of other tasks are
        removed, the margin is a number, and mirror images are off if a task's
        mirror rule does not fit its names or labels.
    """
    weighting = settings.weighting
    lambdas, line = without_absent(
        "weighting.lambdas", weighting.lambdas, tasks, faces.tasks
    )
    margin, about_margin = _fit_margin(settings, faces, tasks, margin)
    mirror, about_mirror = fit_mirror(settings.augment, faces, tasks)
    about_points = _never_labelled(mirror, faces, tasks)
    fitted = replace(
        settings,
        augment=replace(settings.augment, mirror=mirror),
        weighting=replace(weighting, lambdas=lambdas),
        data=replace(settings.data, margin=margin),
    )
    lines = [one for one in (line, about_margin, about_points) if one]
    return fitted, lines + about_mirror


def without_absent(
    key: str,
    values: Mapping[str, Any],
    tasks: Iterable[Task],
    further: Iterable[Task] = (),
) -> tuple[dict[str, Any], str]:
    """Remove the tasks that a run does not have from a table.

    Args:
        key: the setting's name.
        values: {task: value}.
        tasks: the tasks of the run.
        further: other known tasks of the data; MTFL's are always known.
            Unknown names stay in the table, so that its user can report them
            as typing errors.

    Returns:
        The table, and a line about the removed tasks; "" if there are none.

    Example:

    >>> from facemtl.tasks import SMILE
    >>> without_absent("data.repeat", {"smile": 2, "pose": 3}, [SMILE])[0]
    {'smile': 2}
    """
    known = {task.name for task in (*MTFL_TASKS, *further)}
    absent = known - {task.name for task in tasks}
    out = [name for name in values if name in absent]
    verb = "is" if len(out) == 1 else "are"
    line = (
        f"{key}: {', '.join(out)} {verb} not among the tasks of this run; "
        "left out."
    )
    kept = {k: v for k, v in values.items() if k not in absent}
    return kept, line if out else ""


def _fit_margin(
    settings: Settings, faces: Faces, tasks: Sequence[Task], least: float
) -> tuple[float, str]:
    """Return the margin, and a line if points lie outside the crop.

    Only heat maps need the margin: their mean never leaves the window. A dense
    layer can predict points anywhere.
    """
    given = settings.data.margin
    own = least if given == "auto" else float(given)
    points = landmarks_task(tasks)
    if points is None or settings.model.landmarks != "heatmap":
        return own, ""
    beyond = _beyond_box(faces, points)
    outside = float((beyond > own).mean())
    if outside <= 1 - REACHED:
        return own, ""
    needed = float(np.ceil(np.quantile(beyond, REACHED) / STEP) * STEP)
    needed = round(needed, 2)
    share = f"{100 * outside:.1f} % of the training points"
    if given == "auto":
        return needed, (
            f"data.margin: {needed}, since heat maps do not reach beyond the "
            f"crop, and {_with(own)} {share} lie there."
        )
    return own, (
        f"data.margin: with {own}, {share} lie beyond the crop, where heat "
        f"maps do not reach; with {needed}, at most 1 % "
        f"(--set data.margin={needed})."
    )


def _with(margin: float) -> str:
    return f"with {margin}" if margin else "without a margin"


def _never_labelled(mirrored: bool, faces: Faces, tasks: Sequence[Task]) -> str:
    """Return a line about points without any training label, or ""."""
    points = landmarks_task(tasks)
    if points is None:
        return ""
    labels = faces.labels[points.name]
    known = points.labelled_parts(labels).sum(axis=0) > 0
    if mirrored:
        known = known | known[list(points.mirror)]  # labelled by mirroring
    missing = [
        x
        for x, is_known in zip(points.names, known, strict=True)
        if not is_known
    ]
    if not missing:
        return ""
    return (
        f"{points.name}: no training face has a label of {', '.join(missing)}; "
        "predictions of these points are meaningless."
    )


def _beyond_box(faces: Faces, points: Task) -> np.ndarray:
    """Return how far labelled points lie outside their boxes, in box sides."""
    labels = faces.labels[points.name]
    units = to_window(labels, square_windows(faces.boxes))
    known = units[points.labelled_parts(labels)]
    return np.maximum(np.abs(known - 0.5).max(axis=1) - 0.5, 0.0)
