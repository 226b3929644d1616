"""Load the faces that `--data` names: MTFL, a CSV, or synthetic faces."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from facemtl.config import load_settings
from facemtl.data.csv.reader import csv_splits
from facemtl.data.csv.source import csv_in, csv_run, csv_split
from facemtl.data.csv.text import is_csv
from facemtl.data.detected import detected
from facemtl.data.faces import BadRows, Faces
from facemtl.data.mtfl.reader import has_split, read_mtfl
from facemtl.data.recipe import without_absent
from facemtl.data.settings import (
    CSV,
    MTFL,
    SYNTHETIC,
    capped_validation,
    check_data_settings,
)
from facemtl.data.shares import repeated, share_of
from facemtl.data.split import split_of
from facemtl.settings import DataSettings
from facemtl.tasks import Task

DEFAULT_FOLDER = Path("data/MTFL")
# Synthetic test faces have their own fixed seed, the same in every run.
TEST_SEED, TEST_FACES = 1_000_000, 600
SPLITS = ("train", "val", "test")


@dataclass(frozen=True)
class Splits:
    """The faces of a run; `test` is None if the source has no test faces.

    `notes` are lines about how labels were read, and about settings that name
    tasks that the source lacks.
    """

    train: Faces
    validation: Faces
    test: Faces | None
    notes: tuple[str, ...] = ()

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


def _kind(source: str) -> str:
    if is_csv(source):
        return CSV
    return SYNTHETIC if source == SYNTHETIC else MTFL


def load_splits(
    data: DataSettings, bad: BadRows, folder: str | Path = ""
) -> Splits:
    """Load the training, validation and test faces of a run.

    `split_faces` chooses the validation faces, the same for every run, unless
    a CSV names them in a column `split`.

    Args:
        data: the settings of `[data]`.
        bad: how to handle invalid rows.
        folder: where to keep detector boxes if `data.cache` names no folder.

    Raises:
        InputError: if the source cannot be read, or does not use a setting.
    """
    splits = _all_splits(find_source(data.source), data, bad)
    capped = capped_validation(data, len(splits.validation))
    if data.boxes == "detect":
        splits = _in_detector_boxes(splits, bad, data.cache or folder)
    tasks = splits.train.tasks
    labelled, one = without_absent("data.labelled", data.labelled, tasks)
    repeat, other = without_absent("data.repeat", data.repeat, tasks)
    train = share_of(splits.train, data.train_share, labelled)
    train = repeated(train, repeat)
    notes = tuple(line for line in (*splits.notes, capped, one, other) if line)
    return Splits(train, splits.validation, splits.test, notes)


def load_split(
    source: str,
    split: str,
    tasks: Sequence[Task],
    bad: BadRows,
    data: DataSettings | None = None,
) -> Faces:
    """Load one split of a source, to evaluate a network with `tasks`.

    Args:
        source: the source, as `find_source` returns it.
        split: `"train"`, `"val"` or `"test"`. `"test"` is all rows of a CSV
            without a column `split`.
        tasks: the network's tasks.
        bad: how to handle invalid rows.
        data: the settings of the network's run, for the same split and boxes;
            `default.toml` by default.

    Returns:
        All faces of the split; shares and repetitions apply to training only.
        Their `notes` describe how labels were read.

    Raises:
        InputError: if the source cannot be read or has no such split.
        InputError: if the source cannot be read or has no such split.
    """
    source = find_source(source)
    data = load_settings().data if data is None else data
    kind = _kind(source)
    check_data_settings(source, kind, data)
    if kind == CSV:
        faces = csv_split(source, split, tasks, bad, data)
    elif kind == SYNTHETIC and split == "test":
        faces = _draw(TEST_FACES, TEST_SEED)
    elif split == "test":
        faces = _mtfl_split(source, split, data, bad)
    else:
        splits = _all_splits(source, data, bad)
        faces = splits.train if split == "train" else splits.validation
    if data.boxes == "detect":
        return detected(faces, bad, data.cache)
    return faces


def split_name(source: str, split: str) -> str:
    """Return what `load_split` reads, in words.

    Example:

    >>> split_name("synthetic", "test")
    'test'
    """
    source = find_source(source)
    whole = split == "test" and is_csv(source) and not csv_splits(source)
    return "all rows" if whole else split


def _all_splits(source: str, data: DataSettings, bad: BadRows) -> Splits:
    """Load the splits of a source, without shares and repetitions."""
    kind = _kind(source)
    check_data_settings(source, kind, data)
    if kind == SYNTHETIC:
        return _drawn_splits(data)
    if kind == CSV:
        train, own, test, notes = csv_run(source, data, bad)
        return Splits(train, own, test, notes)
    train = _mtfl_split(source, "train", data, bad)
    has_test = has_split(source, "test")
    test = _mtfl_split(source, "test", data, bad) if has_test else None
    return Splits(*split_of(train, data), test)


def _mtfl_split(
    source: str, split: str, data: DataSettings, bad: BadRows
) -> Faces:
    listed = "derived" if data.boxes == "derived" else "auto"
    return read_mtfl(source, split, bad, listed)


def _in_detector_boxes(
    splits: Splits, bad: BadRows, folder: str | Path
) -> Splits:
    """Return all faces with detector boxes, and notes about the detections."""
    found = {
        part: detected(faces, bad, folder)
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


def _drawn_splits(data: DataSettings) -> Splits:
    """Draw synthetic faces to train on, to validate, and to test."""
    validation = min(
        data.validation, max(int(data.validation_share * data.faces), 1)
    )
    faces = _draw(data.faces + validation, seed=0)
    index = np.arange(len(faces))
    return Splits(
        faces.select(index[: data.faces]),
        faces.select(index[data.faces :]),
        _draw(min(TEST_FACES, data.faces), TEST_SEED),
    )


def _draw(n: int, seed: int) -> Faces:
    from facemtl.data.synthetic.faces import synthetic_faces

    return synthetic_faces(n, seed)
