"""Collection of the faces that are read from a CSV."""

from collections.abc import Sequence

import numpy as np

from facemtl.data.csv.rows import Labels
from facemtl.tasks import Task


class ReadRows:
    """Boxes and labels of the rows read so far.

    Args:
        tasks: the tasks of the labels.
        n: largest number of rows.
    """

    def __init__(self, tasks: Sequence[Task], n: int) -> None:
        self.parts: list[str] = []
        self.names: list[str] = []
        self.numbers = np.empty(n, np.int64)
        self.boxes = np.empty((n, 4))
        self.labels = {task.name: task.no_labels(n) for task in tasks}

    def add(
        self, part: str, name: str, number: int, box: np.ndarray, found: Labels
    ) -> None:
        """Add one face; labels that are not in `found` stay missing."""
        i = len(self.names)
        self.parts.append(part)
        self.names.append(name)
        self.numbers[i], self.boxes[i] = number, box
        for task, label in found.items():
            self.labels[task][i] = label

    def places(self, file: str) -> np.ndarray:
        """Return (N,) positions of the faces in the file."""
        numbers = self.numbers[: len(self.names)].tolist()
        return np.array([f"{file}, row {number}" for number in numbers])
