"""Reading of user data: a CSV with a header becomes `Faces`.

| column                     | holds                                           |
|----------------------------|-------------------------------------------------|
| `file`                     | photo, from the CSV's folder or absolute        |
| `x1` ... `xP`, `y1`...`yP` | points, pixels                                  |
| `v1` ... `vP`              | optional: 0 missing, 1 occluded, 2 visible      |
| `left,top,right,bottom`    | optional: the face's box, pixels                |
| a task's name              | optional: class name, class from 0, or a value  |
| `split`                    | optional: `train`, `val` or `test`              |

Pixels count from 0: the centre of a photo's first pixel is (0, 0). An empty
cell is not labelled. A face without a box gets one derived from its points.
`data/README.md` describes which values are accepted and which are errors.
`facemtl.data.csv.writer` writes such a file.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from facemtl.arguments import checked_choice
from facemtl.data.checks import check_length
from facemtl.data.csv.classes import ClassColumn, code_notes
from facemtl.data.csv.columns import Columns, read_columns
from facemtl.data.csv.numbers import with_decimal_points
from facemtl.data.csv.read_rows import ReadRows
from facemtl.data.csv.rows import Labels, RowReader
from facemtl.data.csv.slow_reading import SlowReading
from facemtl.data.csv.split import (
    SPLITS,
    counted,
    split_cells,
    split_counts,
    split_of,
)
from facemtl.data.csv.table import Table
from facemtl.data.csv.tasks import declared_beside, read_declared
from facemtl.data.csv.text import read_table
from facemtl.data.faces import BadRows, Faces, checked_bad
from facemtl.data.settings import BOXES
from facemtl.errors import InputError, RowError
from facemtl.photos.images import FolderImages
from facemtl.tasks import Task

ALL = ""  # The split of all rows if a CSV has no column `split`.


def read_csv(
    path: str | Path,
    tasks: Sequence[Task] | None = None,
    bad: BadRows | None = None,
    split: str | None = None,
    boxes: str = "auto",
    tasks_file: str | Path = "",
) -> Faces:
    """Read faces from a CSV; see the module for its columns.

    Args:
        path: path of the CSV; `data/README.md` describes the accepted forms.
            `\\` in `file` becomes `/`.
        tasks: tasks of the columns. By default those of `tasks_file`, or
            those of `MTFL_TASKS` that have columns.
        bad: whether to stop at invalid rows (the default) or count them.
        split: `"train"`, `"val"` or `"test"` reads the rows of this split.
            None reads all rows, as does any split if there is no column
            `split` (see `csv_splits`).
        boxes: see the setting `data.boxes`.
        tasks_file: a TOML of tasks and class codes; by default `tasks.toml`
            in the folder of the CSV.

    Returns:
        The faces, in the order of the file, with rows such as
        `"faces.csv, row 3"`; the header is row 1. Tasks without columns are
        unlabelled. `notes` describe how codes were read.

    Raises:
        InputError: if the file or its header is invalid, at an invalid row, or
            if no row is left.

    Example:

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "faces.csv")
    ...     _ = file.write_text(
    ...         "file,left,top,right,bottom,smile\\n"
    ...         "anna.jpg,10,20,90,100,no\\n"
    ...     )
    ...     faces = read_csv(file)
    >>> faces.boxes.shape, faces.labels["smile"]
    ((1, 4), array([1], dtype=int32))
    """
    if split not in (None, *SPLITS):
        raise InputError(f"Expected a split of {SPLITS}. Received: {split!r}.")
    checked_choice("boxes", boxes, BOXES)
    bad = checked_bad(bad)
    return _open(path, tasks, tasks_file).faces(bad, split, boxes)[0]


def read_csv_parts(
    path: str | Path,
    tasks: Sequence[Task] | None,
    bad: BadRows,
    boxes: str = "auto",
    tasks_file: str | Path = "",
) -> dict[str, Faces]:
    """Read all faces of a CSV by split.

    Args:
        path, tasks, bad, boxes, tasks_file: see `read_csv`.

    Returns:
        The faces of each of `"train"`, `"val"` and `"test"` that has rows. If
        there is no column `split`, all faces under `ALL`.

    Raises:
        InputError: see `read_csv`.
    """
    csv = _open(path, tasks, tasks_file)
    faces, parts = csv.faces(bad, None, boxes)
    return {
        part: faces if (parts == part).all() else faces.select(parts == part)
        for part in (*SPLITS, ALL)
        if part in parts
    }


def csv_splits(path: str | Path) -> tuple[str, ...]:
    """Return the splits in a CSV's `split` column; `()` without the column.

    Raises:
        InputError: if the file, or every row of the column, is invalid.
    """
    cells = split_cells(read_table(path))
    if cells is None:
        return ()
    counts = split_counts(cells)
    return tuple(split for split in SPLITS if counts[split])


@dataclass(frozen=True)
class _Csv:
    """A CSV with its interpreted header and class columns."""

    table: Table
    columns: Columns
    classes: Mapping[str, ClassColumn]
    counts: Mapping[str, int] | None  # Rows by split, if there is a column.

    def faces(
        self, bad: BadRows, split: str | None, boxes: str
    ) -> tuple[Faces, np.ndarray]:
        """Return the faces of a split, or all, and (N,) their splits."""
        reader = RowReader(self.columns, self.classes, boxes)
        read = ReadRows(self.columns.tasks, len(self.table.rows))
        for row in self._read(reader, split, bad):
            read.add(*row)
        if not read.names:
            raise InputError(self._nothing(split, bad))
        faces = Faces(
            self.columns.tasks,
            FolderImages(self.table.path.parent),
            np.array(read.names),
            read.places(self.table.path.name),
            read.boxes[: len(read.names)],
            {name: x[: len(read.names)] for name, x in read.labels.items()},
            code_notes(self.classes.values()),
        )
        return faces, np.array(read.parts)

    def _read(
        self, reader: RowReader, split: str | None, bad: BadRows
    ) -> Iterator[tuple[str, str, int, np.ndarray, Labels]]:
        """Yield split, name, row, box and labels of a split's valid rows."""
        slow = SlowReading(self.table.path, len(self.table.rows))
        for i, (number, cells) in enumerate(self.table.rows):
            slow.at(i)
            row = dict(zip(self.columns.names, cells, strict=False))
            row["file"] = row.get("file", "").replace("\\", "/")
            try:
                check_length(cells, len(self.columns.names))
                part = ALL if self.counts is None else split_of(row["split"])
                if split is None or part in (ALL, split):
                    yield part, row["file"], number, *reader.read(row)
            except RowError as error:
                place = f"{self.table.path.name}, row {number}"
                where = f"{place} ({row['file']})"
                bad.report(where, error.reason, error.detail)

    def _nothing(self, split: str | None, bad: BadRows) -> str:
        """Return the error for a split without faces."""
        asked = f" of split '{split}'" if split else ""
        received = "none."
        if not self.table.rows:
            received = "none. The file ends after its header."
        elif self.counts is not None and split and not self.counts[split]:
            received = f"{counted(self.counts)}."
        return (
            f"{self.table.path}: expected at least one valid row{asked}. "
            f"Received: {received} {bad.summary()}".rstrip()
        )


def _open(
    path: str | Path, tasks: Sequence[Task] | None, tasks_file: str | Path
) -> _Csv:
    """Read a file and interpret its header and class columns."""
    listed = isinstance(tasks, list | tuple)
    if tasks is not None and not (
        listed and all(isinstance(task, Task) for task in tasks)
    ):
        raise InputError(
            f"Expected tasks as a list of facemtl.Task. Received: {tasks!r}."
        )
    table = read_table(path)
    declared = (
        read_declared(tasks_file) if tasks_file else declared_beside(table.path)
    )
    columns = read_columns(table, tasks, declared)
    declared.check_codes(columns.tasks)
    table = with_decimal_points(table, columns)
    classes = {
        task.name: ClassColumn(
            task,
            _cells(table, columns.names.index(task.name)),
            declared.codes.get(task.name),
        )
        for task in columns.labels
        if task.kind == "classes"
    }
    cells = split_cells(table)
    counts = None if cells is None else split_counts(cells)
    return _Csv(table, columns, classes, counts)


def _cells(table: Table, column: int) -> list[tuple[str, str]]:
    """Return position and content of a column's cells that are not empty."""
    return [
        (f"{table.path.name}, row {number}", cells[column])
        for number, cells in table.rows
        if len(cells) == len(table.header) and cells[column]
    ]
