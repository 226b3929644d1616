"""Limits on requests to the server, and the error for refusals."""

import math
from argparse import ArgumentTypeError
from collections.abc import Mapping
from dataclasses import dataclass, fields

from facemtl.arguments import real_number, whole_number
from facemtl.errors import InputError

PREFIX = "FACEMTL_MAX_"
MILLION = 1_000_000


class Refused(InputError):
    """A refusal with an HTTP status.

    Args:
        status: HTTP status, 4xx.
        line: what was expected, and what was received.

    Example:

    >>> Refused(413, "Expected at most 1,000 boxes. Received: 1,001.").status
    413
    """

    def __init__(self, status: int, line: str) -> None:
        super().__init__(line)
        self.status = status

    def __reduce__(self) -> tuple[type, tuple[int, str]]:
        return type(self), (self.status, str(self))


@dataclass(frozen=True)
class Limits:
    """The limits, each set by a variable `FACEMTL_MAX_...`.

    Attributes:
        body_mb: size of one request, in millions of bytes.
        bodies_mb: size of all concurrent large requests; see `bodies.SMALL`.
        megapixels: size of one photo.
        faces: faces of one photo, given as boxes or detected.
        requests: requests that are processed concurrently.
        connections: open connections.
        body_seconds: time until a request is received completely.
        seconds: time from then to the response.

    Raises:
        InputError: if a limit is less than 1.

    Example:

    >>> Limits(faces=50).faces
    50
    """

    body_mb: int = 20
    bodies_mb: int = 80
    megapixels: int = 100
    faces: int = 1000
    requests: int = 128
    connections: int = 800
    body_seconds: float = 20.0
    seconds: float = 30.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not (math.isfinite(value) and value >= 1):
                raise InputError(
                    f"Expected {variable(field.name)} of 1 or more. "
                    f"Received: {value}."
                )

    @property
    def body(self) -> int:
        """Bytes of one request."""
        return self.body_mb * MILLION

    @property
    def bodies(self) -> int:
        """Bytes of all concurrent large requests."""
        return self.bodies_mb * MILLION

    @property
    def values(self) -> int:
        """Commas and brackets of one request in JSON.

        A box has four commas, and one pair of brackets if it is a list; the
        rest of a request has some dozens.
        """
        return 5 * self.faces + 1000


def variable(name: str) -> str:
    """Return the environment variable of a limit.

    Example:

    >>> variable("body_mb")
    'FACEMTL_MAX_BODY_MB'
    """
    return f"{PREFIX}{name.upper()}"


def limits_from(environment: Mapping[str, str]) -> Limits:
    """Read the limits from environment variables, with defaults.

    Raises:
        InputError: if a value is not a number, or not an integer.

    Example:

    >>> limits_from({"FACEMTL_MAX_FACES": "50"}).faces
    50
    """
    given: dict[str, float] = {}
    for field in fields(Limits):
        name = variable(field.name)
        text = environment.get(name, "")
        if text:
            given[field.name] = _number(name, text, type(field.default))
    return Limits(**given)  # type: ignore[arg-type]


def _number(name: str, text: str, kind: type) -> float:
    try:
        return (whole_number if kind is int else real_number)(text)
    except ArgumentTypeError:
        what = "a whole number" if kind is int else "a number"
        raise InputError(
            f"Expected {name} to be {what}. Received: {text[:40]!r}."
        ) from None
