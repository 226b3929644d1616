"""`Guard`: an ASGI application that checks requests before the server's own.

This module does not need MLServer.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection
from typing import Any

from facemtl.export.apps.server.bodies import (
    Bodies,
    Gone,
    Hold,
    Message,
    Receive,
)
from facemtl.export.apps.server.checks import (
    check_head,
    check_values,
    too_late,
)
from facemtl.export.apps.server.limits import Limits, Refused
from facemtl.words import one_line

Scope = dict[str, Any]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
# Seconds in which the rest of a refused request is read, for clients that read
# the response only after sending everything.
LINGER = 2.0


class Guard:
    """Refuse excessive requests before the application receives them.

    Args:
        app: the application.
        limits: limits of every request.
        paths: allowed paths.

    Every refusal is a line of JSON with a status 4xx; see the README.
    """

    def __init__(
        self, app: App, limits: Limits, paths: Collection[str]
    ) -> None:
        self._app = app
        self._limits = limits
        self._paths = frozenset(paths)
        self._bodies = Bodies(limits)

    async def __call__(
        self, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Process one request in ASGI's format."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        hold = self._bodies.hold()
        try:
            check_head(scope, self._paths, self._limits)
            body = await hold.read(receive)
            check_values(body, self._limits)
            hold.work()
        except Refused as refused:
            hold.release()
            rest = _gone if hold.whole else receive
            await refuse(refused, rest, send)
        except BaseException as error:
            hold.release()
            if not isinstance(error, Gone):
                raise
        else:
            await self._work(scope, body, send, hold)

    async def _work(
        self, scope: Scope, body: bytes, send: Send, hold: Hold
    ) -> None:
        """Run the application within the time limit."""
        reply = Reply(send)
        task = asyncio.ensure_future(self._app(scope, _once(body), reply.send))
        # Work continues after a late response, and still takes memory.
        task.add_done_callback(lambda _: hold.release())
        await asyncio.wait({task}, timeout=self._limits.seconds)
        if task.done() or reply.started:
            await task
            return
        reply.over = True
        task.add_done_callback(_seen)
        await refuse(too_late(self._limits.seconds), _gone, send)


class Reply:
    """The application's response, unless it is too late."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.started = False
        self.over = False

    async def send(self, message: Message) -> None:
        """Forward a message."""
        if not self.over:
            self.started = True
            await self._send(message)


async def refuse(refused: Refused, receive: Receive, send: Send) -> None:
    """Send a refusal, and close the connection."""
    data = json.dumps({"error": one_line(str(refused))}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(data)).encode()),
        (b"connection", b"close"),
    ]
    if refused.status == 429:
        headers.append((b"retry-after", b"1"))
    start = {"status": refused.status, "headers": headers}
    await send({"type": "http.response.start", **start})
    await send({"type": "http.response.body", "body": data, "more_body": True})
    await _drain(receive)
    await send({"type": "http.response.body", "body": b""})


async def _drain(receive: Receive) -> None:
    try:
        async with asyncio.timeout(LINGER):
            while (await receive()).get("more_body", False):
                pass
    except TimeoutError:
        pass


def _once(body: bytes) -> Receive:
    """Return an ASGI `receive` for a body that was read already."""
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return messages.pop() if messages else await _gone()

    return receive


async def _gone() -> Message:
    return {"type": "http.disconnect"}


def _seen(task: asyncio.Future[Any]) -> None:
    """Ignore the failure of an abandoned task."""
    if not task.cancelled():
        task.exception()
