"""`Faces`: the one table that every dataset becomes."""

import csv
import io
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from facemtl.arguments import checked_flag
from facemtl.errors import InputError
from facemtl.files.csv_cells import written_cell
from facemtl.files.writing import write_whole
from facemtl.photos.images import Images
from facemtl.tasks import Task
from facemtl.words import plural, printable

ADVICE = (
    "Correct the row, or skip such rows with --skip-bad (in Python: "
    "skip_bad=True or BadRows(skip=True))."
)


@dataclass
class BadRows:
    """Stop at the first bad row, or with `skip=True` count and list it.

    Attributes:
        skip: whether to go on.
        counts: skipped rows by reason.
        rows: every skipped row: where (file, row and photo), reason, detail.

    Example:

    >>> bad = BadRows(skip=True)
    >>> bad.report("faces.csv, row 3", "inverted box", "left 9, right 2")
    >>> bad.summary()
    '1 bad row skipped: 1 inverted box'
    """

    skip: bool = False
    counts: Counter[str] = field(default_factory=Counter)
    rows: list[tuple[str, str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        checked_flag("skip", self.skip)

    def report(self, where: str, reason: str, detail: str) -> None:
        """Raise, or count. `where` names file and row, `detail` what came."""
        if not self.skip:
            raise InputError(f"{where}: {reason}: {detail}. {ADVICE}")
        self.leave_out(where, reason, detail)

    def leave_out(self, where: str, reason: str, detail: str) -> None:
        """Count a row that is skipped in any case."""
        self.counts[reason] += 1
        self.rows.append((where, reason, detail))

    def lines(self) -> list[str]:
        """Every skipped row in a line."""
        return [printable(": ".join(row)) for row in self.rows]

    @property
    def first(self) -> dict[str, str]:
        """{reason: the first row skipped for it, in a line}."""
        lines: dict[str, str] = {}
        for row in self.rows:
            lines.setdefault(row[1], printable(": ".join(row)))
        return lines

    def distinct(self) -> "BadRows":
        """The same with every row once, as after reading faces twice."""
        once = BadRows(self.skip)
        for row in dict.fromkeys(self.rows):
            once.leave_out(*row)
        return once

    def write(self, file: Path) -> None:
        """List the skipped rows in a CSV; none leave no file behind."""
        if not self.rows:
            file.unlink(missing_ok=True)
            return
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        for row in (("where", "reason", "detail"), *self.rows):
            writer.writerow(map(written_cell, row))
        write_whole(text.getvalue(), file)

    def summary(self) -> str:
        """One line of counts by reason; empty where nothing was skipped."""
        n = self.counts.total()
        reasons = ", ".join(f"{k} {r}" for r, k in self.counts.most_common())
        return f"{n} bad {plural(n, 'row')} skipped: {reasons}" if n else ""


def checked_bad(bad: BadRows | None) -> BadRows:
    """What to do with bad rows; by default, stop at the first.

    Raises:
        InputError: for anything but `BadRows`, such as True.
    """
    if bad is not None and not isinstance(bad, BadRows):
        raise InputError(
            "Expected bad as facemtl.BadRows, such as BadRows(skip=True). "
            f"Received: {bad!r}."
        )
    return BadRows() if bad is None else bad


@dataclass(frozen=True)
class Faces:
    """N labelled faces of one source.

    Attributes:
        tasks: what the labels are about.
        images: reads the photos by name.
        names: (N,) photo names, `/` between folders.
        rows: (N,) where each row stands, as `"training.txt, row 3"`.
        boxes: (N, 4) float64: left, top, right, bottom in pixels.
        labels: one array a task (see `facemtl.tasks`). Points are pixels,
            counted from 0 at the centre of the first pixel.
        notes: lines about how the labels were read, for the user to check.

    Example:

    >>> from facemtl.photos.images import FolderImages
    >>> from facemtl.tasks import SMILE
    >>> names = np.array(["a.jpg", "b.jpg", "b.jpg"])
    >>> rows = np.array(["row 1", "row 2", "row 3"])
    >>> boxes = np.array([[10.0, 20.0, 50.0, 60.0]] * 3)
    >>> labels = {"smile": np.array([0, 1, -1])}  # -1: not labelled
    >>> images = FolderImages("photos")
    >>> faces = Faces((SMILE,), images, names, rows, boxes, labels)
    >>> smiling = faces.select(labels["smile"] == 0)
    >>> len(faces), len(smiling), faces.where(2)
    (3, 1, 'row 3 (b.jpg)')
    """

    tasks: tuple[Task, ...]
    images: Images
    names: np.ndarray
    rows: np.ndarray
    boxes: np.ndarray
    labels: dict[str, np.ndarray]
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.names)

    def where(self, i: int) -> str:
        """Face `i` for an error message: file, row and photo."""
        return f"{self.rows[i]} ({self.names[i]})"

    def rows_by_photo(self) -> list[list[int]]:
        """The faces of each photo, so that it need be decoded only once."""
        rows: dict[str, list[int]] = {}
        for i, name in enumerate(self.names.tolist()):
            rows.setdefault(name, []).append(i)
        return list(rows.values())

    def select(self, index: np.ndarray) -> "Faces":
        """The faces of `index` (integers or a (N,) bool mask), in its order."""
        return replace(
            self,
            names=self.names[index],
            rows=self.rows[index],
            boxes=self.boxes[index],
            labels={task: label[index] for task, label in self.labels.items()},
        )

    def only(self, tasks: tuple[Task, ...]) -> "Faces":
        """The same faces, labelled for `tasks`; unknown labels are missing."""
        known = {task.name: task for task in self.tasks}
        for task in tasks:
            if task.name in known and known[task.name] != task:
                raise InputError(
                    f"Task '{task.name}': expected {list(task.names)} as in "
                    f"the model. Received: {list(known[task.name].names)}."
                )
        labels = {
            task.name: self.labels.get(task.name, task.no_labels(len(self)))
            for task in tasks
        }
        return replace(self, tasks=tasks, labels=labels)

    def including(self, tasks: tuple[Task, ...]) -> "Faces":
        """As `only`, but labels of further tasks stay, behind them."""
        known = {task.name for task in tasks}
        further = tuple(t for t in self.tasks if t.name not in known)
        return self.only(tasks + further)
