"""Drawn faces in one table, with faults put into their labels."""

from dataclasses import replace

import numpy as np

from facemtl.data.check.seen import Seen
from facemtl.datasets.synthetic import synthetic_faces
from facemtl.tasks import MTFL_TASKS, Task

SIDE = 160  # of a drawn photo, pixels


def clean(n: int = 60, test: int = 0) -> Seen:
    """N drawn faces as of photos with headers; the last ones are for tests."""
    splits = np.repeat(["train", "test"], [n - test, test])
    return Seen(
        synthetic_faces(n),
        splits,
        np.zeros(n, bool),
        np.ones(n, int),
        np.full((n, 2), float(SIDE)),
    )


def relabelled(seen: Seen, **labels: np.ndarray) -> Seen:
    """The same with other labels of some tasks."""
    faces = replace(seen.faces, labels={**seen.faces.labels, **labels})
    return replace(seen, faces=faces)


def reboxed(seen: Seen, boxes: np.ndarray) -> Seen:
    """The same with other boxes."""
    return replace(seen, faces=replace(seen.faces, boxes=boxes))


def with_value(values: np.ndarray, task: Task) -> Seen:
    """Faces with one value each, beside MTFL's tasks."""
    seen = clean(len(values))
    faces = replace(
        seen.faces,
        tasks=(*MTFL_TASKS, task),
        labels={**seen.faces.labels, task.name: values},
    )
    return replace(seen, faces=faces)


def texts(findings: list) -> str:
    """The findings' lines."""
    return "\n".join(finding.text for finding in findings)
