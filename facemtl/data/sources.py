"""Load the faces of a run, from one source or several."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from facemtl.config import load_settings
from facemtl.data.csv.reader import csv_splits
from facemtl.data.csv.source import csv_split
from facemtl.data.csv.text import is_csv
from facemtl.data.detected import detected
from facemtl.data.faces import BadRows, Faces
from facemtl.data.joined import join_sources
from facemtl.data.one_source import (
    TEST_FACES,
    TEST_SEED,
    Splits,
    all_splits,
    draw,
    find_source,
    in_boxes,
    kind_of,
    mtfl_split,
)
from facemtl.data.recipe import without_absent
from facemtl.data.settings import (
    CSV,
    SYNTHETIC,
    capped_validation,
    check_data_settings,
)
from facemtl.data.shares import repeated, share_of
from facemtl.errors import InputError
from facemtl.settings import DataSettings
from facemtl.tasks import Task

SPLITS = ("train", "val", "test")


def load_splits(
    data: DataSettings, bad: BadRows, folder: str | Path = ""
) -> Splits:
    """Load the training, validation and test faces of a run.

    Training faces are those of `data.source` and of all sources in `data.more`.
    Validation and test faces are those of `data.source`.
    `split_faces` chooses the validation faces, the same for every run, unless
    a CSV names them in a column `split`.

    Args:
        data: the settings of `[data]`.
        bad: how to handle invalid rows.
        folder: where to keep detector boxes if `data.cache` names no folder.

    Raises:
        InputError: if the source cannot be read, or does not use a setting.
    """
    splits = in_boxes(_main_splits(data, bad), data, bad, folder)
    capped = capped_validation(data, len(splits.validation))
    further = {
        source: in_boxes(one, data, bad, folder)
        for source, one in _further_splits(data, bad).items()
    }
    splits = _joined(splits, further)
    tasks = splits.train.tasks
    labelled, one = without_absent("data.labelled", data.labelled, tasks)
    repeat, other = without_absent("data.repeat", data.repeat, tasks)
    train = share_of(splits.train, data.train_share, labelled)
    train = repeated(train, repeat)
    notes = tuple(line for line in (*splits.notes, capped, one, other) if line)
    return replace(splits, train=train, notes=notes)


def _main_splits(data: DataSettings, bad: BadRows) -> Splits:
    """Load the splits of `data.source`."""
    source = find_source(data.source)
    check_data_settings(_kinds(source, data), data)
    return all_splits(source, data, bad)


def _kinds(source: str, data: DataSettings) -> dict[str, str]:
    """Return the kind of a main source and of each further one."""
    found = [source, *map(find_source, data.more)]
    twice = [one for i, one in enumerate(found) if one in found[:i]]
    if twice:
        raise InputError(
            "Expected data.more without data.source, and each source once. "
            f"Received: {twice[0]} twice."
        )
    return {one: kind_of(one) for one in found}


def _further_splits(data: DataSettings, bad: BadRows) -> dict[str, Splits]:
    """Load the splits of `data.more`, by source.

    Their validation faces do not depend on `data.validation`, which is that of
    the main source.
    """
    defaults = load_settings().data
    own = replace(
        data,
        validation=defaults.validation,
        validation_share=defaults.validation_share,
    )
    return {
        source: all_splits(find_source(source), own, bad)
        for source in data.more
    }


def _joined(main: Splits, further: Mapping[str, Splits]) -> Splits:
    """Join the training faces of a run, and give all faces the same tasks."""
    if not further:
        return main
    train = join_sources(main.train, {k: x.train for k, x in further.items()})
    # Not those about test faces, which are not used.
    notes = [
        f"{k}: {line}" for k, x in further.items() for line in x.train.notes
    ]
    return Splits(
        train,
        main.validation.only(train.tasks),
        main.test and main.test.only(train.tasks),
        (*main.notes, *notes),
        {k: x.validation.only(train.tasks) for k, x in further.items()},
    )


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
    """
    source = find_source(source)
    data = load_settings().data if data is None else data
    kind = kind_of(source)
    check_data_settings(_kinds(source, data), data)
    if kind == CSV:
        faces = csv_split(source, split, tasks, bad, data)
    elif kind == SYNTHETIC and split == "test":
        faces = draw(TEST_FACES, TEST_SEED)
    elif split == "test":
        faces = mtfl_split(source, split, data, bad)
    else:
        splits = all_splits(source, data, bad)
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
