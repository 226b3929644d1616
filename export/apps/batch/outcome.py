"""`Outcome`: what is told of a shard. No Ray and no pyarrow here."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

from .photo import Row


@dataclass(frozen=True)
class Outcome:
    """What is told of a shard.

    Attributes:
        name: of its file.
        photos, faces, empty, errors: how many; `empty` are photos that could
            be read and have no face.
        seconds: it took.
        memory: the most that its worker ever held, in MB.
        worker: its process.
        full: why its answers could not be written, or "".
        failure: what else went wrong, or "".
    """

    name: str
    photos: int = 0
    faces: int = 0
    empty: int = 0
    errors: int = 0
    seconds: float = 0.0
    memory: float = 0.0
    worker: int = 0
    full: str = ""
    failure: str = ""

    @classmethod
    def of_rows(
        cls, name: str, rows: Sequence[Row], seconds: float, memory: float
    ) -> "Outcome":
        """Of a shard that is written.

        Example:

        >>> rows = [{"faces": [], "error": None}, {"faces": [], "error": "no"}]
        >>> outcome = Outcome.of_rows("a", rows, 0.0, 0.0)
        >>> outcome.photos, outcome.empty, outcome.errors
        (2, 1, 1)
        """
        faces = [len(row["faces"]) for row in rows]
        errors = sum(row["error"] is not None for row in rows)
        return cls(
            name,
            photos=len(rows),
            faces=sum(faces),
            empty=faces.count(0) - errors,
            errors=errors,
            seconds=seconds,
            memory=memory,
            worker=os.getpid(),
        )
