"""Check mirror rules against the names and labels of the training faces.

If mirrored photos swap left and right eyes without their labels, a network
learns neither. With a wrong mirror rule, a run is better without mirror images.
"""

import json
from collections.abc import Sequence

import numpy as np

from facemtl.data.faces import Faces
from facemtl.data.side_words import BREAKS, counterparts, part_of, plain_sides
from facemtl.geometry.crops import square_windows, to_window
from facemtl.settings import AugmentSettings
from facemtl.tasks import Task

# Mean positions of points are too uncertain with fewer labels.
LEAST_FACES = 20
# A rule is wrong for a point if the mirror image is farther than this from the
# rule's point, in box sides, and so many times farther than from another point.
APART, TIMES = 0.1, 3.0
# Mean shapes of turned faces cannot verify a rule. Limits on the asymmetry, in
# box sides, and on the share of points without a counterpart.
ASYMMETRY, UNPAIRED = 0.05, 0.1
# Values that change sign in a mirror image, if they have both signs.
TURNS = {
    *("yaw", "roll", "turn", "rotation", "azimuth", "azimut", "heading"),
    *("pan", "lacet", "roulis", "giro", "drehung", "gierwinkel"),
}
SHOWN = 3  # Pairs that a message names; the rule that it shows is complete.


def fit_mirror(
    augment: AugmentSettings, faces: Faces, tasks: Sequence[Task]
) -> tuple[bool, list[str]]:
    """Return `augment.mirror` for these faces, and lines if it is turned off.

    Args:
        augment: the settings of `[augment]`.
        faces: the training faces.
        tasks: the tasks of the run.
    """
    if not augment.mirror:
        return False, []
    faults = mirror_faults(faces, tasks)
    lines = [f"augment.mirror: off for this run. {fault}" for fault in faults]
    return not faults, lines


def mirror_faults(faces: Faces, tasks: Sequence[Task]) -> list[str]:
    """Return a message about each task whose mirror rule does not fit.

    Args:
        faces: the training faces.
        tasks: the tasks of a run.

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
    # Numbers may run in opposite directions on the two sides, as along iBUG's
    # brows, so the positions of points are a better guide than their names.
    return _points_fault(task, faces) or fault


def _names_fault(task: Task) -> str:
    """Return a message if a rule contradicts left and right in the names."""
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
                # The former partner of i or j becomes its own counterpart.
                rule = [k if x in (i, j) else x for k, x in enumerate(rule)]
                rule[i], rule[j] = j, i
        return _swap_fault(task, pairs, rule)
    if not points:  # The class "right" may mean correct.
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
    """Return a message about pairs that a rule should swap."""
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
        f"Task '{task.name}': its mirror rule does not fit {said}, judged "
        "by their names or positions. To train with mirror images, write in "
        f"its [[task]]: mirror = {right}"
    )


def _points_fault(task: Task, faces: Faces) -> str:
    """Return a message if a rule contradicts the mean positions of points."""
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
    """Return distances between mirrored mean points, and the rule they suggest.

    Returns:
        (P, P) distances in box sides, from each row's mirrored point; and (P,)
        each point's nearest point if the two agree, else the point itself.
    """
    windows = square_windows(faces.boxes)
    placed = to_window(faces.labels[task.name], windows)[:, enough]
    mean = np.full((task.size, 2), np.nan)
    # Average each point over the faces where it is labelled.
    mean[enough] = np.nanmean(placed, axis=0)
    # A rule only renames points, so it does not move their centre.
    mean -= np.nanmean(mean, axis=0)
    mirrored = mean * [-1.0, 1.0]
    apart = np.linalg.norm(mirrored[:, None] - mean[None], axis=2)
    near = np.arange(task.size)
    near[enough] = enough[apart[np.ix_(enough, enough)].argmin(axis=1)]
    agree = near[near] == np.arange(task.size)
    return apart, np.where(agree, near, np.arange(task.size))


def _value_fault(task: Task, labels: np.ndarray) -> str:
    """Return a message about angles that a mirror image should negate."""
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
