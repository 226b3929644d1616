"""Run the command: undisturbed, and killed and restarted."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

COMMAND = (sys.executable, "-m", "facemtl.export.apps.batch.batch")
WORKERS = 2
LONGEST = 3600.0  # maximum wait in seconds
ACTOR = "MapBatches(Worker)"


def start(*args: Any, log: Path) -> subprocess.Popen[bytes]:
    """Start the command; its output goes to `log`."""
    with log.open("w", encoding="utf-8") as out:
        return subprocess.Popen(
            [*COMMAND, *map(str, args)], stdout=out, stderr=subprocess.STDOUT
        )


def command(*args: Any, log: Path) -> int:
    """Run the command to its end; return its exit status."""
    return start(*args, log=log).wait(LONGEST)


def family_of(driver: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """Return all processes that a driver has started."""
    return list(psutil.Process(driver.pid).children(recursive=True))


def kill_worker(driver: subprocess.Popen[bytes]) -> None:
    """Kill one of a driver's workers."""
    family = family_of(driver)
    workers = [x for x in family if ACTOR in " ".join(_said(x))]
    if not workers:
        raise RuntimeError(f"Expected workers. Received: {family}.")
    workers[0].kill()


def wait_until(
    true: Callable[[], bool], driver: subprocess.Popen[bytes]
) -> None:
    """Wait for a condition while a driver is running."""
    end = time.monotonic() + LONGEST
    while not true():
        if driver.poll() is not None or time.monotonic() > end:
            raise RuntimeError(
                f"Expected more. Received: exit {driver.returncode}."
            )
        time.sleep(0.05)


def _said(process: psutil.Process) -> list[str]:
    try:
        return [str(x) for x in process.cmdline()]
    except psutil.Error:  # The process has ended.
        return []


def whole_run(photos: Path, out: Path, shard: int) -> dict[str, Any]:
    """Run undisturbed; return `summary.json` and the total time."""
    args = (photos, "--out", out, "--shard", shard, "--workers", WORKERS)
    begun = time.monotonic()
    status = command(*args, log=out.with_suffix(".log"))
    seconds = time.monotonic() - begun
    if status:
        raise RuntimeError(f"Expected status 0. See {out.with_suffix('.log')}")
    summary = json.loads((out / "summary.json").read_text("utf-8"))
    return {**summary, "seconds with imports": round(seconds, 2)}


def killed_run(photos: Path, out: Path, shard: int) -> dict[str, Any]:
    """Kill a worker after a shard and the driver after another; restart.

    Returns:
        When each was killed, and whether finished shards were unchanged.
    """
    args = (photos, "--out", out, "--shard", shard, "--workers", WORKERS)
    log = out.with_suffix(".log")
    driver = start(*args, log=log)
    wait_until(lambda: len(shards_of(out)) >= 1, driver)
    kill_worker(driver)
    before = len(shards_of(out))
    wait_until(lambda: len(shards_of(out)) >= before + 3, driver)
    finished = shards_of(out)
    family = family_of(driver)
    driver.kill()
    driver.wait()
    parts = len(list((out / "faces").glob(".part-*")))
    # Immediately: workers of the killed driver may still be running.
    again = start(*args, log=out.with_suffix(".again.log"))
    begun = time.monotonic()
    psutil.wait_procs(family, timeout=LONGEST)  # Ray ends them eventually.
    gone = time.monotonic() - begun
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
    """Return {finished shard: its inode and modification time}."""
    found = {}
    for file in (out / "faces").glob("*.parquet"):
        if not file.name.startswith("."):
            status = file.stat()
            found[file.name] = (status.st_ino, status.st_mtime_ns)
    return found
