"""A zip of photos."""

import io
import zipfile

from facemtl.photos.images import ZipImages

from ..oracle import unless_refused, written

MOST = 100_000  # bytes of an entry


def _zip(method: int, *names: str) -> bytes:
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w", method) as packed:
        for name in names:
            packed.writestr(name, name.encode() * 20)
    return stored.getvalue()


SEEDS = (
    _zip(zipfile.ZIP_STORED, "a.jpg"),
    _zip(zipfile.ZIP_DEFLATED, "a.jpg", "folder/b.jpg"),
    _zip(zipfile.ZIP_LZMA, "a.jpg", "folder\\caf\u00e9.jpg"),
    _zip(zipfile.ZIP_BZIP2, "a.jpg"),
)


def one_input(data: bytes) -> None:
    """Entries are read within the limit, or refused in a line."""
    images = unless_refused(ZipImages, written(data, "photos.zip"))
    if images is None:
        return
    for name in ["missing.jpg", *images.entries][:10]:
        content = unless_refused(images.read_bytes, name, MOST)
        assert content is None or len(content) <= MOST
        assert isinstance(images.stamp(name), str)
