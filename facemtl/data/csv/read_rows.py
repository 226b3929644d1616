"""The faces of a CSV's rows, as they are read."""

from collections.abc import Sequence

import numpy as np

from facemtl.data.csv.rows import Labels
from facemtl.tasks import Task


class ReadRows:
    """What is read of the rows so far.

    Args:
        tasks: what the faces are labelled for.
        n: the most rows there can be.
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
        """One face; what it has no label for stays missing."""
        i = len(self.names)
        self.parts.append(part)
        self.names.append(name)
        self.numbers[i], self.boxes[i] = number, box
        for task, label in found.items():
            self.labels[task][i] = label

    def places(self, file: str) -> np.ndarray:
        """(N,) where the faces stand."""
        numbers = self.numbers[: len(self.names)].tolist()
        return np.array([f"{file}, row {number}" for number in numbers])
