"""List the shards of a run, and the unfinished ones."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from facemtl.errors import InputError

from .listing import Listing
from .run_folder import (
    FACES,
    LISTING,
    RUN,
    cannot_write,
    check_settings,
    read_run,
    write_file,
)
from .shards import Shard, Source, check_sources, split
from .tables import is_finished, read_listing, read_source, write_listing


def plan(
    listing: Listing, out: Path, settings: Mapping[str, Any]
) -> tuple[list[Shard], list[Shard]]:
    """Return all shards, and the unfinished ones.

    Args:
        listing: current files of the input.
        out: folder of the run, which stores the run's settings.
        settings: settings that affect predictions; `shard` is a shard's size.

    Raises:
        InputError: if the run was started with other settings or photos, or
            there are no photos.
    """
    known = read_run(out)
    check_settings(out, known.get("settings", {}), settings)
    if listing.photos:
        sources = list_photos(listing, out, settings["shard"])
    else:
        sources = [read_source(listing.root, x) for x in listing.parquet]
    check_sources(sources, known.get("sources", {}), out)
    shards = [x for source in sources for x in split(source, settings["shard"])]
    if not shards:
        name = listing.root / listing.parquet[0]
        raise InputError(f"Expected rows in {name}. Received: 0.")
    digests = {source.name: source.digest for source in sources}
    content = {"settings": dict(settings), "sources": digests}
    write_file(out, RUN, content)
    return shards, [x for x in shards if not is_finished(x, out / FACES)]


def list_photos(listing: Listing, out: Path, size: int) -> list[Source]:
    """Return the photos of a folder as sources, new photos in new sources.

    Written lists never change, because shards depend on them.
    """
    folder = out / LISTING
    files = sorted(folder.glob("photos-*.parquet"))
    known = {name for file in files for name in read_listing(file)}
    new = [name for name in listing.photos if name not in known]
    if new:
        files.append(folder / f"photos-{len(files) + 1:04d}.parquet")
        try:
            write_listing(new, files[-1], size)
        except OSError as error:
            raise cannot_write(folder, error) from None
    root = str(listing.root)
    return [
        read_source(folder, file.name)._replace(root=root) for file in files
    ]
