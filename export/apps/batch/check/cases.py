"""Cases in which the command must end with one line of error."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .comparison import read_rows
from .processes import command
from .tables import write_tables

SMALL = "48k"  # size of a disk that is soon full


def one_line_answers(folder: Path, photos: Path) -> list[dict[str, Any]]:
    """Run the command on invalid inputs.

    Args:
        folder: folder of inputs and outputs.
        photos: valid photos; the folder of their run is `folder/../killed`.

    Returns:
        The name of each case, whether it passed, and the message.
    """
    folder.mkdir(parents=True)
    empty, file = folder / "empty", folder / "file"
    empty.mkdir()
    file.write_text("no Parquet")
    (folder / "text.parquet").write_text("no Parquet, but some text")
    both = folder / "both"
    write_tables(both, 4)
    (both / "photo.jpg").write_bytes(b"")
    killed = folder.parent / "killed"
    out = folder / "out"
    cases: dict[str, tuple[tuple[Any, ...], str]] = {
        "no input": ((folder / "gone", out), "which does not exist"),
        "an empty folder": ((empty, out), "an empty folder"),
        "an empty Parquet": ((both / "b.parquet", out), "Received: 0."),
        "a text as Parquet": ((folder / "text.parquet", out), "text.parquet"),
        "photos and Parquet": ((both, out), "not both"),
        "other columns": ((_listing(folder), out), "bytes or file"),
        "output in the input": ((photos, photos / "out"), "outside the input"),
        "output below a file": ((photos, file / "out"), "is no folder"),
        "output not writable": ((photos, "/proc/faces"), "No such file"),
        "no such network": ((photos, out, "--model", "gone"), "gone"),
        "no workers": ((photos, out, "--workers", 0), "above 0"),
        "another network": (
            (photos, killed, "--model", "tiny"),
            "Give another",
        ),
        "another size": ((photos, killed, "--shard", 7), "Give another --out"),
    }
    return [
        ask(name, given, words, folder / "case.log")
        for name, (given, words) in cases.items()
    ]


def ask(
    name: str, given: tuple[Any, ...], words: str, log: Path
) -> dict[str, Any]:
    """Run a case; expect status 2 and one line with the given words."""
    photos, out, *more = given
    status = command(photos, "--out", out, *more, log=log)
    said = log.read_text("utf-8").strip()
    good = status == 2 and said.count("\n") == 0 and words in said
    return {"case": name, "good": good, "words": words, "status": status}


def full_disk(
    tables: Path, folder: Path
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Start on a disk that is too small, and again after enlarging it.

    Returns:
        Both cases, and the rows of the output.
    """
    out, log = folder / "disk/out", folder / "full.log"
    args = (tables, "--out", out, "--shard", "10", "--workers", "2")
    with small_disk(folder / "disk") as grow:
        status = command(*args, log=log)
        last = log.read_text("utf-8").strip().splitlines()[-1]
        good = status == 2 and "No space left on device" in last
        # Every existing file must be complete: else it is unreadable.
        good &= len(read_rows(out)) > 0
        cases = [{"case": "a full disk", "good": good, "status": status}]
        grow()
        status = command(*args, log=folder / "grown.log")
        cases += [{"case": "more room", "good": status == 0, "status": status}]
        return cases, read_rows(out)


@contextmanager
def small_disk(place: Path) -> Iterator[Callable[[], Any]]:
    """Mount a small disk in memory, as root; yield a function to enlarge it."""
    place.mkdir(parents=True)

    def mount(options: str) -> None:
        line = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)]
        subprocess.run(line, check=True)

    if os.geteuid() != 0:
        raise RuntimeError("Expected root, to mount a small disk.")
    mount(f"size={SMALL}")
    try:
        yield lambda: mount("remount,size=64m")
    finally:
        subprocess.run(["umount", str(place)], check=True)


def _listing(folder: Path) -> Path:
    import pyarrow as pa  # type: ignore[import-not-found]
    import pyarrow.parquet as pq  # type: ignore[import-not-found]

    file = folder / "columns.parquet"
    pq.write_table(pa.table({"image": ["a.jpg"]}), file)
    return file
