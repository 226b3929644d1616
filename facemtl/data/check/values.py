"""Values that lie far from the others, hardly vary, or lack a mirror rule."""

import re

import numpy as np

from facemtl.data.check.seen import Finding, Seen
from facemtl.tasks import Task
from facemtl.words import plural

FAR = 10  # robust standard deviations
SAME, FEWEST = 0.99, 5
BOTH_SIGNS = 0.1
TURNING = re.compile(r"(?i)(yaw|roll|turn|tilt|azimuth)")
NORMAL = 1.4826  # a standard deviation over a median absolute deviation


def value_findings(seen: Seen) -> list[Finding]:
    """Outliers, values that hardly vary, and missing mirror rules."""
    findings = []
    for task in seen.faces.tasks:
        values = seen.faces.labels[task.name]
        if task.kind == "value" and np.isfinite(values).any():
            findings += _outliers(seen, task, values)
            findings += _nearly_constant(seen, task, values)
            findings += _mirror(task, values)
    return findings


def _outliers(seen: Seen, task: Task, values: np.ndarray) -> list[Finding]:
    known = values[np.isfinite(values)]
    middle = np.median(known)
    spread = NORMAL * np.median(np.abs(known - middle))
    # A median deviation of 0 is no measure; a missing value is never far.
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


def _mirror(task: Task, values: np.ndarray) -> list[Finding]:
    """Angles to either side that a mirrored photo does not negate."""
    known = values[np.isfinite(values)]
    either = min((known > 0).mean(), (known < 0).mean()) >= BOTH_SIGNS
    if task.mirror != (1,) or not TURNING.search(task.name) or not either:
        return []
    return [
        Finding(
            f"{task.name} has both signs and keeps its value in a mirrored "
            "photo. If the sign says to which side, declare mirror = "
            '"negate" in its task.'
        )
    ]
