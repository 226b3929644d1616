"""A run whose worker and then whose driver are killed, beside a whole one."""

import json
import time
from pathlib import Path
from typing import Any

from .processes import (
    command,
    kill_driver,
    kill_worker,
    start,
    until_gone,
    wait_until,
)

WORKERS = 2


def whole_run(photos: Path, out: Path, shard: int) -> dict[str, Any]:
    """Run undisturbed; what `summary.json` says, and the whole time."""
    args = (photos, "--out", out, "--shard", shard, "--workers", WORKERS)
    begun = time.monotonic()
    status = command(*map(str, args), log=out.with_suffix(".log"))
    seconds = time.monotonic() - begun
    if status:
        raise RuntimeError(f"Expected status 0. See {out.with_suffix('.log')}")
    summary = json.loads((out / "summary.json").read_text("utf-8"))
    return {**summary, "seconds with imports": round(seconds, 2)}


def killed_run(photos: Path, out: Path, shard: int) -> dict[str, Any]:
    """Kill a worker after a shard, the driver after another, and go on.

    Returns:
        What was killed when, and whether finished shards were left alone.
    """
    args = (photos, "--out", out, "--shard", shard, "--workers", WORKERS)
    words = [str(x) for x in args]
    log = out.with_suffix(".log")
    driver = start(*words, log=log)
    wait_until(lambda: len(shards_of(out)) >= 1, driver)
    kill_worker(driver)
    before = len(shards_of(out))
    wait_until(lambda: len(shards_of(out)) >= before + 3, driver)
    finished = shards_of(out)
    family = kill_driver(driver)
    parts = len(list((out / "faces").glob(".part-*")))
    # At once: the killed one's workers may still be at work.
    again = start(*words, log=out.with_suffix(".again.log"))
    gone = until_gone(family)
    status = again.wait()
    now = shards_of(out)
    return {
        "shards when a worker was killed": before,
        "shards when the driver was killed": len(finished),
        "half-written files then": parts,
        "seconds until its processes were gone": round(gone, 1),
        "shards": len(now),
        "finished shards written again": sum(
            now.get(name) != when for name, when in finished.items()
        ),
        "status": status,
    }


def shards_of(out: Path) -> dict[str, tuple[int, int]]:
    """{finished shard: its inode and time of change}."""
    found = {}
    for file in (out / "faces").glob("*.parquet"):
        if not file.name.startswith("."):
            status = file.stat()
            found[file.name] = (status.st_ino, status.st_mtime_ns)
    return found
