"""`Impatient`: connections that do not wait forever for a request."""

import asyncio
from typing import Any

LATE = b"Expected a request. Received: none, or a part of it, in time."
RESPONSE = (
    b"HTTP/1.1 408 Request Timeout\r\ncontent-type: text/plain\r\n"
    b"connection: close\r\ncontent-length: %d\r\n\r\n%s" % (len(LATE), LATE)
)


class Impatient:
    """Put before uvicorn's `H11Protocol`, among the bases of a class.

    A connection on which no request begins in time is closed. Where there are
    too many connections, the one is closed that has waited longest for a
    request to come whole.

    Attributes:
        seconds: until the headers of a request must be there.
        most: connections at a time.
        unfinished: those without a whole request, the oldest first.
    """

    seconds: float
    most: int
    unfinished: dict["Impatient", None]
    connections: set[Any]
    cycle: Any
    loop: asyncio.AbstractEventLoop
    transport: Any
    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Begin to wait."""
        super().connection_made(transport)  # type: ignore[misc]
        self._wait()
        if len(self.connections) > self.most:
            next(iter(self.unfinished)).transport.close()

    def data_received(self, data: bytes) -> None:
        """Wait on, unless headers, or the whole request, are there."""
        super().data_received(data)  # type: ignore[misc]
        if self.cycle is None or self.cycle.response_complete:
            self._wait()
            return
        self._stop_timer()
        if not self.cycle.more_body:
            self.unfinished.pop(self, None)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._stop_timer()
        self.unfinished.pop(self, None)
        super().connection_lost(exc)  # type: ignore[misc]

    def _wait(self) -> None:
        self.unfinished.setdefault(self, None)
        if self._late is None:
            self._late = self.loop.call_later(self.seconds, self._end)

    def _stop_timer(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _end(self) -> None:
        if not self.transport.is_closing():
            self.transport.write(RESPONSE)
            self.transport.close()


def impatient(protocol: type, seconds: float, most: int) -> type:
    """A protocol of uvicorn's, made impatient."""
    settings = {"seconds": seconds, "most": most, "unfinished": {}}
    return type("Connection", (Impatient, protocol), settings)
