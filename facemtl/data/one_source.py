"""Read the splits of one source: MTFL, a CSV, or synthetic faces."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from facemtl.data.csv.source import csv_in, csv_run
from facemtl.data.csv.text import is_csv
from facemtl.data.detected import detected
from facemtl.data.faces import BadRows, Faces
from facemtl.data.mtfl.reader import has_split, read_mtfl
from facemtl.data.settings import CSV, MTFL, SYNTHETIC
from facemtl.data.split import split_of
from facemtl.settings import DataSettings

DEFAULT_FOLDER = Path("data/MTFL")
# Synthetic test faces have their own fixed seed, the same in every run.
TEST_SEED, TEST_FACES = 1_000_000, 600


@dataclass(frozen=True)
class Splits:
    """The faces of a run.

    Attributes:
        train: training faces of all sources.
        validation: validation faces of the main source.
        test: test faces of the main source; None if it has none.
        notes: lines about how labels were read, and about settings that name
            tasks that the sources lack.
        further: validation faces of each further source, by its name.
    """

    train: Faces
    validation: Faces
    test: Faces | None
    notes: tuple[str, ...] = ()
    further: Mapping[str, Faces] = field(default_factory=dict)

    def parts(self) -> dict[str, Faces | None]:
        """Return the faces by the name of their split."""
        return {
            "training": self.train,
            "validation": self.validation,
            "test": self.test,
        }


def find_source(given: str = "") -> str:
    """Return the source to load: `given`, data/MTFL, or synthetic faces.

    A folder with one CSV and without MTFL stands for that CSV.

    Raises:
        InputError: for a folder with several CSVs.

    Example:

    >>> find_source("faces.csv")
    'faces.csv'
    """
    if not given and DEFAULT_FOLDER.is_dir():
        given = str(DEFAULT_FOLDER)
    return SYNTHETIC if given in ("", SYNTHETIC) else csv_in(given)


def kind_of(source: str) -> str:
    """Return `MTFL`, `CSV` or `SYNTHETIC`."""
    if is_csv(source):
        return CSV
    return SYNTHETIC if source == SYNTHETIC else MTFL


def all_splits(source: str, data: DataSettings, bad: BadRows) -> Splits:
    """Load the splits of a source, without shares and repetitions."""
    kind = kind_of(source)
    if kind == SYNTHETIC:
        return drawn_splits(data)
    if kind == CSV:
        train, own, test, notes = csv_run(source, data, bad)
        return Splits(train, own, test, notes)
    train = mtfl_split(source, "train", data, bad)
    has_test = has_split(source, "test")
    test = mtfl_split(source, "test", data, bad) if has_test else None
    return Splits(*split_of(train, data), test)


def mtfl_split(
    source: str, split: str, data: DataSettings, bad: BadRows
) -> Faces:
    """Read one split of MTFL with the boxes of `data.boxes`."""
    listed = "derived" if data.boxes == "derived" else "auto"
    return read_mtfl(source, split, bad, listed)


def in_boxes(
    splits: Splits, data: DataSettings, bad: BadRows, folder: str | Path
) -> Splits:
    """Return all faces with the boxes of `data.boxes`.

    Detector boxes are noted, and kept in the cache or else in the folder.
    """
    if data.boxes != "detect":
        return splits
    found = {
        part: detected(faces, bad, data.cache or folder)
        for part, faces in splits.parts().items()
        if faces is not None
    }
    notes = [f"{part}: {faces.notes[-1]}" for part, faces in found.items()]
    return Splits(
        found["training"],
        found["validation"],
        found.get("test"),
        (*splits.notes, *notes),
    )


def drawn_splits(data: DataSettings) -> Splits:
    """Draw synthetic faces to train on, to validate, and to test."""
    validation = min(
        data.validation, max(int(data.validation_share * data.faces), 1)
    )
    faces = draw(data.faces + validation, seed=0)
    index = np.arange(len(faces))
    return Splits(
        faces.select(index[: data.faces]),
        faces.select(index[data.faces :]),
        draw(min(TEST_FACES, data.faces), TEST_SEED),
    )


def draw(n: int, seed: int) -> Faces:
    """Return synthetic faces."""
    from facemtl.data.synthetic.faces import synthetic_faces

    return synthetic_faces(n, seed)
