"""Write labels as a CSV of facemtl with a `tasks.toml` in its folder."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import tomli_w

from facemtl.data.convert.labels import Labels
from facemtl.data.csv.writer import write_csv
from facemtl.errors import InputError
from facemtl.files.destinations import check_file
from facemtl.files.lock import locked
from facemtl.files.writing import whole_file, write_whole
from facemtl.tasks import Task, load_tasks

TASKS = "tasks.toml"
OCCLUDED = 1


def check_target(path: Path, sources: Sequence[Path], overwrite: bool) -> None:
    """Check that a CSV and its `tasks.toml` can be written.

    Raises:
        InputError: if the name has no `.csv`, or if the file is a source,
            exists, or cannot be written.
    """
    if path.suffix.lower() != ".csv":
        raise InputError(f"Expected --to as a .csv file. Received: {path}.")
    check_file(path, "--to")
    check_file(path.with_name(TASKS), f"{TASKS} beside --to")
    if path.resolve() in [source.resolve() for source in sources]:
        raise InputError(
            f"{path}: expected --to as another file than the sources. "
            "Received: one of them."
        )
    if path.exists() and not overwrite:
        raise InputError(
            f"{path}: expected a new file. Received: one that exists. Write "
            "another, or add --overwrite."
        )


def write_labels(labels: Labels, path: Path, overwrite: bool = False) -> None:
    """Write a CSV and its `tasks.toml`: both, or none of them.

    Photos are not copied. The CSV has their paths, relative to its folder if
    possible.

    Args:
        labels: the faces.
        path: the CSV; its folder is created.
        overwrite: whether to replace a `tasks.toml` with other tasks.

    Raises:
        InputError: if the folder has a `tasks.toml` with other tasks, or if a
            file cannot be written.
    """
    tasks = path.with_name(TASKS)
    kept = tasks.exists() and not overwrite
    if kept and not _says(tasks, labels):
        raise InputError(
            f"{tasks}: expected the same tasks, or no such file. Received: "
            "other tasks. Write to another folder, or add --overwrite."
        )
    names = _seen_from(path.parent, labels.faces.names.tolist())
    faces = replace(labels.faces, names=np.array(names))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with locked(path.parent), whole_file(path) as part:
            write_csv(faces, part, columns=_further_columns(labels))
            # The last step that may fail, so that both are written or none.
            if not kept:
                write_whole(tasks_toml(faces.tasks), tasks)
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error}.") from None


def _says(tasks: Path, labels: Labels) -> bool:
    """Whether a `tasks.toml` has the same tasks; the normalizer may differ."""
    try:
        known = load_tasks(tasks)
    except InputError:
        return False
    own = labels.faces.tasks
    return len(known) == len(own) and all(map(Task.learns_as, known, own))


def _seen_from(folder: Path, photos: Sequence[str]) -> list[str]:
    """Return paths relative to a folder; absolute paths on another drive."""
    start, folders = os.path.realpath(folder), {}
    names = []
    for photo in photos:
        place, _, name = photo.rpartition("/")
        if place not in folders:
            folders[place] = _relative(place, start)
        names.append(f"{folders[place]}{name}")
    return names


def _relative(place: str, start: str) -> str:
    """Return the relative path of a photo's folder, to put before its name."""
    try:
        prefix = Path(os.path.relpath(place or "/", start)).as_posix()
    except ValueError:  # another drive on Windows
        return f"{place}/"
    return "" if prefix == "." else f"{prefix}/"


def _further_columns(labels: Labels) -> dict[str, list[str]]:
    """Return the visibility if a point is occluded, and the split."""
    columns = {}
    # Otherwise, empty cells of missing points have the same meaning.
    if labels.visible is not None and (labels.visible == OCCLUDED).any():
        for i, column in enumerate(labels.visible.T, 1):
            columns[f"v{i}"] = list(map(str, column.tolist()))
    if labels.splits is not None:
        columns["split"] = labels.splits.tolist()
    return columns


def tasks_toml(tasks: Sequence[Task]) -> str:
    """Return the text of a `tasks.toml`, with mirror rules as pairs of names.

    Example:

    >>> from facemtl.tasks import SMILE
    >>> print(tasks_toml([SMILE]))
    [[task]]
    name = "smile"
    kind = "classes"
    names = [
        "yes",
        "no",
    ]
    <BLANKLINE>
    """
    return tomli_w.dumps({"task": [_entry(task) for task in tasks]})


def _entry(task: Task) -> dict[str, Any]:
    entry = task.to_dict()
    del entry["mirror"]
    if task.kind == "value":
        return entry | ({"mirror": "negate"} if task.mirror == (-1,) else {})
    pairs = [
        [task.names[i], task.names[j]]
        for i, j in enumerate(task.mirror)
        if i < j
    ]
    return entry | ({"mirror": pairs} if pairs else {})
