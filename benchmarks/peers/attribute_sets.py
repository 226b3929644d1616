"""The faces on which attributes are compared, and those that place boxes."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from accuracy import shown

from facemtl.data.faces import BadRows, Faces
from facemtl.data.sources import load_split
from facemtl.tasks import Task

sys.path.append(str(Path(__file__).parents[2] / "presets"))

from people import by_age

CALIBRATION, ALL = 200, 100_000  # faces
MTFL, MORE = "MTFL", "MORE"
VALIDATION, GRAY, TEST = "validation", "validation, gray", "test"
FOLDERS = {"UTKFace": "utk", "CelebA": "celeba"}

Photos = list[np.ndarray]


@dataclass
class LabelledSet:
    """Faces of one source.

    Attributes:
        name: as the tables have it.
        source: whose boxes it has.
        faces, photos: N of them.
        years: {group of ages: (N,) bool}, where ages are known.
    """

    name: str
    source: str
    faces: Faces
    photos: Photos
    years: dict[str, np.ndarray] = field(default_factory=dict)

    def each(self, n: int) -> "LabelledSet":
        """Each nth face."""
        index = np.arange(0, len(self.faces), n)
        return LabelledSet(
            self.name,
            self.source,
            self.faces.select(index),
            self.photos[::n],
            {k: some[index] for k, some in self.years.items()},
        )

    def labelled(self, task: Task) -> bool:
        """Whether a face has a label of a task."""
        return bool(task.is_labelled(self.faces.labels[task.name]).any())


def labelled_sets(data: str, more: str, people: str) -> Iterator[LabelledSet]:
    """The sets that are scored.

    Args:
        data: a folder of MTFL.
        more: MORE's labels with a split, which `presets/more.py` writes.
        people: MORE's ages.
    """
    faces, photos = shown(data, "val", ALL)
    yield LabelledSet(VALIDATION, MTFL, faces, photos)
    # MORE has gray photos alone: what do peers lose by that?
    yield LabelledSet(GRAY, MTFL, faces, [gray(x) for x in photos])
    yield LabelledSet(TEST, MTFL, *shown(data, "test", ALL))
    faces, photos = shown(more, "val", ALL)
    folders = np.array([Path(name).parent.name for name in faces.names])
    for name, folder in FOLDERS.items():
        index = np.flatnonzero(folders == folder)
        some = [photos[i] for i in index]
        own = faces.select(index)
        years = by_age(own.names, people) if folder == "utk" else {}
        yield LabelledSet(name, MORE, own, some, years)


def gray(photo: np.ndarray) -> np.ndarray:
    """A photo (H, W, 3) with the same value in its three channels.

    Example:

    >>> gray(np.array([[[30, 60, 90]]], np.uint8))
    array([[[60, 60, 60]]], dtype=uint8)
    """
    mean = photo.mean(axis=2, keepdims=True).round()
    return np.repeat(mean.astype(np.uint8), 3, axis=2)


def training_faces(data: str, task: Task, n: int) -> tuple[Faces, Photos]:
    """At most n training faces with a label of a task, evenly chosen."""
    faces = load_split(data, "train", (), BadRows())
    known = np.flatnonzero(task.is_labelled(faces.labels[task.name]))
    even = np.linspace(0, len(known) - 1, min(n, len(known)))
    faces = faces.select(known[even.astype(int)])
    return faces, [faces.images.read(name) for name in faces.names]
