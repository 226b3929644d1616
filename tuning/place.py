"""The role of a process in a search, from environment variables."""

import os
import socket
from dataclasses import dataclass

from facemtl.errors import InputError

NAME = "KERASTUNER_TUNER_ID"
HOST, PORT = "KERASTUNER_ORACLE_IP", "KERASTUNER_ORACLE_PORT"
VARIABLES = (NAME, HOST, PORT)
ALONE = f"To search in this process alone: unset {' '.join(VARIABLES)}"
PROBE = 3.0  # seconds


class ChiefError(InputError):
    """The chief's address is invalid, or the chief is missing or gone. The
    command ends with status 1."""


@dataclass(frozen=True)
class Place:
    """A process of a search with several processes.

    Args:
        name: name of this process.
        host, port: address of the chief.
    """

    name: str
    host: str
    port: int

    @property
    def is_chief(self) -> bool:
        """Whether this process is the chief, by KerasTuner's rule."""
        return "chief" in self.name

    @property
    def address(self) -> str:
        """Return host and port in gRPC's format."""
        return f"{self.host}:{self.port}"


def read_place() -> Place | None:
    """Read the environment; return None for a search in one process.

    KerasTuner ignores a name without a chief's address: such a worker would
    search alone and report to no chief.

    Raises:
        ChiefError: if only some of the variables are set, or the port is
            invalid.
    """
    given = {name: os.environ.get(name) for name in VARIABLES}
    found = {name: value for name, value in given.items() if value is not None}
    if not found:
        return None
    if not all(given.values()):
        shown = " and ".join(f"{k}={v!r}" for k, v in found.items())
        raise ChiefError(
            f"Expected {', '.join(VARIABLES[:2])} and {PORT} in the "
            f"environment, or none of them. Received: {shown}. {ALONE}."
        )
    port = found[PORT]
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 2**16):
        raise ChiefError(
            f"Expected {PORT} as a number from 1 to 65535. Received: "
            f"{port!r}. {ALONE}."
        )
    return Place(found[NAME], found[HOST], int(port))


def check_free(place: Place) -> None:
    """Check that the chief's address is free, before photos are read.

    Raises:
        ChiefError: if the address is in use or on another machine.
    """
    try:
        with socket.create_server(
            (place.host.strip("[]"), place.port), family=_family(place.host)
        ):
            return
    except (OSError, UnicodeError) as error:
        # The system's message alone; Python's also contains the address.
        number = getattr(error, "errno", None) or 0
        why = os.strerror(number) if number > 0 else "no such name"
        raise ChiefError(
            f"Expected {HOST} and {PORT} as a free address of this machine for "
            f"the chief to listen on. Received: "
            f"{place.address}: {why}. {ALONE}."
        ) from None


def what_is_there(place: Place) -> str:
    """Describe in a few words what responds at a chief's address.

    Example:

    >>> what_is_there(Place("worker0", "no-such-name.invalid", 8000))
    'no machine of that name'
    """
    try:
        host = place.host.strip("[]")
        with socket.create_connection((host, place.port), PROBE):
            return "something listens there, but is no chief that answers"
    except (socket.gaierror, UnicodeError):
        return "no machine of that name"
    except OSError as error:
        return str(error.strerror or error).lower()


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
