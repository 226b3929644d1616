"""Checksums in a sidecar: detect files that changed after the export.

They detect damage, not tampering: anyone can write a new checksum.
"""

import hashlib
from collections.abc import Iterable

from facemtl.errors import InputError

# Replaces the checksum inside a file while that checksum is computed.
BLANK = 64 * "0"


def checksum(parts: Iterable[bytes | memoryview]) -> str:
    """Return the SHA-256 of several parts of bytes.

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
    """Raise if the bytes do not match a sidecar's checksum.

    Args:
        expected: the sidecar's checksum; "" in files of earlier versions,
            which are not checked.
        parts: the bytes.
        where: the file, for the message.

    Raises:
        InputError: if the checksums differ.
    """
    if expected and checksum(parts) != expected:
        raise InputError(
            f"{where}: damaged: expected the bytes that facemtl export "
            "wrote. Received: bytes with another checksum. Copy the file "
            "again, or export the network again."
        )
