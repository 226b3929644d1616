"""A network's file, read whole: regular files of a size that networks have."""

from pathlib import Path
from stat import S_ISREG

from facemtl.errors import InputError

# Of a file, and of what is packed in one: hundreds of times the presets'.
LARGEST = 2**29


def read_network(file: Path, most: int = LARGEST) -> bytes:
    """The bytes of a network's file.

    Args:
        file: a regular file, or a link to one.
        most: bytes; a larger file is not read.

    Raises:
        InputError: where it is missing, no regular file (a pipe has no end) or
            larger, or cannot be read.
    """
    check_network_file(file, most)
    try:
        return file.read_bytes()
    except OSError as error:
        raise InputError(f"{file}: {error.strerror}.") from None


def check_network_file(file: Path, most: int = LARGEST) -> int:
    """The bytes of a file that can be read as a network's; see `read_network`.

    Raises:
        InputError: as `read_network`.
    """
    try:
        status = file.stat()
    except OSError as error:
        raise InputError(f"{file}: {error.strerror}.") from None
    if not S_ISREG(status.st_mode):
        raise InputError(f"Expected a file. Received: {file}")
    if status.st_size > most:
        raise InputError(
            f"{file}: expected at most {most:,} bytes of a network. "
            f"Received: {status.st_size:,}."
        )
    return status.st_size
