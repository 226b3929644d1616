"""Read request bodies within limits of size, time and memory."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from facemtl.export.apps.server.limits import MILLION, Limits, Refused

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
# Requests of at most this many bytes do not count as large, so that large ones
# never block small ones.
SMALL = 256 * 1024


class Gone(Exception):
    """The client disconnected before its request was complete."""


class Bodies:
    """All requests that are being received or processed.

    Args:
        limits: limits of each request, and of all together.

    Example:

        hold = bodies.hold()
        try:
            body = await hold.read(receive)
        finally:
            hold.release()
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.large = 0  # bytes
        self.working = 0  # requests

    def hold(self) -> "Hold":
        """Return a slot for one more request."""
        return Hold(self)


class Hold:
    """The slot of one request; `release` returns its resources."""

    def __init__(self, bodies: Bodies) -> None:
        self._bodies = bodies
        self._large = 0
        self._works = False
        self.whole = False

    async def read(self, receive: Receive) -> bytes:
        """Read the whole body.

        Args:
            receive: ASGI's receive function.

        Raises:
            Refused: 413 if it is too large, 408 if it is too slow, 429 if
                there are too many large requests.
            Gone: if the client disconnected.
        """
        seconds = self._bodies.limits.body_seconds
        try:
            async with asyncio.timeout(seconds):
                return await self._read(receive)
        except TimeoutError:
            raise Refused(
                408,
                f"Expected the whole request within {seconds:g} s. "
                "Received: a part of it.",
            ) from None

    async def _read(self, receive: Receive) -> bytes:
        body = bytearray()
        more = True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                raise Gone
            body += message.get("body", b"")
            self._grow(len(body))
            more = message.get("more_body", False)
        self.whole = True
        return bytes(body)

    def _grow(self, size: int) -> None:
        check_size(size, self._bodies.limits)
        if size <= SMALL:
            return
        self._bodies.large += size - self._large
        self._large = size
        if self._bodies.large > self._bodies.limits.bodies:
            raise Refused(
                429,
                f"Expected at most {self._bodies.limits.bodies_mb} MB of large "
                "requests at a time. Received: more; send it again later.",
            )

    def work(self) -> None:
        """Count the request as being processed.

        Raises:
            Refused: 429 if there are too many.
        """
        most = self._bodies.limits.requests
        if self._bodies.working >= most:
            raise Refused(
                429,
                f"Expected at most {most} requests at a time. Received: more; "
                "send it again later.",
            )
        self._bodies.working += 1
        self._works = True

    def release(self) -> None:
        """Return the resources of the request."""
        self._bodies.large -= self._large
        self._bodies.working -= self._works
        self._large, self._works = 0, False


def check_size(size: int, limits: Limits) -> None:
    """Check the size of a body.

    Raises:
        Refused: 413 if it is too large.

    Example:

    >>> check_size(10**9, Limits())
    Traceback (most recent call last):
        ...
    facemtl...Refused: Expected a request of at most 20 MB. Received: ...
    """
    if size > limits.body:
        raise Refused(
            413,
            f"Expected a request of at most {limits.body_mb} MB. "
            f"Received: {size / MILLION:,.1f} MB or more.",
        )
