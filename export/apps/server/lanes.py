"""`Lane`: a queue for large requests, which does not block small ones."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from facemtl.export.apps.server.limits import Refused

T = TypeVar("T")


class Lane:
    """Some threads, and a queue for them.

    Args:
        threads: number of threads.
        waiting: maximum length of the queue.
        seconds: maximum wait.

    Example:

        lane = Lane(threads=1, waiting=4, seconds=30)
        faces = await lane.run(predict, photo)
    """

    def __init__(self, threads: int, waiting: int, seconds: float) -> None:
        self._threads = ThreadPoolExecutor(threads)
        self._most = threads + waiting
        self._seconds = seconds
        self._count = 0

    async def run(self, function: Callable[..., T], *args: object) -> T:
        """Run a function on a thread; return its result.

        Raises:
            Refused: 429 if the queue is full, or the wait is too long.
        """
        if self._count >= self._most:
            raise busy()
        self._count += 1
        latest = time.monotonic() + self._seconds
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(
                self._threads, _in_time, latest, function, *args
            )
        finally:
            self._count -= 1


def busy() -> Refused:
    """Return the refusal of a request that would wait too long."""
    return Refused(
        429,
        "Expected fewer large photos, or faces, at a time. Received: more than "
        "can wait; send it again later.",
    )


def _in_time(latest: float, function: Callable[..., T], *args: object) -> T:
    if time.monotonic() > latest:
        raise busy()
    return function(*args)
