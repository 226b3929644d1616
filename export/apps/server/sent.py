"""Send attacking requests, and summarize the responses."""

import http.client
import json
import socket
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from facemtl.export.apps.server.cases import JSON, PATH
from facemtl.export.apps.server.started import PORT

SECONDS = 60.0  # timeout of an attacker
# Larger than the limit for a whole request.
PATIENCE = 26.0
LOOPBACK = "127.0.0.1"
FAILURES = (OSError, http.client.HTTPException)
HEAD = b"POST /v2/models/faces/infer HTTP/1.1\r\nHost: x\r\n"
HALF_BODY = HEAD + b"Content-Length: 100000\r\n\r\n{"
Received = tuple[str, str]  # status and message


def post(
    body: bytes | Iterable[bytes],
    path: str = PATH,
    headers: dict[str, str] | None = None,
    method: str = "POST",
    port: int = PORT,
) -> Received:
    """Send one HTTP request; return a summary of the response."""
    given = {"content-type": JSON, **(headers or {})}
    try:
        status, data = exchange(body, path, given, SECONDS, method, port)
    except TimeoutError:
        return "no response", f"after {SECONDS:.0f} s"
    except FAILURES as error:
        return "closed", type(error).__name__
    return str(status), _said(data)


def exchange(
    body: bytes | Iterable[bytes],
    path: str,
    headers: dict[str, str],
    seconds: float,
    method: str = "POST",
    port: int = PORT,
) -> tuple[int, bytes]:
    """Return status and body of a response; send body parts as chunks."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=seconds)
    with closing(connection):
        # The server may refuse it before everything is sent.
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response.status, response.read()


def at_once(times: int, send: Callable[[], Received]) -> list[Received]:
    """Send the same request from many clients."""
    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(lambda _: send(), range(times)))


def half(
    times: int, data: bytes, seconds: float, port: int = PORT
) -> list[Received]:
    """Open connections that send a part of a request and wait.

    Returns:
        For each, "closed" if the server closed it in time, else "kept".
    """
    connections = [opened(data, port) for _ in range(times)]
    latest = time.monotonic() + seconds
    return [_ended(connection, latest) for connection in connections]


def opened(data: bytes, port: int = PORT) -> socket.socket:
    """Open a connection and send some bytes."""
    connection = socket.create_connection((LOOPBACK, port))
    connection.sendall(data)
    return connection


def _ended(connection: socket.socket, latest: float) -> Received:
    said = b""
    with connection:
        connection.settimeout(max(0.01, latest - time.monotonic()))
        try:
            while part := connection.recv(4096):
                said += part
        except TimeoutError:
            return "kept", ""
        except OSError:
            pass
    status = said.partition(b" ")[2][:3].decode() or "closed"
    return status, _said(said.rpartition(b"\r\n\r\n")[2])


def _said(data: bytes) -> str:
    text = data.decode("utf-8", "replace")
    try:
        told: Any = json.loads(text)
        text = told.get("error", "") if isinstance(told, dict) else text
    except ValueError:
        pass
    return str(text)[:300]


@dataclass(frozen=True)
class Attack:
    """One attack.

    Attributes:
        name: name in the table.
        send: sends it; returns statuses and messages.
        allowed: the expected statuses.
    """

    name: str
    send: Callable[[], list[Received]]
    allowed: tuple[str, ...]


def one(
    name: str,
    data: str | bytes | Iterable[bytes],
    status: str,
    length: int = 0,
    headers: dict[str, str] | None = None,
) -> Attack:
    """Return an attack by one request; its declared length may differ."""
    sent = data.encode() if isinstance(data, str) else data
    given = dict(headers or {})
    if length:
        given["content-length"] = str(length)
    return Attack(name, lambda: [post(sent, headers=given)], (status,))


def many(
    name: str, times: int, send: Callable[[], Received], *allowed: str
) -> Attack:
    """Return an attack by concurrent requests."""
    statuses = allowed or ("200", "429")
    return Attack(name, partial(at_once, times, send), statuses)


def waiting(name: str, times: int, data: bytes) -> Attack:
    """Return an attack by connections that never complete a request."""
    send = partial(half, times, data, PATIENCE)
    return Attack(name, send, ("408", "closed"))
