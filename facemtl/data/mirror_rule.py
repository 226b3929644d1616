"""Whether mirror rules fit the names and the labels of the training faces.

A network that is shown mirrored photos with left eyes for right ones learns
neither: with a rule that does not fit, a run is better without mirror images.
"""

import json
from collections.abc import Sequence

import numpy as np

from facemtl.data.faces import Faces
from facemtl.data.side_words import BREAKS, counterparts, part_of, plain_sides
from facemtl.geometry.crops import square_windows, to_window
from facemtl.settings import AugmentSettings
from facemtl.tasks import Task

# Fewer labels say too little of where points lie.
LEAST_FACES = 20
# A mirrored point lies elsewhere than its rule says: by so many sides of the
# box, and so many times farther from there than from another point.
APART, TIMES = 0.1, 3.0
# Faces that look to one side say nothing of a rule: their mean shape is more
# asymmetric, in sides of the box, or more of its points have no counterpart.
ASYMMETRY, UNPAIRED = 0.05, 0.1
# Values whose sign a mirror image changes, where it has both.
TURNS = {
    *("yaw", "roll", "turn", "rotation", "azimuth", "azimut", "heading"),
    *("pan", "lacet", "roulis", "giro", "drehung", "gierwinkel"),
}
SHOWN = 3  # pairs that a line names; the rule that it shows has all


def fit_mirror(
    augment: AugmentSettings, faces: Faces, tasks: Sequence[Task]
) -> tuple[bool, list[str]]:
    """`augment.mirror` for these faces, and a line where it is switched off.

    Args:
        augment: the settings of `[augment]`.
        faces: the training faces.
        tasks: those of the run.
    """
    if not augment.mirror:
        return False, []
    faults = mirror_faults(faces, tasks)
    lines = [f"augment.mirror: off for this run. {fault}" for fault in faults]
    return not faults, lines


def mirror_faults(faces: Faces, tasks: Sequence[Task]) -> list[str]:
    """A sentence about each task whose mirror rule does not fit.

    Args:
        faces: the training faces.
        tasks: those of a run.

    Example:

    >>> from facemtl.data.synthetic.faces import synthetic_faces
    >>> faces = synthetic_faces(30)
    >>> mirror_faults(faces, faces.tasks)
    []
    """
    faults = [_fault(task, faces) for task in tasks]
    return [fault for fault in faults if fault]


def _fault(task: Task, faces: Faces) -> str:
    if task.kind == "value":
        return _value_fault(task, faces.labels[task.name])
    fault = _names_fault(task)
    numbered = any(map(str.isdigit, "".join(task.names)))
    if task.kind == "classes" or (fault and not numbered):
        return fault
    # Numbers may run the other way on the other side, as along iBUG's brows:
    # where points lie tells better what they swap with.
    return _points_fault(task, faces) or fault


def _names_fault(task: Task) -> str:
    """Where a rule contradicts what the names say of left and right."""
    points = task.kind == "landmarks"
    other = counterparts(task.names, letters=points)
    pairs = [
        (i, j)
        for i, j in enumerate(other)
        if j >= 0
        and part_of(task.names[task.mirror[i]]) != part_of(task.names[j])
    ]
    if pairs:
        rule = list(task.mirror)
        for i, j in enumerate(other):
            if j >= 0:
                # What was paired with one of them is left alone.
                rule = [k if x in (i, j) else x for k, x in enumerate(rule)]
                rule[i], rule[j] = j, i
        return _swap_fault(task, pairs, rule)
    if not points:  # A class "right" may mean correct.
        return ""
    for i, j in enumerate(task.mirror):
        one, two = (plain_sides(task.names[k]) for k in (i, j))
        if one and one == two:
            return _side_fault(task, i, j)
    return ""


def _side_fault(task: Task, i: int, j: int) -> str:
    one, two = task.names[i], task.names[j]
    what = f"{one} and {two}, of one side" if i != j else f"{one} in its place"
    verb = "swaps" if i != j else "leaves"
    return (
        f"Task '{task.name}': its mirror rule {verb} {what}; in a mirrored "
        "photo it changes sides. Correct its mirror rule, or label the point "
        "of the other side, too."
    )


def _swap_fault(
    task: Task, pairs: Sequence[tuple[int, int]], rule: Sequence[int]
) -> str:
    """What to say of pairs that a rule ought to swap."""
    distinct = list(dict.fromkeys(tuple(sorted(pair)) for pair in pairs))
    shown = [
        f"{task.names[i]} and {task.names[j]}" if i != j else task.names[i]
        for i, j in distinct[:SHOWN]
    ]
    more = len(distinct) - len(shown)
    said = ", ".join(shown) + (f" and {more} more" if more else "")
    written = [
        [task.names[i], task.names[j]] for i, j in enumerate(rule) if i < j
    ]
    right = json.dumps(written, ensure_ascii=False)
    return (
        f"Task '{task.name}': its mirror rule does not fit {said}, by what "
        "they are in a mirrored photo. To train with mirror images, write in "
        f"its [[task]]: mirror = {right}"
    )


def _points_fault(task: Task, faces: Faces) -> str:
    """Where a rule contradicts the mean places of the points."""
    labels = faces.labels[task.name]
    known = np.isfinite(labels).all(axis=2)
    enough = np.flatnonzero(known.sum(axis=0) >= LEAST_FACES)
    if len(enough) < 2:
        return ""
    apart, rule = _distances(task, faces, enough)
    found = rule[enough]
    own = apart[enough, np.array(task.mirror)[enough]]
    new = apart[enough, found]
    one_sided = np.median(new) > ASYMMETRY or (new > APART).mean() > UNPAIRED
    if one_sided or not np.isfinite(own).all():
        return ""
    wrong = np.zeros(task.size, bool)
    wrong[enough] = (own > APART) & (own > TIMES * new)
    pairs = [
        (int(i), int(rule[i])) for i in np.flatnonzero(wrong & wrong[rule])
    ]
    return _swap_fault(task, pairs, rule.tolist()) if pairs else ""


def _distances(
    task: Task, faces: Faces, enough: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """How far mirrored mean points lie from each other, and what they swap.

    Returns:
        (P, P) in sides of the box, from the mirrored point of the row; and
        (P,) each point's nearest where the two agree, else the point itself.
    """
    windows = square_windows(faces.boxes)
    placed = to_window(faces.labels[task.name], windows)[:, enough]
    mean = np.full((task.size, 2), np.nan)
    # Each point over the faces that have it.
    mean[enough] = np.nanmean(placed, axis=0)
    # A rule only renames points, which leaves their centre where it is.
    mean -= np.nanmean(mean, axis=0)
    mirrored = mean * [-1.0, 1.0]
    apart = np.linalg.norm(mirrored[:, None] - mean[None], axis=2)
    near = np.arange(task.size)
    near[enough] = enough[apart[np.ix_(enough, enough)].argmin(axis=1)]
    agree = near[near] == np.arange(task.size)
    return apart, np.where(agree, near, np.arange(task.size))


def _value_fault(task: Task, labels: np.ndarray) -> str:
    """Turns to both sides whose sign a mirror image does not change."""
    words = {word.casefold() for word in BREAKS.split(task.name)}
    known = labels[np.isfinite(labels) & (labels != 0)]
    if task.mirror == (-1,) or len(known) < LEAST_FACES or not words & TURNS:
        return ""
    if not 0.2 <= float((known < 0).mean()) <= 0.8:
        return ""
    return (
        f"Task '{task.name}': its labels have both signs, as turns to the left "
        "and right have, but its mirror rule keeps them. To train with mirror "
        'images, write in its [[task]]: mirror = "negate"'
    )
