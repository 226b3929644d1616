"""When a command is killed, and what is killed of it."""

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

EVERY = 0.003  # seconds between two looks at the files
# How often each kind comes: half by the clock, a third beside a file's change.
KINDS = ("start", "work", "work", "work", "file", "file")
PATIENCE = 30.0  # seconds for processes that a killed one has started


class Pace(NamedTuple):
    """How an unbroken command went.

    Attributes:
        begun: seconds until it first wrote.
        seconds: until its end.
        changes: how often its files were seen to change.
    """

    begun: float
    seconds: float
    changes: int


@dataclass(frozen=True)
class Moment:
    """When a command is killed.

    Attributes:
        kind: `start`, so many seconds after it; `work`, so many after its
            first file; `file`, at once when its files have changed so often.
        number: seconds, or changes.
        group: whether all of its processes are killed, or the first alone.
    """

    kind: str
    number: float
    group: bool

    def has_come(self, elapsed: float, begun: float | None, n: int) -> bool:
        """Whether it has, by seconds, those of the first file, and changes."""
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
    """A random moment of a command that goes at a pace."""
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
        process: the first of a process group.
        folder: that it writes into.
        moment: None to let it go on.
    """
    try:
        return _watch(process, folder, moment)
    except BaseException:  # Ctrl-C does not reach a group of its own.
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
    """{file: (time of change, bytes)}, of all below a folder."""
    found = {}
    for parent, _, names in os.walk(folder):
        for name in names:
            file = os.path.join(parent, name)  # noqa: PTH118 (fast)
            try:
                status = os.stat(file)  # noqa: PTH116
            except FileNotFoundError:  # It was there a moment ago.
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
    """Whether a process of the group runs; on Linux, one that is no zombie."""
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
    """A process's group and state; 0 if it has just ended."""
    try:
        # Behind its name, which may hold anything.
        words = stat.read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return 0, ""
    return int(words[2]), words[0]
