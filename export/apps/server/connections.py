"""`Impatient`: connections with a time limit for requests."""

import asyncio
import json
from typing import Any

LATE = (
    "408 Request Timeout",
    "Expected a request. Received: none, or a part of it, in time.",
)
NO_HTTP = (
    "400 Bad Request",
    "Expected a request of HTTP/1.1 with short headers. Received: another.",
)
# Seconds for a client to read why its connection is closed.
LINGER = 1.0


class Impatient:
    """A mixin before uvicorn's `H11Protocol` in the bases of a class.

    A connection is closed if no request begins in time. If there are too many
    connections, the one that has waited longest for a complete request is
    closed.

    Attributes:
        seconds: maximum time until the headers of a request.
        most: maximum number of connections.
        unfinished: connections without a complete request, oldest first.
    """

    seconds: float
    most: int
    unfinished: dict["Impatient", None]
    connections: set[Any]
    cycle: Any
    loop: asyncio.AbstractEventLoop
    transport: Any
    _late: asyncio.TimerHandle | None = None
    _refused: bool = False

    def connection_made(self, transport: Any) -> None:
        """Start the timer."""
        super().connection_made(transport)  # type: ignore[misc]
        self._wait()
        if len(self.connections) > self.most:
            oldest = next(iter(self.unfinished))
            del self.unfinished[oldest]
            oldest.transport.close()

    def data_received(self, data: bytes) -> None:
        """Stop the timer if the headers, or the whole request, have arrived."""
        if self._refused:
            return
        super().data_received(data)  # type: ignore[misc]
        if self.cycle is None or self.cycle.response_complete:
            self._wait()
            return
        self._stop_timer()
        if not self.cycle.more_body:
            self.unfinished.pop(self, None)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timer."""
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
            self._refuse(*LATE)

    def send_400_response(self, msg: str) -> None:
        """Refuse invalid HTTP and huge headers; called by uvicorn."""
        self._refuse(*NO_HTTP)

    def _refuse(self, status: str, line: str) -> None:
        """Send the reason, and close after the client could read it."""
        self._refused = True
        body = json.dumps({"error": line})
        self.transport.write(
            f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\n"
            f"connection: close\r\ncontent-length: {len(body)}\r\n\r\n"
            f"{body}".encode()
        )
        self.loop.call_later(LINGER, self.transport.close)


def impatient(protocol: type, seconds: float, most: int) -> type:
    """Return a uvicorn protocol with time limits."""
    settings = {"seconds": seconds, "most": most, "unfinished": {}}
    return type("Connection", (Impatient, protocol), settings)
