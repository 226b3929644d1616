"""Starts of the command, and kills of what belongs to one of them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

COMMAND = (sys.executable, "-m", "facemtl.export.apps.batch.batch")
LONGEST = 3600.0  # seconds, of whatever is waited for
ACTOR = "MapBatches(Worker)"


def command(*args: str | Path, log: Path) -> int:
    """Run the command to its end; its words go to `log`.

    Returns:
        Its exit status.
    """
    with log.open("w", encoding="utf-8") as out:
        return subprocess.run(
            [*COMMAND, *map(str, args)],
            stdout=out,
            stderr=subprocess.STDOUT,
            timeout=LONGEST,
        ).returncode


def start(*args: str | Path, log: Path) -> subprocess.Popen[bytes]:
    """Start the command."""
    with log.open("w", encoding="utf-8") as out:
        return subprocess.Popen(
            [*COMMAND, *map(str, args)], stdout=out, stderr=subprocess.STDOUT
        )


def kill_worker(driver: subprocess.Popen[bytes]) -> int:
    """Kill one of a driver's workers.

    Returns:
        Its process.
    """
    family = psutil.Process(driver.pid).children(recursive=True)
    workers = [x for x in family if ACTOR in " ".join(_said(x))]
    if not workers:
        raise RuntimeError(f"Expected workers. Received: {family}.")
    os.kill(workers[0].pid, signal.SIGKILL)
    return int(workers[0].pid)


def kill_driver(driver: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """Kill a driver.

    Returns:
        What it had started, which Ray ends by and by.
    """
    family = psutil.Process(driver.pid).children(recursive=True)
    driver.kill()
    driver.wait()
    return list(family)


def until_gone(family: list[psutil.Process]) -> float:
    """Wait until processes are gone.

    Returns:
        How long that took, in seconds.
    """
    begun = time.monotonic()
    psutil.wait_procs(family, timeout=LONGEST)
    return time.monotonic() - begun


def wait_until(
    true: Callable[[], bool], driver: subprocess.Popen[bytes]
) -> None:
    """Wait for something while a driver is at work."""
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
    except psutil.Error:  # It went meanwhile.
        return []
