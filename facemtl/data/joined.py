"""Join the training faces of several sources in one table."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from facemtl.data.csv.text import is_csv
from facemtl.data.faces import Faces
from facemtl.data.settings import SYNTHETIC
from facemtl.errors import InputError
from facemtl.photos.joined import JoinedImages
from facemtl.tasks import Task


def join_sources(main: Faces, further: Mapping[str, Faces]) -> Faces:
    """Return the faces of a main source, followed by those of further ones.

    Args:
        main: the faces of the main source.
        further: {name of a source: its faces}.

    Returns:
        The faces with the tasks of all sources. A face has missing labels for
        the tasks that its source lacks. `sources` is 0 for the main source,
        then 1, 2, ...

    Raises:
        InputError: if two sources have a task of the same name with other
            classes or points.
    """
    if not further:
        return main
    tasks = all_tasks(main.tasks, {k: x.tasks for k, x in further.items()})
    parts = [x.only(tasks) for x in (main, *further.values())]
    # Sources may have photos and files of the same name. Numbers instead of
    # paths, because a run may be resumed after its sources have moved.
    prefixes = ["", *(f"source {k}: " for k in range(2, len(parts) + 1))]
    names = [_prefixed(prefixes[k], x.names) for k, x in enumerate(parts)]
    rows = [main.rows]
    rows += [_prefixed(_folder(k), x.rows) for k, x in further.items()]
    counts = [len(part) for part in parts]
    return replace(
        parts[0],
        images=JoinedImages(
            {k: x.images for k, x in zip(prefixes, parts, strict=True)}
        ),
        names=np.concatenate(names),
        rows=np.concatenate(rows),
        boxes=np.concatenate([part.boxes for part in parts]),
        labels={
            task.name: np.concatenate([x.labels[task.name] for x in parts])
            for task in tasks
        },
        sources=np.repeat(np.arange(len(parts)), counts),
    )


def all_tasks(
    main: Sequence[Task], further: Mapping[str, Sequence[Task]]
) -> tuple[Task, ...]:
    """Return the tasks of a main source, followed by those of further ones.

    Raises:
        InputError: if two tasks of the same name differ.
    """
    known = {task.name: task for task in main}
    for source, tasks in further.items():
        for task in tasks:
            own = known.setdefault(task.name, task)
            if not own.learns_as(task):
                raise InputError(
                    f"{source}: task '{task.name}': expected "
                    f"{list(own.names)} as in the sources before it. "
                    f"Received: {list(task.names)}."
                )
    return tuple(known.values())


def _folder(source: str) -> str:
    """Return what to put before the file that a row of a source names."""
    if source == SYNTHETIC:
        return ""
    return f"{Path(source).parent if is_csv(source) else Path(source)}/"


def _prefixed(prefix: str, words: np.ndarray) -> np.ndarray:
    return np.char.add(prefix, words.astype(str)) if prefix else words
