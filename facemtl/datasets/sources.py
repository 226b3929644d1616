"""From the words of `--data` to faces: MTFL, a CSV, or drawn faces."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from facemtl.config import default_config
from facemtl.datasets.csv import csv_splits, read_csv
from facemtl.datasets.faces import BadRows, Faces
from facemtl.datasets.mtfl import has_split, read_mtfl
from facemtl.datasets.split import split_faces
from facemtl.errors import InputError
from facemtl.recipe import without_absent
from facemtl.tasks import MTFL_TASKS, Task, load_tasks

SYNTHETIC = "synthetic"
DEFAULT_FOLDER = Path("data/MTFL")
# Drawn test faces come from a seed of their own, in every run the same.
TEST_SEED, TEST_FACES = 1_000_000, 600
SPLITS = ("train", "val", "test")


@dataclass(frozen=True)
class Splits:
    """The faces of a run; `test` is None where the source has none.

    `notes` are lines about settings that name tasks which the source lacks.
    """

    train: Faces
    validation: Faces
    test: Faces | None
    notes: tuple[str, ...] = ()

    def parts(self) -> dict[str, Faces | None]:
        """The faces by the name of their part."""
        return {
            "training": self.train,
            "validation": self.validation,
            "test": self.test,
        }


def find_source(given: str = "") -> str:
    """The source that is meant: what was given, data/MTFL, or drawn faces.

    Example:

    >>> find_source("faces.csv")
    'faces.csv'
    """
    if given:
        return given
    return str(DEFAULT_FOLDER) if DEFAULT_FOLDER.is_dir() else SYNTHETIC


def load_splits(data: Mapping[str, Any], bad: BadRows) -> Splits:
    """The training, validation and test faces of a run.

    The validation faces are those of `split_faces`, the same for every run,
    unless a CSV names its own in a column `split`.

    Args:
        data: the `data` section of a configuration.
        bad: what to do with bad rows.

    Raises:
        InputError: if the source cannot be read.
    """
    if not 0 < data["train_share"] <= 1:
        raise InputError(
            "Expected data.train_share in (0, 1]. "
            f"Received: {data['train_share']}."
        )
    source = find_source(data["source"])
    if _is_csv(source):
        tasks = load_tasks(data["tasks"]) if data["tasks"] else None
        splits = _csv_splits(source, data["validation"], tasks, bad)
    elif source == SYNTHETIC:
        splits = _drawn_splits(data)
    else:
        splits = _mtfl_splits(source, data, bad)
    tasks = splits.train.tasks
    labelled, one = without_absent("data.labelled", data["labelled"], tasks)
    repeat, other = without_absent("data.repeat", data["repeat"], tasks)
    train = _some(splits.train, data["train_share"], labelled)
    train = _repeated(train, repeat)
    notes = tuple(line for line in (one, other) if line)
    return Splits(train, splits.validation, splits.test, notes)


def load_split(
    source: str, split: str, tasks: Sequence[Task], bad: BadRows
) -> Faces:
    """One split of a source, to score a network that answers `tasks`.

    Args:
        source: as `find_source` gives it.
        split: `"train"`, `"val"` or `"test"`. A CSV without a column `split`
            is read whole for `"test"`.
        tasks: the network's tasks.
        bad: what to do with bad rows.

    Raises:
        InputError: if the source cannot be read or has no such split.
    """
    data = default_config()["data"]
    if split == "test":
        if _is_csv(source):
            return _read_test_csv(source, tasks, bad)
        if source == SYNTHETIC:
            return _draw(TEST_FACES, TEST_SEED)
        return read_mtfl(source, "test", bad)
    if _is_csv(source):
        known = _known_tasks(source, tasks)
        splits = _csv_splits(source, data["validation"], known, bad)
    elif source == SYNTHETIC:
        splits = _drawn_splits(data)
    else:
        splits = _mtfl_splits(source, data, bad)
    return splits.train if split == "train" else splits.validation


def _is_csv(source: str) -> bool:
    return source.lower().endswith(".csv")


def _mtfl_splits(source: str, data: Mapping[str, Any], bad: BadRows) -> Splits:
    train = read_mtfl(source, "train", bad, data["boxes"])
    has_test = has_split(source, "test")
    test = read_mtfl(source, "test", bad, data["boxes"]) if has_test else None
    return Splits(*split_faces(train, data["validation"]), test)


def _csv_splits(
    source: str, validation: int, tasks: Sequence[Task] | None, bad: BadRows
) -> Splits:
    given = csv_splits(source)
    if not given:
        faces = read_csv(source, tasks, bad)
        return Splits(*split_faces(faces, validation), None)
    parts = {name: read_csv(source, tasks, bad, name) for name in given}
    if "train" not in parts:
        raise InputError(f"{source}: expected rows with split = train.")
    train, own = parts["train"], parts.get("val")
    if own is None:
        train, own = split_faces(train, validation)
    return Splits(train, own, parts.get("test"))


def _read_test_csv(source: str, tasks: Sequence[Task], bad: BadRows) -> Faces:
    split = "test" if "test" in csv_splits(source) else None
    return read_csv(source, _known_tasks(source, tasks), bad, split)


def _known_tasks(source: str, tasks: Sequence[Task]) -> list[Task] | None:
    """The network's own tasks, and MTFL's for further columns.

    None, where the CSV has a `tasks.toml` of its own beside it.
    """
    if Path(source).with_name("tasks.toml").is_file():
        return None
    return list({t.name: t for t in (*MTFL_TASKS, *tasks)}.values())


def _drawn_splits(data: Mapping[str, Any]) -> Splits:
    """Drawn faces: as many again as a tenth of them for validation."""
    validation = min(data["validation"], max(data["faces"] // 10, 1))
    faces = _draw(data["faces"] + validation, seed=0)
    index = np.arange(len(faces))
    return Splits(
        faces.select(index[: data["faces"]]),
        faces.select(index[data["faces"] :]),
        _draw(min(TEST_FACES, data["faces"]), TEST_SEED),
    )


def _draw(n: int, seed: int) -> Faces:
    from facemtl.datasets.synthetic import synthetic_faces

    return synthetic_faces(n, seed)


def _some(faces: Faces, share: float, labelled: Mapping[str, float]) -> Faces:
    """The first faces of a fixed random order, as they stood.

    Of these, the first ones keep their label of each task in `labelled`: the
    same faces that a smaller share would be.
    """
    tasks = {task.name: task for task in faces.tasks}
    order = np.random.default_rng(0).permutation(len(faces))
    order = order[: _count(share, len(faces))]
    labels = dict(faces.labels)
    for name, part in labelled.items():
        number = isinstance(part, int | float)
        if name not in tasks or not (number and 0 < part <= 1):
            raise InputError(
                f"Expected data.labelled as shares in (0, 1] of {list(tasks)}. "
                f"Received: {name} = {part!r}."
            )
        kept = order[: _count(part, len(order))]
        labels[name] = tasks[name].no_labels(len(faces))
        labels[name][kept] = faces.labels[name][kept]
    return replace(faces, labels=labels).select(np.sort(order))


def _repeated(faces: Faces, repeat: Mapping[str, int]) -> Faces:
    """Faces that have a task's label, so many times each.

    A batch of which few faces have the label gives that task a noisy gradient,
    and the task sees its faces more rarely than alone.
    """
    tasks = {task.name: task for task in faces.tasks}
    times = np.ones(len(faces), int)
    for name, wanted in repeat.items():
        if name not in tasks or type(wanted) is not int or wanted < 1:
            raise InputError(
                "Expected data.repeat as whole numbers from 1 for some of "
                f"{list(tasks)}. Received: {name} = {wanted!r}."
            )
        known = tasks[name].is_labelled(faces.labels[name])
        times[known] = np.maximum(times[known], wanted)
    return faces.select(np.repeat(np.arange(len(faces)), times))


def _count(share: float, n: int) -> int:
    return max(round(share * n), 1)
