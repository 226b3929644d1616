"""Print a summary of a conversion, and the commands to run next."""

import shlex
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from facemtl.data.convert.labels import Labels
from facemtl.words import plural

SHOWN = 8  # Names of attributes in a line.


def found_in_words(labels: Labels) -> list[str]:
    """Return lines of counts, and the notes."""
    faces = labels.faces
    n, photos = len(faces), len(set(faces.names.tolist()))
    parts = [
        _count(n, "face"),
        f"in {_count(photos, 'photo')}",
        *_points(labels),
        *_attributes(labels),
    ]
    lines = [f"Found: {parts[0]} {', '.join(parts[1:])}."]
    lines += [_boxes(labels), _splits(labels)]
    if labels.mirror_unknown:
        lines.append(
            "Mirror rule: unknown. Name the pairs of points that swap in a "
            "mirrored photo in tasks.toml, such as mirror = "
            '[["point 1", "point 2"]], or train without mirrored photos: '
            "--set augment.mirror=false."
        )
    return [*lines, *labels.notes]


def next_commands(labels: Labels, path: Path) -> list[str]:
    """Return the commands that check the CSV and train on it."""
    csv = shlex.quote(str(path))
    picture = shlex.quote(str(path.with_suffix("")) + "_check")
    lines = [f"  facemtl data check {csv} --draw {picture}"]
    settings = []
    if labels.points_task is None and not labels.has_box.all():
        settings.append("data.boxes=detect")
    if labels.mirror_unknown:
        settings.append("augment.mirror=false")
    words = "".join(f" --set {setting}" for setting in settings)
    if labels.splits is not None and "train" not in labels.splits:
        return [*lines, f"  facemtl evaluate RUN --data {csv}"]
    return [*lines, f"  facemtl fit --data {csv}{words}"]


def _count(n: int, noun: str) -> str:
    return f"{n:,} {plural(n, noun)}"


def _points(labels: Labels) -> list[str]:
    task = labels.points_task
    if task is None:
        return ["no points"]
    counts = {
        "missing": np.isnan(labels.faces.labels[task.name][..., 0]).sum(),
        "occluded": np.sum(labels.visible == 1),
    }
    words = ", ".join(f"{n:,} {what}" for what, n in counts.items() if n)
    return [_count(task.size, "point") + (f" ({words})" if words else "")]


def _attributes(labels: Labels) -> list[str]:
    names = [t.name for t in labels.faces.tasks if t.kind != "landmarks"]
    if not names:
        return ["no attributes"]
    more = len(names) - SHOWN
    shown = names[:SHOWN] + ([f"{more} more"] if more > 0 else [])
    return [f"{_count(len(names), 'attribute')} ({', '.join(shown)})"]


def _boxes(labels: Labels) -> str:
    given = int(labels.has_box.sum())
    rest = len(labels.faces) - given
    if not rest:
        return f"Boxes: {given:,} given."
    if labels.points_task is None:
        return f"Boxes: {given:,} given, {rest:,} to be detected."
    return f"Boxes: {given:,} given, {rest:,} to be derived from the points."


def _splits(labels: Labels) -> str:
    if labels.splits is None:
        return "Split: none."
    counts = [
        f"{int((labels.splits == split).sum()):,} {split}"
        for split in ("train", "val", "test")
        if split in labels.splits
    ]
    return f"Split: {', '.join(counts)}."


def skipped_in_words(summary: str, rows: Sequence[str], most: int = 20) -> str:
    """List the skipped rows, or the first ones of many.

    Example:

    >>> print(skipped_in_words("2 rows skipped", ["a.pts: no", "b.pts: no"], 1))
    2 rows skipped
      a.pts: no
      and 1 more
    """
    more = len(rows) - most
    shown = [*rows[:most], *([f"and {more:,} more"] if more > 0 else [])]
    return "\n".join([summary, *(f"  {row}" for row in shown)])
