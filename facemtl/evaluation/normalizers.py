"""The lengths that normalize errors of points, and the names of such scores."""

import numpy as np

from facemtl.tasks import Normalizer, Task

EYES = ("left eye", "right eye")
INTEROCULAR = "interocular"
ERROR, FAILED, PERCENT = "mean_error_", "failure_rate_", "_10"
# Titles of tables; other normalizers have their own name.
SHORT = {INTEROCULAR: "io"}


def eye_indices(task: Task) -> tuple[int, int] | None:
    """Return the indices of the two eyes of a task, or None without eyes."""
    if not set(EYES) <= set(task.names):
        return None
    return task.names.index(EYES[0]), task.names.index(EYES[1])


def normalizer_of(task: Task) -> Normalizer | None:
    """Return a task's normalizer: its own, or else that of eyes by name.

    Example:

    >>> from facemtl.tasks import LANDMARKS, SMILE, load_layout
    >>> normalizer_of(LANDMARKS).name, normalizer_of(SMILE)
    ('interocular', None)
    >>> normalizer_of(load_layout("points68")).name
    'eye_corners'
    """
    if task.normalizer is None and eye_indices(task) is not None:
        return Normalizer(INTEROCULAR, ((EYES[0],), (EYES[1],)))
    return task.normalizer


def normalizer_lengths(points: np.ndarray, task: Task) -> np.ndarray | None:
    """Return the lengths (N, 1) that normalize the errors of N faces.

    Args:
        points: (N, P, 2) true points.
        task: the landmarks task.

    Returns:
        The distances between the ends of the task's normalizer. They are NaN
        if a point of an end is missing or both ends coincide. The result is
        None if the task has no normalizer.
    """
    normalizer = normalizer_of(task)
    if normalizer is None:
        return None
    left, right = (
        points[:, end].mean(axis=1) for end in normalizer.indices(task.names)
    )
    apart = np.linalg.norm(left - right, axis=-1)[:, None]
    return np.where(apart > 0, apart, np.nan)


def error_key(normalizer: str) -> str:
    """Return the name of a normalized mean error.

    Example:

    >>> error_key("eye_corners")
    'mean_error_eye_corners'
    """
    return f"{ERROR}{normalizer}"


def failure_key(normalizer: str) -> str:
    """Return the name of the share of faces with an error above 10 %.

    Example:

    >>> failure_key("eye_corners")
    'failure_rate_eye_corners_10'
    """
    return f"{FAILED}{normalizer}{PERCENT}"


def free_key(normalizer: str) -> str:
    """Return the name of an error after subtraction of one constant shift.

    Example:

    >>> free_key("eye_corners")
    'mean_error_eye_corners_shift_free'
    """
    return f"{error_key(normalizer)}_shift_free"


def title_of(key: str) -> str:
    """Return the title of a score from `error_key` or `failure_key`.

    Example:

    >>> title_of("mean_error_interocular"), title_of(failure_key("eye_corners"))
    ('NME-io, %', 'FR@10 %-eye corners')
    """
    error = key.startswith(ERROR)
    name = key.removeprefix(ERROR).removeprefix(FAILED)
    name = name if error else name.removesuffix(PERCENT)
    name = SHORT.get(name, name.replace("_", " "))
    return f"NME-{name}, %" if error else f"FR@10 %-{name}"
