"""The progress of a study and its remaining time."""

import sys
import threading
import time
from collections.abc import Sequence
from typing import Any

from facemtl.process.streams import on_terminal
from facemtl.studies.run import Run
from facemtl.words import plural

# Folders of first phases (`facemtl.training.phases`).
FIRST_PHASES = ("alone", "heads")

SECONDS = 2.0  # between two updates


class StudyProgress:
    """Print the progress of all runs and the remaining time.

    Use it in a `with` block. On a terminal, it updates one line in place;
    elsewhere, it prints a line each time a run ends.

    Args:
        runs: the runs to train, with their configurations.
        total: the number of runs in the study, including finished ones.
        faces: the number of training faces of each run to train.
    """

    def __init__(
        self, runs: Sequence[Run], total: int, faces: Sequence[int]
    ) -> None:
        self.runs = runs
        self.total = total
        self.before = total - len(runs)
        self.sizes = [
            _passes(run.config, n) for run, n in zip(runs, faces, strict=True)
        ]
        self.start = time.monotonic()
        self.first = self._faces_done()
        self.shown = -1  # finished runs at the last line
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "StudyProgress":
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stop.set()
        self._thread.join()
        self._show()
        if on_terminal(sys.stdout):
            print()

    def line(self) -> str:
        """Return e.g. `12 of 55 runs, 31 % of the work to do, 0:48:10 left`."""
        ended = sum(run.report_file.is_file() for run in self.runs)
        done, whole = self._faces_done(), sum(self.sizes)
        elapsed = time.monotonic() - self.start
        speed = (done - self.first) / elapsed if elapsed else 0.0
        share = int(100 * done / whole)  # 100 after the last run
        # An open run counts at least one second.
        least = 1.0 if ended < len(self.runs) else 0.0
        seconds = max((whole - done) / speed, least) if speed else None
        left = "unknown time" if seconds is None else _clock(seconds)
        return (
            f"{self.before + ended} of {self.total} "
            f"{plural(self.total, 'run')}, {share} % of the work to do, "
            f"{left} left"
        )

    def _faces_done(self) -> float:
        """Return the number of training faces processed in all runs."""
        return sum(
            size * _share_done(run)
            for run, size in zip(self.runs, self.sizes, strict=True)
        )

    def _watch(self) -> None:
        while not self._stop.wait(SECONDS):
            self._show()

    def _show(self) -> None:
        ended = sum(run.report_file.is_file() for run in self.runs)
        if on_terminal(sys.stdout):
            print(f"\r\033[K{self.line()}", end="", flush=True)
        elif ended != self.shown:
            print(self.line(), flush=True)
        self.shown = ended


def _passes(config: dict[str, Any], faces: int) -> int:
    """Return how many faces pass through the network in a run's training."""
    train = config["train"]
    least = train["epoch_steps"] * train["batch_size"]
    return _epochs(config) * max(faces, least)


def _epochs(config: dict[str, Any]) -> int:
    """Return the epochs of all phases of a run."""
    train = config["train"]
    return int(train["epochs"] + train["alone_epochs"])


def _share_done(run: Run) -> float:
    """Return the finished share of a run, 0 to 1, from its history."""
    if run.report_file.is_file():
        return 1.0
    folders = (run.folder, *(run.folder / name for name in FIRST_PHASES))
    files = (folder / "history.csv" for folder in folders)
    lines = sum(
        max(len(file.read_bytes().splitlines()) - 1, 0)
        for file in files
        if file.is_file()
    )
    return min(lines / _epochs(run.config), 0.99)


def _clock(seconds: float) -> str:
    minutes, seconds = divmod(int(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"
