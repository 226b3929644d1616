"""`Shard`: some photos of one source, and the name of their output file.

The name depends only on the shard. Every worker writes the same file for it, so
that no photo is lost or repeated. No Ray here.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from facemtl.errors import InputError

SUFFIX = ".parquet"


class Source(NamedTuple):
    """One Parquet file of the input.

    Attributes:
        name: relative to the input's folder; for a folder of photos, the name
            of the list of them.
        path: path of the file.
        root: the folder that names of photos are relative to.
        digest: changes with the file.
        groups: number of photos in each row group.
    """

    name: str
    path: str
    root: str
    digest: str
    groups: tuple[int, ...]


@dataclass(frozen=True)
class Shard:
    """Photos of one row group.

    Attributes:
        source: name of the source.
        path, root: of the source.
        digest: of the source.
        group: index of the row group, from 0.
        skip: number of photos of the group before the shard.
        first: row of the first photo in the source, from 0.
        photos: number of photos.
    """

    source: str
    path: str
    root: str
    digest: str
    group: int
    skip: int
    first: int
    photos: int

    @property
    def name(self) -> str:
        """Return the name of the output file.

        Example:

        >>> Shard("a/b.parquet", "", "", "3f", 0, 0, 200, 100).name
        'a_b-000000200-...parquet'
        """
        known = (self.source, self.digest, self.first, self.photos)
        digest = hashlib.sha256(repr(known).encode()).hexdigest()[:12]
        stem = re.sub(r"[^A-Za-z0-9.-]+", "_", self.source[: -len(SUFFIX)])
        # Readers of Parquet folders skip names that start with `.` or `_`.
        stem = stem.strip("._-")[-40:].strip("._-") or "source"
        return f"{stem}-{self.first:09d}-{digest}{SUFFIX}"


def split(source: Source, size: int) -> Iterator[Shard]:
    """Yield the shards of a source, each of at most `size` photos.

    Example:

    >>> source = Source("a.parquet", "", "", "", (3, 2))
    >>> [(x.group, x.skip, x.first, x.photos) for x in split(source, 2)]
    [(0, 0, 0, 2), (0, 2, 2, 1), (1, 0, 3, 2)]
    """
    before = 0
    for group, photos in enumerate(source.groups):
        for skip in range(0, photos, size):
            count = min(size, photos - skip)
            yield Shard(*source[:4], group, skip, before + skip, count)
        before += photos


def check_sources(
    sources: Iterable[Source], known: Mapping[str, str], out: Path
) -> None:
    """Check that no source was changed or removed since the run started.

    Args:
        sources: the current sources.
        known: {name: digest} of earlier starts.
        out: folder of the run, for messages.

    Raises:
        InputError: with the name of the source.
    """
    now = {source.name: source.digest for source in sources}
    for name, digest in known.items():
        if now.get(name) != digest:
            what = "another content" if name in now else "it is gone"
            raise InputError(
                f"Expected {name} as it was when {out} was started. "
                f"Received: {what}. Give another --out."
            )
