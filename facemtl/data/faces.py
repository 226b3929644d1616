"""`Faces`: the table of labelled faces that every reader returns."""

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
    """How to handle invalid rows: stop at the first, or skip and count them.

    Attributes:
        skip: if True, skip invalid rows instead of raising an error.
        counts: number of skipped rows per reason.
        rows: (where, reason, detail) of every skipped row. `where` names the
            file, the row and the photo.

    Example:

    >>> bad = BadRows(skip=True)
    >>> bad.report("faces.csv, row 3", "inverted box", "left 9, right 2")
    >>> bad.summary()
    '1 invalid row skipped: 1 inverted box'
    """

    skip: bool = False
    counts: Counter[str] = field(default_factory=Counter)
    rows: list[tuple[str, str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        checked_flag("skip", self.skip)

    def report(self, where: str, reason: str, detail: str) -> None:
        """Raise an `InputError`, or skip and count the row.

        Args:
            where: the file and row.
            reason: the kind of fault.
            detail: the received value.

        Raises:
            InputError: unless `skip` is True.
        """
        if not self.skip:
            raise InputError(f"{where}: {reason}: {detail}. {ADVICE}")
        self.leave_out(where, reason, detail)

    def leave_out(self, where: str, reason: str, detail: str) -> None:
        """Skip and count a row, even if `skip` is False."""
        self.counts[reason] += 1
        self.rows.append((where, reason, detail))

    def lines(self) -> list[str]:
        """Return one line per skipped row."""
        return [printable(": ".join(row)) for row in self.rows]

    @property
    def first(self) -> dict[str, str]:
        """The first skipped row of each reason, as one line."""
        lines: dict[str, str] = {}
        for row in self.rows:
            lines.setdefault(row[1], printable(": ".join(row)))
        return lines

    def distinct(self) -> "BadRows":
        """Return a copy without repeated rows.

        Rows repeat after the same faces were read twice.
        """
        once = BadRows(self.skip)
        for row in dict.fromkeys(self.rows):
            once.leave_out(*row)
        return once

    def write(self, file: Path) -> None:
        """Write the skipped rows to a CSV; delete it if there are none."""
        if not self.rows:
            file.unlink(missing_ok=True)
            return
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        for row in (("where", "reason", "detail"), *self.rows):
            writer.writerow(map(written_cell, row))
        write_whole(text.getvalue(), file)

    def summary(self) -> str:
        """Return the counts per reason in one line; "" if none was skipped."""
        n = self.counts.total()
        reasons = ", ".join(f"{k} {r}" for r, k in self.counts.most_common())
        return f"{n} invalid {plural(n, 'row')} skipped: {reasons}" if n else ""


def checked_bad(bad: BadRows | None) -> BadRows:
    """Return `bad`, or a `BadRows` that stops at the first invalid row.

    Raises:
        InputError: if `bad` is not a `BadRows`, for example if it is True.
    """
    if bad is not None and not isinstance(bad, BadRows):
        raise InputError(
            "Expected bad as facemtl.BadRows, such as BadRows(skip=True). "
            f"Received: {bad!r}."
        )
    return BadRows() if bad is None else bad


@dataclass(frozen=True)
class Faces:
    """A table of N labelled faces.

    Attributes:
        tasks: the tasks that the faces are labelled for.
        images: reads photos by name.
        names: (N,) photo names, with `/` between folders.
        rows: (N,) the file and row of each face, such as
            `"training.txt, row 3"`.
        boxes: (N, 4) float64: left, top, right, bottom in pixels.
        labels: one array per task (see `facemtl.tasks`). Points are in pixels;
            (0, 0) is the centre of the first pixel.
        notes: lines about how the labels were read, for the user to check.
        sources: (N,) int, the source of each face in a run with several; 0 is
            `data.source`. None: all faces are from one source.

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
    sources: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.names)

    def where(self, i: int) -> str:
        """Return the file, row and photo of face `i` for an error message."""
        return f"{self.rows[i]} ({self.names[i]})"

    def rows_by_photo(self) -> list[list[int]]:
        """Group the indices of the faces by photo.

        Each photo then needs to be decoded only once.
        """
        rows: dict[str, list[int]] = {}
        for i, name in enumerate(self.names.tolist()):
            rows.setdefault(name, []).append(i)
        return list(rows.values())

    def select(self, index: np.ndarray) -> "Faces":
        """Return the faces at `index`, in its order.

        Args:
            index: integers, or a (N,) bool mask.
        """
        return replace(
            self,
            names=self.names[index],
            rows=self.rows[index],
            boxes=self.boxes[index],
            labels={task: label[index] for task, label in self.labels.items()},
            sources=None if self.sources is None else self.sources[index],
        )

    def source_numbers(self) -> np.ndarray:
        """Return (N,) int, the source of each face; 0 is the main one."""
        if self.sources is None:
            return np.zeros(len(self), int)
        return self.sources

    def of_main(self) -> "Faces":
        """Return the faces of the main source only."""
        return self if self.sources is None else self.select(self.sources == 0)

    def only(self, tasks: tuple[Task, ...]) -> "Faces":
        """Return the same faces with labels for `tasks` only.

        Tasks that the faces are not labelled for get missing labels. A
        normalizer of the faces' own task has priority over that in `tasks`.

        Raises:
            InputError: if a task has other names here than in `tasks`.
        """
        known = {task.name: task for task in self.tasks}
        for task in tasks:
            if task.name in known and not task.learns_as(known[task.name]):
                raise InputError(
                    f"Task '{task.name}': expected {list(task.names)} as in "
                    f"the model. Received: {list(known[task.name].names)}."
                )
        labels = {
            task.name: self.labels.get(task.name, task.no_labels(len(self)))
            for task in tasks
        }
        own = (known.get(task.name, task).normalizer for task in tasks)
        tasks = tuple(
            replace(task, normalizer=normalizer or task.normalizer)
            for task, normalizer in zip(tasks, own, strict=True)
        )
        return replace(self, tasks=tasks, labels=labels)

    def labelled_tasks(self) -> tuple[Task, ...]:
        """Return the tasks for which at least one face has a label."""
        return tuple(
            task
            for task in self.tasks
            if task.is_labelled(self.labels[task.name]).any()
        )

    def including(self, tasks: tuple[Task, ...]) -> "Faces":
        """Return the faces as `only` does, and append all other tasks."""
        known = {task.name for task in tasks}
        further = tuple(t for t in self.tasks if t.name not in known)
        return self.only(tasks + further)
