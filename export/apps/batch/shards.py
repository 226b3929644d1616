"""`Shard`: some photos of one source, and the name of their output file.

The name is a function of what the shard is, so whoever answers it, and however
often, writes the same file: nothing can be lost or there twice. No Ray here.
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
        name: relative to the input's folder; of a folder of photos, the list
            that was made of them.
        path: where it is.
        root: the folder that its photos' names are relative to.
        digest: changes when the file does.
        groups: photos in each of its row groups.
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
        source: its name.
        path, root: the source's.
        digest: the source's.
        group: the row group, from 0.
        skip: photos of the group before the shard's.
        first: its first photo's row in the source, from 0.
        photos: how many.
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
        """The output's file name.

        Example:

        >>> Shard("a/b.parquet", "", "", "3f", 0, 0, 200, 100).name
        'a_b-000000200-...parquet'
        """
        known = (self.source, self.digest, self.first, self.photos)
        digest = hashlib.sha256(repr(known).encode()).hexdigest()[:12]
        stem = re.sub(r"[^A-Za-z0-9.-]+", "_", self.source[: -len(SUFFIX)])
        # A leading `.` or `_` would hide it from readers of Parquet folders.
        stem = stem.strip("._-")[-40:].strip("._-") or "source"
        return f"{stem}-{self.first:09d}-{digest}{SUFFIX}"


def split(source: Source, size: int) -> Iterator[Shard]:
    """The shards of a source, none larger than `size` photos.

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
    """Refuse a source that changed or went after the run was started.

    Args:
        sources: as they are now.
        known: {name: digest} of the run's earlier starts.
        out: the run's folder, for the message.

    Raises:
        InputError: naming the source.
    """
    now = {source.name: source.digest for source in sources}
    for name, digest in known.items():
        if now.get(name) != digest:
            what = "another content" if name in now else "it is gone"
            raise InputError(
                f"Expected {name} as it was when {out} was started. "
                f"Received: {what}. Give another --out."
            )
