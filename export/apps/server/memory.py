"""The memory of a server and its workers over time."""

import threading
from typing import Any

import psutil

EVERY = 1.0  # seconds


class Memory:
    """Sample the resident memory, in MB, of a process and its children.

    Example:

        with Memory(process.pid) as memory:
            ...
        print(memory.numbers()["last_tenth"])

    Args:
        pid: the process.
        every: seconds between two samples.
    """

    def __init__(self, pid: int, every: float = EVERY) -> None:
        self._every = every
        self._process = psutil.Process(pid)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.samples: list[float] = []

    def __enter__(self) -> "Memory":
        self._thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(self._every):
            tree = [self._process, *self._process.children(recursive=True)]
            self.samples.append(sum(map(_used, tree)) / 1e6)

    def numbers(self) -> dict[str, float]:
        """Return means of the first and last tenth of the time, and peak."""
        tenth = max(1, len(self.samples) // 10)
        return {
            "first_tenth_mb": round(sum(self.samples[:tenth]) / tenth),
            "last_tenth_mb": round(sum(self.samples[-tenth:]) / tenth),
            "most_mb": round(max(self.samples)),
        }


def _used(process: psutil.Process) -> int:
    try:
        return process.memory_info().rss
    except psutil.NoSuchProcess:  # The process has just ended.
        return 0
