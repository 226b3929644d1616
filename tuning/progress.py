"""The progress of a search: a line per trial, and a live line on a terminal."""

import sys
import threading
import time
from pathlib import Path
from typing import Any

from facemtl.process.streams import on_terminal
from facemtl.words import plural

SECONDS = 2.0  # between two updates


class SearchProgress:
    """Report finished trials, and running ones on a terminal.

    Use it in a `with` block, with `on_end` as the oracle's callback.

    Args:
        oracle: the oracle of the trials.
        folder: folder of the trials.
    """

    def __init__(self, oracle: Any, folder: Path) -> None:
        self.oracle = oracle
        self.folder = folder
        self.start = time.monotonic()
        self.before = len(oracle.end_order)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "SearchProgress":
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._over.set()
        self._thread.join()
        if on_terminal(sys.stdout):
            print("\r\033[K", end="")

    def on_end(self, oracle: Any, trial: Any) -> None:
        """Print a line about a finished trial."""
        clear = "\r\033[K" if on_terminal(sys.stdout) else ""
        if trial.status == "COMPLETED":
            said = f"{trial.score:.3f}, {_epochs(trial)}"
        else:
            said = f"failed: {self._reason(trial)}"
        print(
            f"{clear}trial {trial.trial_id}: {said}. {self.line()}", flush=True
        )

    def line(self) -> str:
        """Return e.g. `12 of 60 trials, best 1.973 (0007), 0:24:10 left`."""
        ended = len(dict.fromkeys(self.oracle.end_order))
        most = self.oracle.max_trials
        parts = [f"{ended} of {most} {plural(most, 'trial')}"]
        done = [
            x for x in self.oracle.trials.values() if x.status == "COMPLETED"
        ]
        if done:
            best = min(done, key=lambda trial: trial.score)
            parts.append(f"best {best.score:.3f} ({best.trial_id})")
        if ended > self.before:
            seconds = (time.monotonic() - self.start) / (ended - self.before)
            # Report at least one minute.
            left = max(int(seconds * (most - ended)), 60) if most > ended else 0
            parts.append(f"about {left // 3600}:{left // 60 % 60:02d} h left")
        return ", ".join(parts)

    def _reason(self, trial: Any) -> str:
        # KerasTuner's messages between processes omit the reason.
        file = self.folder / f"trial_{trial.trial_id}" / "error.txt"
        if trial.message:
            return str(trial.message)
        if file.is_file():
            return file.read_text(encoding="utf-8")
        return "see the worker's own output"

    def _watch(self) -> None:
        while on_terminal(sys.stdout) and not self._over.wait(SECONDS):
            running = [
                f"{trial.trial_id} epoch {self._epoch(trial)}"
                for trial in list(self.oracle.ongoing_trials.values())
            ]
            line = f"{self.line()}; running: {', '.join(running) or 'none'}"
            print(f"\r\033[K{line}", end="", flush=True)

    def _epoch(self, trial: Any) -> int:
        """Return the current epoch of a trial."""
        name = f"trial_{trial.trial_id}"
        file = self.folder / name / "run" / "history.csv"
        if not file.is_file():
            return 1
        return len(file.read_bytes().splitlines())


def _epochs(trial: Any) -> str:
    values = trial.hyperparameters.values
    epochs = values.get("tuner/epochs")
    return f"{epochs} {plural(epochs, 'epoch')}" if epochs else "all epochs"
