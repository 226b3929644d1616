"""`Seen`: all faces of all splits, with the headers of their photos."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from facemtl.data.boxes import derived_boxes
from facemtl.data.check.headers import photo_headers
from facemtl.data.faces import Faces
from facemtl.data.one_source import Splits
from facemtl.photos.joined import JoinedImages
from facemtl.tasks import Task, landmarks_task
from facemtl.words import plural

SPLITS = ("train", "val", "test")


@dataclass(frozen=True)
class Finding:
    """A possible fault, and what to do about it.

    Attributes:
        text: one line of plain English.
        faces: rows of `Seen.faces` with the fault. The two faces of a pair
            follow each other. Empty if the fault concerns no single face.
    """

    text: str
    faces: Sequence[int] | np.ndarray = ()


@dataclass(frozen=True)
class Seen:
    """N faces of all splits.

    Attributes:
        faces: training, then validation, then test faces.
        splits: (N,) `"train"`, `"val"` or `"test"`.
        derived: (N,) bool, whether the box was derived from the points.
        turns: (N,) EXIF orientation of the photo; 1 is not rotated.
        sizes: (N, 2) width and height of the photo in pixels, as displayed;
            NaN if its header cannot be read.
    """

    faces: Faces
    splits: np.ndarray
    derived: np.ndarray
    turns: np.ndarray
    sizes: np.ndarray

    def __len__(self) -> int:
        return len(self.faces)

    @property
    def landmarks(self) -> Task | None:
        """The task of the points, if there are any."""
        return landmarks_task(self.faces.tasks)

    @property
    def points(self) -> np.ndarray:
        """(N, P, 2) pixels, NaN if not labelled; P = 0 without points."""
        task = self.landmarks
        return self.faces.labels[task.name] if task else _no_points(len(self))

    def select(self, index: np.ndarray) -> "Seen":
        """Return the faces of `index` (integers or a (N,) bool mask)."""
        return Seen(
            self.faces.select(index),
            self.splits[index],
            self.derived[index],
            self.turns[index],
            self.sizes[index],
        )

    def first(self, index: Sequence[int] | np.ndarray) -> str:
        """Return the row and photo of the first face, for a message."""
        return f"the first: {self.faces.where(int(np.asarray(index)[0]))}"

    def of(self, index: np.ndarray, n: int, noun: str = "face") -> str:
        """Return how many of `n` faces, and the first of them, for a message.

        Args:
            index: integers or a (N,) bool mask.
            n: the number of all faces.
            noun: the noun that is counted.
        """
        chosen = np.arange(len(self))[index]
        where = self.faces.where(int(chosen[0]))
        first = where if len(chosen) == 1 else f"the first: {where}"
        return f"{len(chosen):,} of {n:,} {plural(n, noun)} ({first})"


def seen_splits(splits: Splits) -> Seen:
    """Combine the faces of all splits in one table, each row once.

    Args:
        splits: the splits from `load_splits`. A face that `data.repeat`
            repeats is counted once.
    """
    parts = [splits.train, splits.validation, splits.test]
    named = [
        (name, faces.select(each_once(faces)))
        for name, faces in zip(SPLITS, parts, strict=True)
        if faces is not None
    ]
    words = [np.full(len(faces), name) for name, faces in named]
    return seen_faces(joined([f for _, f in named]), np.concatenate(words))


def seen_faces(faces: Faces, splits: np.ndarray) -> Seen:
    """Read the photos' headers, and find out which boxes were derived."""
    turns, sizes = photo_headers(faces.images, faces.names)
    return Seen(faces, splits, derived_mask(faces), turns, sizes)


def without_headers(faces: Faces, splits: np.ndarray) -> Seen:
    """Return the table without reading photos: not rotated, of unknown size."""
    n = len(faces)
    sizes = np.full((n, 2), np.nan)
    return Seen(faces, splits, derived_mask(faces), np.ones(n, int), sizes)


def each_once(faces: Faces) -> np.ndarray:
    """Return the indices of the faces without repetitions."""
    _, first = np.unique(faces.rows, return_index=True)
    return np.sort(first)


def joined(parts: Sequence[Faces]) -> Faces:
    """Join the tables of a run's splits, with the same tasks and photos."""
    return replace(
        parts[0],
        names=np.concatenate([part.names for part in parts]),
        rows=np.concatenate([part.rows for part in parts]),
        boxes=np.concatenate([part.boxes for part in parts]),
        labels={
            name: np.concatenate([part.labels[name] for part in parts])
            for name in parts[0].labels
        },
        sources=np.concatenate([part.source_numbers() for part in parts]),
    )


def derived_mask(faces: Faces) -> np.ndarray:
    """Return (N,) bool: which boxes were derived from points.

    A derived box depends only on the points and the photo's name.
    """
    task = landmarks_task(faces.tasks)
    derived = np.zeros(len(faces), bool)
    if task is None or not len(faces):
        return derived
    points, names = faces.labels[task.name], _own_names(faces)
    known = np.isfinite(points).all(axis=2)
    whole = known.all(axis=1)
    own = derived_boxes(points[whole], names[whole])
    derived[whole] = _equal(own, faces.boxes[whole])
    # If points are missing, the box was derived from the other points.
    for i in np.flatnonzero(known.any(axis=1) & ~whole).tolist():
        some = points[i][known[i]][np.newaxis]
        own = derived_boxes(some, names[i : i + 1])
        derived[i] = _equal(own, faces.boxes[i : i + 1])[0]
    return derived


def _own_names(faces: Faces) -> np.ndarray:
    """Return (N,) the photos' names in their own sources."""
    images = faces.images
    if not isinstance(images, JoinedImages):
        return faces.names
    return np.array([images.find(str(name))[0] for name in faces.names])


def _equal(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    return np.isclose(boxes, others, rtol=0, atol=1e-6).all(axis=1)


def _no_points(n: int) -> np.ndarray:
    return np.empty((n, 0, 2))
