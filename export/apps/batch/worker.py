"""`Worker`: a Ray actor with a Predictor, which writes one file per shard."""

import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import cv2
import numpy as np

from facemtl.inference.predictor import Predictor
from facemtl.process.environment import peak_memory

from .journal import DEATHS, Journal
from .photo import Row, answer, blank
from .shards import Shard
from .summary import Outcome
from .tables import (
    SourceError,
    is_finished,
    output_schema,
    rows_of,
    write_rows,
)


class Worker:
    """Process shards.

    Args:
        model: a network for `Predictor.load`.
        faces: the output folder.
        megapixels: maximum size of a photo.
    """

    def __init__(self, model: str, faces: str, megapixels: float) -> None:
        cv2.setNumThreads(1)
        self._predictor = Predictor.load(model)
        self._schema = output_schema(self._predictor.network.tasks)
        self._faces = Path(faces)
        self._megapixels = megapixels

    def __call__(self, batch: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Process a batch of shards for Ray.

        Args:
            batch: columns of shards, named after the fields of `Shard`.

        Returns:
            Columns of their outcomes.
        """
        columns = [column.tolist() for column in batch.values()]
        outcomes = [
            asdict(self.finish(Shard(**dict(zip(batch, row, strict=True)))))
            for row in zip(*columns, strict=True)
        ]
        return {
            name: np.array([outcome[name] for outcome in outcomes])
            for name in outcomes[0]
        }

    def finish(self, shard: Shard) -> Outcome:
        """Process a shard and write its file, unless it exists."""
        if is_finished(shard, self._faces):  # by a worker that died afterwards
            return Outcome(shard.name)
        start = time.perf_counter()
        file = self._faces / shard.name
        try:
            with Journal(file) as journal:
                rows = list(self._rows(shard, journal))
            write_rows(rows, self._schema, file)
        except OSError as error:
            return Outcome(shard.name, full=error.strerror or str(error))
        except Exception as error:  # The other shards continue in any case.
            reason = " ".join(str(error).split())
            reason = f"{type(error).__name__}: {reason}"
            return Outcome(shard.name, failure=reason)
        return Outcome.of_rows(
            shard.name, rows, time.perf_counter() - start, peak_memory()
        )

    def _rows(self, shard: Shard, journal: Journal) -> Iterator[Row]:
        """Yield a row per photo, even if the source is damaged."""
        answers = self._answers(shard, journal)
        for i in range(shard.photos):
            row = next(answers, None)
            if row is None:
                row = blank(None, f"Expected a row in {shard.path}.")
            yield {"source": shard.source, "row": shard.first + i, **row}

    def _answers(self, shard: Shard, journal: Journal) -> Iterator[Row]:
        root, limit = Path(shard.root), self._megapixels
        try:
            for i, asked in enumerate(rows_of(shard)):
                if i in journal.deadly:
                    reason = f"{DEATHS} workers died of this photo."
                    yield blank(asked.file, reason)
                    continue
                journal.at(i)
                yield answer(asked, self._predictor, root, limit)
        except SourceError as error:
            while True:
                yield blank(None, str(error))
