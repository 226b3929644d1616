"""The sidecar in a `.tflite`: an associated file in a zip at the end."""

import io
import zipfile

from facemtl.errors import InputError
from facemtl.inference.sidecar import LARGEST, NAME, Sidecar

# Other methods may need gigabytes of memory to unpack a few bytes.
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def read_associated(content: bytes, where: str) -> tuple[Sidecar, int]:
    """Return the sidecar in a `.tflite`, and the size of the network.

    Args:
        content: content of the file.
        where: name of the file, for messages.

    Raises:
        InputError: for a file without a sidecar, or a damaged or oversized one.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as associated:
            entry = associated.getinfo(NAME)
            _check_size(entry, where)
            with associated.open(entry) as packed:
                # Read only the stated size, whatever the entry unpacks to.
                text = packed.read(entry.file_size)
                packed.read(1)  # compares the checksum of the zip
            entries = associated.infolist()
    except InputError:
        raise
    except Exception as error:  # zipfile raises many types of exceptions.
        raise InputError(
            f"{where}: expected a whole file of facemtl export. "
            f"Received: one without {NAME} in it ({type(error).__name__})."
        ) from None
    end = min(entry.header_offset for entry in entries)
    return Sidecar.from_json(text, f"{NAME} in {where}"), end


def _check_size(entry: zipfile.ZipInfo, where: str) -> None:
    if entry.file_size > LARGEST or entry.compress_type not in METHODS:
        raise InputError(
            f"{where}: expected {NAME} in it of at most {LARGEST:,} bytes, "
            f"stored or deflated. Received: {entry.file_size:,} bytes."
        )
