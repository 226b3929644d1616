"""Standardization of values such as ages, years or degrees.

A network learns numbers of about -1 to 1. Its last layer converts them to the
user's unit.
"""

from collections.abc import Iterable, Mapping

import numpy as np

from facemtl.tasks import Task

# Ratio of standard deviation to median absolute deviation of normal labels.
NORMAL = 1.4826

Scales = dict[str, tuple[float, float]]


def value_scales(
    tasks: Iterable[Task], labels: Mapping[str, np.ndarray]
) -> Scales:
    """Return the shift and scale of each value task's labels.

    Args:
        tasks: tasks of a run; landmarks and classes are ignored.
        labels: {task: (N,) numbers} of the training faces, NaN if missing.

    Returns:
        {value task: (shift, scale)}, see `value_scale`.

    Example:

    >>> age = Task("age", "value")
    >>> value_scales([age], {"age": np.array([10.0, 20.0, 30.0, np.nan])})
    {'age': (20.0, 14.826)}
    """
    return {
        task.name: value_scale(task, labels[task.name])
        for task in tasks
        if task.kind == "value"
    }


def value_scale(task: Task, labels: np.ndarray) -> tuple[float, float]:
    """Return the median of labels and their spread, robust to outliers.

    A value that a mirror image negates has the shift 0: its labels and their
    negatives have the median 0.

    Args:
        task: a task of kind `"value"`.
        labels: (N,) numbers, NaN if missing.

    Returns:
        The shift, and 1.4826 times the median absolute deviation from it. If
        that is 0, because most labels are equal, the standard deviation; if
        that is 0 too, 1.

    Example:

    >>> value_scale(Task("age", "value"), np.array([1.0, 2.0, 3.0, 1975.0]))
    (2.5, 1.4826)
    >>> value_scale(Task("yaw", "value", mirror=(-1,)), np.array([30.0, 10.0]))
    (0.0, 29.652)
    """
    known = labels[np.isfinite(labels)].astype(np.float64)
    if not len(known):
        return 0.0, 1.0
    shift = 0.0 if task.mirror == (-1,) else float(np.median(known))
    off = known - shift
    # A scale below float32 precision at the shift cannot be predicted.
    least = float(np.finfo(np.float32).eps) * abs(shift)
    spreads = (NORMAL * np.median(np.abs(off)), np.sqrt(np.mean(off**2)))
    found = [float(spread) for spread in spreads if float(spread) > least]
    return shift, float(f"{found[0]:.9g}") if found else 1.0
