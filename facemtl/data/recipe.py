"""A recipe fitted to the faces that it is used on.

A preset holds λ of MTFL's tasks and a margin for MTFL's points. Data with
other tasks or points take what of it applies, and a line says what was changed.
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

# Of 1,675 faces with 68 points, 84 % of the points lie inside windows without
# a margin. `base`, 8 epochs, NME-box on 163 others by margin: 0: 5.48, 0.1:
# 5.09, 0.15: 4.83, 0.2: 4.84, 0.3: 5.09 %. A margin for 99 % of them is 0.2,
# one for 99.9 % is 0.35.
REACHED = 0.99
STEP = 0.05  # Margins are whole multiples of it.


def fit_recipe(
    settings: Settings, faces: Faces, tasks: Sequence[Task]
) -> tuple[Settings, list[str]]:
    """The settings for these faces, and a line about each change.

    Args:
        settings: those of the run.
        faces: the training faces.
        tasks: those of the run.

    Returns:
        The settings without λ of tasks that the run lacks, with a margin
        in numbers, and without mirror images where a task's mirror rule does
        not fit its names or labels; and lines such as `"weighting.lambdas: pose
        is not among the tasks of this run; left out."`.
    """
    weighting = settings.weighting
    lambdas, line = without_absent(
        "weighting.lambdas", weighting.lambdas, tasks, faces.tasks
    )
    margin, about_margin = _fit_margin(settings, faces, tasks)
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
    """A table by task without those known ones that a run does not have.

    Args:
        key: the setting's name.
        values: {task: value}.
        tasks: those of the run.
        further: of the data; MTFL's are known, too. Names that nobody knows
            stay: they are typing errors, and whoever uses the table says so.

    Returns:
        The table, and a line about what was left out, empty if nothing was.

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
    settings: Settings, faces: Faces, tasks: Sequence[Task]
) -> tuple[float, str]:
    """The margin to crop with, and a line where points are out of reach.

    A dense layer may put a point anywhere; a heat map's mean never leaves the
    window.
    """
    given = settings.data.margin
    own = 0.0 if given == "auto" else float(given)
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
            f"crop, and without a margin {share} lie there."
        )
    return own, (
        f"data.margin: with {own}, {share} lie beyond the crop, where heat "
        f"maps do not reach; with {needed}, at most 1 % "
        f"(--set data.margin={needed})."
    )


def _never_labelled(mirrored: bool, faces: Faces, tasks: Sequence[Task]) -> str:
    """A line about the points that no training face teaches; "" without."""
    points = landmarks_task(tasks)
    if points is None:
        return ""
    labels = faces.labels[points.name]
    known = points.labelled_parts(labels).sum(axis=0) > 0
    if mirrored:
        known = known | known[list(points.mirror)]  # as in mirror images
    missing = [
        x
        for x, is_known in zip(points.names, known, strict=True)
        if not is_known
    ]
    if not missing:
        return ""
    return (
        f"{points.name}: no training face has a label of {', '.join(missing)}; "
        "what is predicted there means nothing."
    )


def _beyond_box(faces: Faces, points: Task) -> np.ndarray:
    """How far labelled points lie beyond their squared boxes, in box sides."""
    labels = faces.labels[points.name]
    units = to_window(labels, square_windows(faces.boxes))
    known = units[points.labelled_parts(labels)]
    return np.maximum(np.abs(known - 0.5).max(axis=1) - 0.5, 0.0)
