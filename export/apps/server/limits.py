"""What a request may ask of the server, and how a refusal is said."""

import math
from argparse import ArgumentTypeError
from collections.abc import Mapping
from dataclasses import dataclass, fields

from facemtl.arguments import real_number, whole_number
from facemtl.errors import InputError

PREFIX = "FACEMTL_MAX_"
MILLION = 1_000_000


class Refused(InputError):
    """What is refused, with a status of HTTP.

    Args:
        status: of HTTP, 4xx.
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
    """The most of everything; a variable `FACEMTL_MAX_...` each.

    Attributes:
        body_mb: of one request, in millions of bytes.
        bodies_mb: of all large requests at a time; see `bodies.SMALL`.
        megapixels: of one photo.
        faces: of one photo, given as boxes or detected.
        requests: that are worked on at a time.
        connections: that are open at a time.
        body_seconds: until a request has come whole.
        seconds: until its response, from then on.

    Raises:
        InputError: for less than 1.

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
        """Bytes of all large requests at a time."""
        return self.bodies_mb * MILLION

    @property
    def values(self) -> int:
        """Commas and brackets of one request in JSON.

        A box has four of the first, and one of the latter where it is a list
        of its own; what else a request holds has some dozens.
        """
        return 5 * self.faces + 1000


def variable(name: str) -> str:
    """The environment variable of a limit.

    Example:

    >>> variable("body_mb")
    'FACEMTL_MAX_BODY_MB'
    """
    return f"{PREFIX}{name.upper()}"


def limits_from(environment: Mapping[str, str]) -> Limits:
    """The limits that are set in environment variables, else the defaults.

    Raises:
        InputError: for what is no number, or no whole one.

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
