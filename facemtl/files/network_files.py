"""Read a network's file: a regular file of limited size."""

from pathlib import Path
from stat import S_ISREG

from facemtl.errors import InputError

# Bytes of a file and of its unpacked content: hundreds of times the presets'.
LARGEST = 2**29


def read_network(file: Path, most: int = LARGEST) -> bytes:
    """Return the bytes of a network's file.

    Args:
        file: a regular file, or a link to one.
        most: the largest size in bytes.

    Raises:
        InputError: if the file is missing, not a regular file, too large, or
            cannot be read.
    """
    check_network_file(file, most)
    try:
        return file.read_bytes()
    except OSError as error:
        raise InputError(f"{file}: {error.strerror}.") from None


def check_network_file(file: Path, most: int = LARGEST) -> int:
    """Check a network's file as `read_network` does; return its size in bytes.

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
