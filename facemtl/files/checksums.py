"""Checksums in a sidecar: whether a file is as `facemtl export` wrote it.

They tell damage, not intent: whoever changes a file can write another one.
"""

import hashlib
from collections.abc import Iterable

from facemtl.errors import InputError

# What stands in a file for its own checksum while that is taken.
BLANK = 64 * "0"


def checksum(parts: Iterable[bytes | memoryview]) -> str:
    """The SHA-256 of some bytes, one part after the other.

    Example:

    >>> checksum([b"ab", b"c"])[:8]
    'ba7816bf'
    """
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()


def check_content(
    expected: str, parts: Iterable[bytes | memoryview], where: str
) -> None:
    """Raise where the bytes are not those that a sidecar was written for.

    Args:
        expected: the sidecar's checksum; "" in files of an earlier facemtl,
            which are not checked.
        parts: the bytes.
        where: of the file, for the message.

    Raises:
        InputError: for other bytes.
    """
    if expected and checksum(parts) != expected:
        raise InputError(
            f"{where}: not whole: expected the bytes that facemtl export "
            "wrote. Received: others than its checksum says. Copy the file "
            "again, or export the network again."
        )
