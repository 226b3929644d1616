"""Readings in a process of their own, with limits of time and memory.

    python -m damaged.limited KIND

reads a model from each path that it is given, a line each, and says what came
of it, a line each, on standard output. Memory: the address space may grow by
`ROOM` once a whole model has been read. Time: of the processor, so that what
else a machine does is no fault; and a reading that waits is ended.
"""

import contextlib
import json
import os
import queue
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import IO

from facemtl.errors import InputError

LIMIT = 30.0  # seconds of the processor for one reading
LONGEST = 300.0  # seconds until it is ended
ROOM = 2_000_000_000  # bytes
NO_MEMORY = ("MemoryError", "bad_alloc", "bad alloc", "llocate memory", "OOM")


class Reader:
    """Reads models of a kind, each within the limits.

    Args:
        kind: of `model_wholes.KINDS`.
        whole: a whole model, read first.

    Attributes:
        expected: what the whole one gives.
        seconds: of the processor, of the last reading.
    """

    def __init__(self, kind: str, whole: Path) -> None:
        self._kind, self._whole = kind, whole
        self._start()

    def read(self, path: Path) -> str:
        """What a model gives, or `refused: …`, or what must not be."""
        said = self._ask(path)
        if said.startswith("ended"):
            self._start()
        return said

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        self._collector.join()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):  # of what was not sent
                    stream.close()

    def _start(self) -> None:
        """A new process, which has read the whole model."""
        root = Path(__file__).parents[2]
        paths = [str(root), os.environ.get("PYTHONPATH", "")]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "damaged.limited", self._kind],
            cwd=Path(__file__).parents[1],
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(filter(None, paths)),
                "TF_CPP_MIN_LOG_LEVEL": "3",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._lines: queue.Queue[str] = queue.Queue()
        self._collector = threading.Thread(
            target=_collect,
            args=(self._process.stdout, self._lines),
            daemon=True,
        )
        self._collector.start()
        self.expected = self._ask(self._whole)

    def _ask(self, path: Path) -> str:
        assert self._process.stdin is not None
        self.seconds = 0.0
        try:
            self._process.stdin.write(f"{path}\n")
            self._process.stdin.flush()
            answer = json.loads(self._lines.get(timeout=LONGEST))
        except queue.Empty:
            self.close()
            return f"ended: over {LONGEST:.0f} s"
        except (OSError, ValueError):
            self._process.wait()
            self.close()
            return f"ended: by status {self._process.returncode}"
        said, self.seconds = str(answer[0]), float(answer[1])
        return said if self.seconds <= LIMIT else f"slow: {self.seconds:.0f} s"


class Here:
    """The same in this process, without limits, for a few models."""

    def __init__(self, kind: str, whole: Path) -> None:
        self._load = _loader(kind)
        self.seconds = 0.0
        self.expected = self.read(whole)

    def read(self, path: Path) -> str:
        """As of `Reader`."""
        start = time.process_time()
        said = outcome(self._load, path)
        self.seconds = time.process_time() - start
        return said

    def close(self) -> None:
        """Nothing is to be ended."""


def _loader(kind: str) -> Callable[[Path], str]:
    load: Callable[[Path], str]
    load = import_module("damaged.model_wholes").KINDS[kind].load
    return load


def _collect(stream: IO[str], lines: "queue.Queue[str]") -> None:
    for line in stream:
        lines.put(line)
    lines.put("")  # no JSON: the process has ended


def outcome(load: Callable[[Path], str], path: Path) -> str:
    """What a reading gives, in a line."""
    try:
        found = load(path)
    except InputError as error:
        said = str(error)
        if len(said.splitlines()) != 1:
            return f"lines: {said[:200]!r}"
        if any(word in said for word in NO_MEMORY):
            return f"memory: {said[:200]}"
        return f"refused: {said}"
    except BaseException as error:
        return f"exception: {type(error).__name__}: {str(error)[:200]}"
    return f"read: {found}"


def main(kind: str) -> None:
    """Read until the input ends."""
    load, limited = _loader(kind), False
    for line in sys.stdin:
        # What libraries print is no result.
        start = time.process_time()
        with contextlib.redirect_stdout(sys.stderr):
            said = outcome(load, Path(line.rstrip("\n")))
        print(json.dumps([said, time.process_time() - start]), flush=True)
        if not limited:
            limited = True
            _limit_memory()


def _limit_memory() -> None:
    pages = int(Path("/proc/self/statm").read_text("utf-8").split()[0])
    most = pages * resource.getpagesize() + ROOM
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


if __name__ == "__main__":
    main(sys.argv[1])
