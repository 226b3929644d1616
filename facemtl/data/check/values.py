"""Check for outliers among values, and for nearly constant values."""

import numpy as np

from facemtl.data.check.seen import Finding, Seen
from facemtl.tasks import Task
from facemtl.words import plural

FAR = 10  # Robust standard deviations.
SAME, FEWEST = 0.99, 5
NORMAL = 1.4826  # Ratio of standard deviation to median absolute deviation.


def value_findings(seen: Seen) -> list[Finding]:
    """Report outliers, and values that are nearly constant."""
    findings = []
    for task in seen.faces.tasks:
        values = seen.faces.labels[task.name]
        if task.kind == "value" and np.isfinite(values).any():
            findings += _outliers(seen, task, values)
            findings += _nearly_constant(seen, task, values)
    return findings


def _outliers(seen: Seen, task: Task, values: np.ndarray) -> list[Finding]:
    known = values[np.isfinite(values)]
    middle = np.median(known)
    spread = NORMAL * np.median(np.abs(known - middle))
    # No outliers if the median deviation is 0; NaN compares as False.
    far = np.abs(values - middle) > FAR * spread
    if spread == 0 or not far.any():
        return []
    low, high = np.percentile(known, [5, 95])
    first = values[np.flatnonzero(far)[0]]
    text = (
        f"{task.name}: far from the others in {seen.of(far, len(known))}: "
        f"{first:g}, where most lie between {low:g} and {high:g}. Correct it, "
        "or leave the cell empty."
    )
    return [Finding(text, np.flatnonzero(far))]


def _nearly_constant(
    seen: Seen, task: Task, values: np.ndarray
) -> list[Finding]:
    own = values[np.isfinite(values) & (seen.splits == "train")]
    found, counts = np.unique(own, return_counts=True)
    if len(own) < FEWEST or len(own) - counts.max() > (1 - SAME) * len(own):
        return []
    n = len(own)
    return [
        Finding(
            f"{task.name} is nearly constant: {found[counts.argmax()]:g} in "
            f"{counts.max():,} of {n:,} training {plural(n, 'face')}. There "
            "is nothing to learn: leave the task out."
        )
    ]
