"""Check class labels: nearly constant, missing, or uneven between splits."""

import numpy as np

from facemtl.data.check.seen import SPLITS, Finding, Seen
from facemtl.tasks import Task
from facemtl.words import plural

RARE_SHARE, RARE_FACES = 0.01, 5
CONSTANT = 0.05  # Largest share of other classes that is called constant.
LEAST_FACES = 5
ENOUGH = 10  # Faces per class above which all classes are expected.
CHANCE = 0.02  # Least probability of an absence that is called chance.
# Shares of a class differ between splits if the difference exceeds this share
# and this many standard errors.
DIFFERENCE, ERRORS = 0.15, 5
SHOWN = 5  # Classes in a line.


def class_findings(seen: Seen) -> list[Finding]:
    """Return `label_findings`, and class shares that differ between splits."""
    return [*label_findings(seen), *_uneven(seen)]


def label_findings(seen: Seen) -> list[Finding]:
    """Report unlabelled or nearly constant tasks, and missing classes."""
    return [
        *_unlabelled(seen),
        *_nearly_constant(seen),
        *_absent(seen),
        *_unused(seen),
    ]


def class_counts(seen: Seen, task: Task) -> dict[str, np.ndarray]:
    """Return {split: (K,) faces of each class}, for splits that exist."""
    labels = seen.faces.labels[task.name]
    counts = {}
    for split in SPLITS:
        own = labels[(seen.splits == split)]
        if len(own):
            counts[split] = np.bincount(own[own >= 0], minlength=task.size)
    return counts


def _class_tasks(seen: Seen) -> list[Task]:
    return [task for task in seen.faces.tasks if task.kind == "classes"]


def _unlabelled(seen: Seen) -> list[Finding]:
    """Report tasks without a training label."""
    train = seen.splits == "train"
    without = []
    for task in seen.faces.tasks:
        labels = seen.faces.labels[task.name][train]
        if task.kind == "landmarks":
            labels = labels.reshape(len(labels), -1)
        missing = labels < 0 if task.kind == "classes" else np.isnan(labels)
        if missing.all():
            without.append(task.name)
    if not without:
        return []
    return [
        Finding(
            f"No training face has a label of {', '.join(without)}: "
            f"{'it is' if len(without) == 1 else 'they are'} not learned. "
            "Is the column missing or empty, or does it have another name?"
        )
    ]


def _nearly_constant(seen: Seen) -> list[Finding]:
    """Report tasks with nearly all training faces in one class."""
    findings = []
    for task in _class_tasks(seen):
        counts = class_counts(seen, task).get("train", np.zeros(task.size, int))
        n = int(counts.sum())
        others = n - int(counts.max())
        if n < LEAST_FACES or others > max(RARE_SHARE * n, RARE_FACES - 1):
            continue
        most = int(counts.argmax())
        labels = seen.faces.labels[task.name]
        rare = (labels >= 0) & (labels != most) & (seen.splits == "train")
        varies = "varies little"
        if others <= CONSTANT * n:
            varies = "is nearly constant"
        text = (
            f"{task.name} {varies}: '{task.names[most]}' in {n - others:,} of "
            f"{n:,} training {plural(n, 'face')}. The others are too few to "
            "learn from: add faces of other classes, or leave the task out."
        )
        findings.append(Finding(text, np.flatnonzero(rare)))
    return findings


def _absent(seen: Seen) -> list[Finding]:
    """Report classes that are in training but not in a split, or vice versa.

    Classes that are so rare in training that they may be absent by chance are
    not reported.
    """
    lines: dict[str, list[str]] = {}
    for task in _class_tasks(seen):
        counts = class_counts(seen, task)
        train = counts.pop("train", np.zeros(task.size, int))
        if not train.any():
            continue
        for split, own in counts.items():
            chance = (1 - train / train.sum()) ** own.sum()
            clear = (own == 0) & (train > 0) & (chance < CHANCE)
            for k in np.flatnonzero(clear):
                lines.setdefault(split, []).append(
                    f"{task.name} '{task.names[k]}' ({train[k]:,} in train)"
                )
            for k in np.flatnonzero((train == 0) & (own > 0)):
                lines.setdefault("train", []).append(
                    f"{task.name} '{task.names[k]}' ({own[k]:,} in {split})"
                )
    return [
        Finding(
            f"No face in {split} of {_some(found)}: it cannot be "
            f"{'learned' if split == 'train' else 'scored'}. Move some faces "
            "by the column split."
        )
        for split, found in lines.items()
    ]


def _unused(seen: Seen) -> list[Finding]:
    """Report declared classes without any face."""
    unused = []
    for task in _class_tasks(seen):
        total = np.sum(list(class_counts(seen, task).values()), axis=0)
        if np.sum(total) >= ENOUGH * task.size:
            unused += [
                f"{task.name} '{task.names[k]}'"
                for k in np.flatnonzero(total == 0)
            ]
    if not unused:
        return []
    return [
        Finding(
            f"No face at all has {_some(unused)}: remove such a class from "
            "its task's names, or check how the column spells it."
        )
    ]


def _uneven(seen: Seen) -> list[Finding]:
    """Report class shares that differ much between training and a split."""
    findings = []
    for task in _class_tasks(seen):
        counts = class_counts(seen, task)
        train = counts.pop("train", np.zeros(task.size, int))
        for split, own in counts.items():
            n, m = int(train.sum()), int(own.sum())
            if not n or not m:
                continue
            p, q = train / n, own / m
            both = (train + own) / (n + m)
            error = np.sqrt(both * (1 - both) * (1 / n + 1 / m))
            difference = np.abs(p - q)
            clear = (difference >= DIFFERENCE) & (difference > ERRORS * error)
            if not clear.any():
                continue
            k = int(np.where(clear, difference, 0).argmax())
            findings.append(
                Finding(
                    f"{task.name}: '{task.names[k]}' in {100 * p[k]:.0f} % of "
                    f"the faces in train and {100 * q[k]:.0f} % in {split}. "
                    "If they are not meant to differ, shuffle the rows before "
                    "you split them; else compare balanced accuracies."
                )
            )
    return findings


def _some(items: list[str]) -> str:
    more = len(items) - SHOWN
    return ", ".join(items[:SHOWN]) + (f" and {more} more" if more > 0 else "")
