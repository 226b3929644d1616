"""The moments at which commands are killed."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

EVERY = 0.003  # seconds between two checks of the files
# Shares of the kinds: half by the clock, a third at a file's change.
KINDS = ("start", "work", "work", "work", "file", "file")
PATIENCE = 30.0  # seconds for child processes of a killed one to end


class Pace(NamedTuple):
    """The timing of an undisturbed command.

    Attributes:
        begun: seconds until its first output.
        seconds: seconds until its end.
        changes: number of observed changes of its files.
    """

    begun: float
    seconds: float
    changes: int


@dataclass(frozen=True)
class Moment:
    """The moment of a kill.

    Attributes:
        kind: `start`, seconds after the start; `work`, seconds after the first
            file; `file`, immediately after a number of changes of files.
        number: seconds, or changes.
        group: whether to kill all processes, or the first one only.
    """

    kind: str
    number: float
    group: bool

    def has_come(self, elapsed: float, begun: float | None, n: int) -> bool:
        """Whether the moment has come, from times and number of changes."""
        if self.kind == "start":
            return elapsed >= self.number
        if self.kind == "file":
            return n >= self.number
        return begun is not None and elapsed - begun >= self.number

    def __str__(self) -> str:
        what = "all" if self.group else "the first"
        unit = "changes" if self.kind == "file" else "s"
        return f"{self.kind} {self.number:.3g} {unit}, {what}"


def any_moment(pace: Pace, rng: random.Random) -> Moment:
    """Draw a random moment for a command."""
    kind = rng.choice(KINDS)
    number = {
        "start": rng.uniform(0, pace.begun),
        "work": rng.uniform(0, pace.seconds - pace.begun),
        "file": float(rng.randint(1, max(1, pace.changes))),
    }[kind]
    return Moment(kind, number, rng.random() < 0.5)


def watch(
    process: subprocess.Popen[Any], folder: Path, moment: Moment | None = None
) -> Pace:
    """Wait for a command's end, or kill it at a moment.

    Args:
        process: leader of a process group.
        folder: output folder of the command.
        moment: None to wait for the end.
    """
    try:
        return _watch(process, folder, moment)
    except BaseException:  # Ctrl-C does not reach another process group.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        raise


def _watch(
    process: subprocess.Popen[Any], folder: Path, moment: Moment | None
) -> Pace:
    started, begun, changes = time.monotonic(), None, 0
    before = files_of(folder)
    while process.poll() is None:
        now, elapsed = files_of(folder), time.monotonic() - started
        if now != before:
            begun = elapsed if begun is None else begun
            before, changes = now, changes + 1
        if moment and moment.has_come(elapsed, begun, changes):
            kill = os.killpg if moment.group else os.kill
            kill(process.pid, signal.SIGKILL)
            process.wait()
        time.sleep(EVERY)
    return Pace(begun or 0.0, time.monotonic() - started, changes)


def files_of(folder: Path) -> dict[str, tuple[int, int]]:
    """Return {file: (modification time, bytes)} of all files in a folder."""
    found = {}
    for parent, _, names in os.walk(folder):
        for name in names:
            file = os.path.join(parent, name)  # noqa: PTH118 (fast)
            try:
                status = os.stat(file)  # noqa: PTH116
            except FileNotFoundError:  # It was removed meanwhile.
                continue
            found[file] = status.st_mtime_ns, status.st_size
    return found


def ends_soon(group: int) -> bool:
    """Whether all processes of a group end by themselves."""
    return _soon(lambda: not _lives(group))


def _soon(true: Callable[[], bool]) -> bool:
    until = time.monotonic() + PATIENCE
    while not (met := true()) and time.monotonic() < until:
        time.sleep(0.05)
    return met


def _lives(group: int) -> bool:
    """Whether a process of the group runs; on Linux, zombies do not count."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    processes = Path("/proc").glob("[0-9]*/stat")
    states = [_state(file) for file in processes]
    return not states or any(
        own == group and state != "Z" for own, state in states
    )


def _state(stat: Path) -> tuple[int, str]:
    """Return a process's group and state; 0 if it has just ended."""
    try:
        # These follow its name, which may contain any character.
        words = stat.read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return 0, ""
    return int(words[2]), words[0]
