"""Load the faces and splits of a run from a CSV."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from facemtl.data.archive import find_home
from facemtl.data.csv.reader import ALL, csv_splits, read_csv, read_csv_parts
from facemtl.data.csv.split import counted
from facemtl.data.csv.tasks import declared_beside, read_declared
from facemtl.data.csv.text import ENDINGS, is_csv, joined
from facemtl.data.faces import BadRows, Faces
from facemtl.data.other_formats import (
    recognised_format,
    refuse_other_formats,
)
from facemtl.data.settings import check_validation
from facemtl.data.split import split_of
from facemtl.errors import InputError
from facemtl.settings import DataSettings
from facemtl.tasks import MTFL_TASKS, Task

FOLDER_ENDINGS = tuple(ending for ending in ENDINGS if ending != ".txt")


def csv_in(source: str) -> str:
    """Return the only CSV of a folder without MTFL; other sources unchanged.

    Raises:
        InputError: if the folder has several CSVs, or the name of the source is
            that of another format that `facemtl data convert` reads.
    """
    folder = Path(source)
    if is_csv(source):
        refuse_other_formats(source)
    if is_csv(source) or not folder.is_dir():
        return source
    files = sorted(
        file
        for file in folder.iterdir()
        # Skip hidden files of systems and editors, such as ._faces.csv.
        if file.name.lower().endswith(FOLDER_ENDINGS)
        and not file.name.startswith((".", "~"))
        and file.is_file()
        and not recognised_format(file)
    )
    if not files or find_home(folder) is not None:
        return source
    if len(files) > 1:
        raise InputError(
            f"{source}: expected a folder of MTFL, or of one CSV. Received: "
            f"{joined([file.name for file in files])}. Name one of them."
        )
    return str(files[0])


def csv_run(
    source: str, data: DataSettings, bad: BadRows
) -> tuple[Faces, Faces, Faces | None, tuple[str, ...]]:
    """Load the training, validation and test faces of a CSV, and notes.

    Args:
        source: the CSV.
        data: the settings of `[data]`.
        bad: how to handle invalid rows.

    Raises:
        InputError: if the CSV cannot be read or has no training rows.
    """
    parts = read_csv_parts(source, None, bad, data.boxes, data.tasks)
    train, own = _train_and_validation(source, parts, data)
    notes = train.notes
    if ALL not in parts and "test" not in parts:
        notes += (
            f"{source}: no row with split = test; no test faces are scored.",
        )
    return train, own, parts.get("test"), notes


def _train_and_validation(
    source: str, parts: Mapping[str, Faces], data: DataSettings
) -> tuple[Faces, Faces]:
    if ALL in parts:
        return split_of(parts[ALL], data)
    if "train" not in parts:
        counts = Counter({name: len(x) for name, x in parts.items()})
        raise InputError(
            f"{source}: expected rows with split = train. Received: "
            f"{counted(counts)}."
        )
    if "val" not in parts:
        return split_of(parts["train"], data)
    check_validation(source, data)
    return parts["train"], parts["val"]


def csv_split(
    source: str,
    split: str,
    tasks: Sequence[Task],
    bad: BadRows,
    data: DataSettings,
) -> Faces:
    """Load one split of a CSV, to evaluate a network with `tasks`.

    Args:
        source: the CSV.
        split: `"train"`, `"val"` or `"test"`. Without a column `split`,
            `"test"` is all rows, and the others are chosen as in `csv_run`.
        tasks: the network's tasks.
        bad: how to handle invalid rows.
        data: the settings of `[data]`.

    Raises:
        InputError: if the CSV cannot be read or has no such split.
    """
    known = _known_tasks(source, tasks, data.tasks)
    options = {"boxes": data.boxes, "tasks_file": data.tasks}
    if split == "test":
        part = "test" if csv_splits(source) else None
        return read_csv(source, known, bad, part, **options)
    parts = read_csv_parts(source, known, bad, **options)
    if split in parts:
        return parts[split]
    pair = _train_and_validation(source, parts, data)
    return pair[0] if split == "train" else pair[1]


def _known_tasks(
    source: str, tasks: Sequence[Task], tasks_file: str
) -> list[Task] | None:
    """Return the network's tasks, followed by MTFL's for further columns.

    Return None if a `tasks.toml` declares the tasks of the CSV.
    """
    declared = (
        read_declared(tasks_file)
        if tasks_file
        else declared_beside(Path(source))
    )
    if declared.tasks is not None:
        return None
    # The points belong to the first landmarks task, whatever its name.
    own = {task.name for task in tasks}
    return [*tasks, *(task for task in MTFL_TASKS if task.name not in own)]
