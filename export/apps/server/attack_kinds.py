"""`Attack`, and its usual kinds."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from facemtl.export.apps.server.sent import Received, at_once, half, post

# More than the limit for a whole request.
PATIENCE = 26.0


@dataclass(frozen=True)
class Attack:
    """One attack.

    Attributes:
        name: for the table.
        send: sends it; statuses, and what was said.
        allowed: the statuses that may come.
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
    """A request that is sent once, of a length that may be declared."""
    sent = data.encode() if isinstance(data, str) else data
    given = dict(headers or {})
    if length:
        given["content-length"] = str(length)
    return Attack(name, lambda: [post(sent, headers=given)], (status,))


def many(
    name: str, times: int, send: Callable[[], Received], *allowed: str
) -> Attack:
    """A request that is sent by many at once."""
    statuses = allowed or ("200", "429")
    return Attack(name, partial(at_once, times, send), statuses)


def waiting(name: str, times: int, data: bytes) -> Attack:
    """Connections that never send all."""
    send = partial(half, times, data, PATIENCE)
    return Attack(name, send, ("408", "closed"))
