"""Counts of a shard and of a start. No Ray and no pyarrow here."""

import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from facemtl.words import plural

from .photo import Row

EVERY = 10.0  # seconds between two lines of progress


@dataclass(frozen=True)
class Outcome:
    """The result of a shard.

    Attributes:
        name: name of its file.
        photos, faces, empty, errors: counts; `empty` are readable photos
            without a face.
        seconds: processing time.
        memory: peak memory of its worker, in MB.
        worker: process of its worker.
        full: why its rows could not be written, or "".
        failure: another error, or "".
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
        """Return the outcome of a written shard.

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


@dataclass
class Summary:
    """Counts of one start.

    Attributes:
        shards, photos: numbers of unfinished ones at the start.
        outcomes: results so far.
        started: time of the start.
    """

    shards: int
    photos: int
    outcomes: list[Outcome] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)
    _told: float = field(default_factory=time.monotonic)

    def add(self, outcome: Outcome) -> None:
        """Count a shard; print progress from time to time."""
        self.outcomes.append(outcome)
        now = time.monotonic()
        if now - self._told >= EVERY:
            self._told = now
            print(self.progress(), file=sys.stderr, flush=True)

    def total(self, name: str) -> Any:
        """Return the sum of one of `Outcome`'s counts."""
        return sum(getattr(outcome, name) for outcome in self.outcomes)

    def progress(self) -> str:
        """Return the progress of the start.

        Example:

        >>> Summary(4, 400, [Outcome("a", photos=100)], 0.0).progress()
        '1 of 4 shards, 100 of 400 photos, ... photos/s'
        """
        photos, seconds = self.total("photos"), self.seconds()
        return (
            f"{len(self.outcomes):,} of {self.shards:,} "
            f"{plural(self.shards, 'shard')}, {photos:,} of {self.photos:,} "
            f"{plural(self.photos, 'photo')}, "
            f"{photos / seconds:.1f} photos/s"
        )

    def seconds(self) -> float:
        """Return the time since the start, including Ray's start."""
        return time.monotonic() - self.started

    def last_line(self) -> str:
        """Return all counts.

        Example:

        >>> print(Summary(1, 2, [Outcome("a", 2, 3, 0, 1)]).last_line())
        2 photos: 3 faces in 1 of them, 0 without a face, 1 with an error; ...
        """
        photos, errors = self.total("photos"), self.total("errors")
        empty, faces = self.total("empty"), self.total("faces")
        return (
            f"{photos:,} {plural(photos, 'photo')}: "
            f"{faces:,} {plural(faces, 'face')} in "
            f"{photos - errors - empty:,} of them, {empty:,} without a face, "
            f"{errors:,} with an error; {self.seconds():.0f} s, "
            f"{self.most_memory():.0f} MB a worker at most."
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the content of `summary.json`; seconds and MB."""
        counts = ("photos", "faces", "empty", "errors")
        return {
            "shards": len(self.outcomes),
            **{name: self.total(name) for name in counts},
            "seconds": round(self.seconds(), 2),
            "seconds of workers": round(self.total("seconds"), 2),
            "MB of a worker": round(self.most_memory()),
            "workers": len({x.worker for x in self.outcomes if x.worker}),
        }

    def most_memory(self) -> float:
        """Return the peak memory of any worker, in MB."""
        return max((x.memory for x in self.outcomes), default=0.0)
