"""Summarise faces, photos, boxes and labels by split."""

import numpy as np

from facemtl.data.check.classes import class_counts
from facemtl.data.check.seen import SPLITS, Seen
from facemtl.tasks import Task
from facemtl.words import plural

NAME = 24  # Width of the first column, in letters.


def summary(seen: Seen) -> list[str]:
    """Return lines about the number and size of faces, and their labels.

    Args:
        seen: N faces of all splits.
    """
    splits = [split for split in SPLITS if (seen.splits == split).any()]
    counts = [f"{(seen.splits == split).sum():,}" for split in splits]
    return [
        _line("", splits),
        _line("faces", counts),
        "",
        f"photos: {_photos(seen)}",
        f"boxes: {_boxes(seen)}",
        *(
            line
            for task in seen.faces.tasks
            for line in _task(seen, task, splits)
        ),
    ]


def _line(name: str, cells: list[str]) -> str:
    return f"{name:<{NAME}}{''.join(f'{cell:>18}' for cell in cells)}".rstrip()


def _photos(seen: Seen) -> str:
    names = len(np.unique(seen.faces.names))
    parts = [f"{names:,}"]
    sizes = seen.sizes[np.isfinite(seen.sizes[:, 0])]
    if len(sizes):
        # Sort by area, since a size is a pair.
        order = np.argsort(sizes.prod(axis=1), kind="stable")
        least, most = sizes[order[0]], sizes[order[-1]]
        parts.append(_range(_pixels(least), _pixels(most)))
    turned = int((seen.turns > 1).sum())
    if turned:
        parts.append(
            f"EXIF rotates those of {turned:,} {plural(turned, 'face')}"
        )
    return "; ".join(parts)


def _pixels(size: np.ndarray) -> str:
    return f"{size[0]:.0f} x {size[1]:.0f}"


def _range(least: str, most: str) -> str:
    both = least if least == most else f"{least} to {most}"
    return f"{both} pixels"


def _boxes(seen: Seen) -> str:
    derived = int(seen.derived.sum())
    sides = (seen.faces.boxes[:, 2:] - seen.faces.boxes[:, :2]).max(axis=1)
    least, middle, most = np.percentile(sides, [0, 50, 100])
    return (
        f"{len(seen) - derived:,} given, {derived:,} derived from the points; "
        f"larger side {least:.3g} to {most:.3g} pixels, median {middle:.3g}"
    )


def _task(seen: Seen, task: Task, splits: list[str]) -> list[str]:
    labels = seen.faces.labels[task.name]
    parts = [labels[seen.splits == split] for split in splits]
    if task.kind == "classes":
        return _classes(seen, task, parts, splits)
    if task.kind == "landmarks":
        n = plural(task.size, "point")
        return ["", _line(f"{task.name}, {task.size} {n}", _points(parts))]
    lines = ["", _line(task.name, [_labelled(np.isfinite(p)) for p in parts])]
    for name, at in (("least", 0), ("median", 50), ("most", 100)):
        cells = [_percentile(part, at) for part in parts]
        lines.append(_line(f"  {name}", cells))
    return lines


def _points(parts: list[np.ndarray]) -> list[str]:
    """Return the share of labelled points, by split."""
    return [_labelled(np.isfinite(part).all(axis=2)) for part in parts]


def _labelled(known: np.ndarray) -> str:
    share = 100 * known.mean() if known.size else 0.0
    return f"{share:.4g} % labelled"


def _percentile(values: np.ndarray, at: int) -> str:
    known = values[np.isfinite(values)]
    return f"{np.percentile(known, at):.4g}" if len(known) else "-"


def _classes(
    seen: Seen, task: Task, parts: list[np.ndarray], splits: list[str]
) -> list[str]:
    """Return a line per class with counts and shares of labelled faces."""
    counts = class_counts(seen, task)
    lines = ["", _line(task.name, [_labelled(part >= 0) for part in parts])]
    for k, name in enumerate(task.names):
        cells = [
            f"{counts[s][k]:,} ({100 * counts[s][k] / counts[s].sum():.1f} %)"
            if counts[s].any()
            else "-"
            for s in splits
        ]
        lines.append(_line(f"  {name}", cells))
    return lines
