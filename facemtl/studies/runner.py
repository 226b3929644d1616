"""Trains what a study asks for: one run a process, several at a time."""

import signal
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from facemtl.config import Config, write_config
from facemtl.errors import InputError
from facemtl.studies.prepare import prepare_runs
from facemtl.studies.progress import StudyProgress
from facemtl.studies.run import Run
from facemtl.words import plural


def train_all(
    runs: Sequence[Run], jobs: int, skip_bad: bool = False, test: bool = True
) -> None:
    """Train the runs that are not finished yet.

    One that diverged is no result: it is reported each time, never averaged.

    Args:
        runs: as `list_runs` gives them.
        jobs: how many at a time, each on a thread of its own.
        skip_bad, test: as of `facemtl.train`.

    Raises:
        InputError: for data that cannot be used; if a run failed, once the
            others are done: what it said.
    """
    bad = prepare_runs(runs, skip_bad, test)
    if skip_bad:
        print(bad.summary() or "No invalid rows.", flush=True)
    # Two variants may be one and the same run.
    left = {r.folder: r for r in runs if not r.usable}
    if not left:
        return
    progress = StudyProgress(list(left.values()), len(runs))
    with ThreadPoolExecutor(jobs) as pool, progress:
        futures = [
            pool.submit(_train, run, skip_bad, test) for run in left.values()
        ]
        try:
            failures = [line for f in futures if (line := f.result())]
        except BaseException:
            # Ctrl-C: what has begun ends with this process.
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    if failures:
        of = f"{len(left)} {plural(len(left), 'run')}"
        raise InputError(
            f"{len(failures)} of {of} failed. The first: {failures[0]}"
        )


def _train(run: Run, skip_bad: bool, test: bool) -> str:
    """Train one run of a study; empty, or why it failed."""
    said = train_in_process(run.config, run.folder, skip_bad, test)
    return said and f"'{run.variant.name}': {said}"


def train_in_process(
    config: Config, folder: Path, skip_bad: bool = False, test: bool = True
) -> str:
    """Train, or go on with, one run in a process of its own.

    What it uses is free again when it ends, and it ends with this process.
    Beside the run folder lie its `.toml` and its `.log`. It waits for another
    study that is at the same run.

    Args:
        config: a whole configuration.
        folder: the run folder.
        skip_bad, test: as of `facemtl.train`.

    Returns:
        Empty, or why it failed in a line.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    file = folder.with_suffix(".toml")
    write_config(config, file)
    command = [sys.executable, "-m", "facemtl.studies.worker", str(file)]
    command += [str(folder)] + ["--skip-bad"] * skip_bad
    command += ["--no-test"] * (not test)
    log_file = folder.with_suffix(".log")
    begun = log_file.stat().st_size if log_file.exists() else 0
    with (
        # Added to, as another study may be at the same run.
        log_file.open("ab") as log,
        # The worker ends when its pipe does.
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=log, stderr=log
        ) as process,
    ):
        status = process.wait()
    if status == 0:
        return ""
    if status < 0:
        return f"{_killed(-status)} (what it said: {log_file})"
    said = log_file.read_bytes()[begun:].decode(errors="replace")
    lines = said.strip().splitlines()
    said = lines[-1] if lines else f"exit status {status}"
    return f"{said.removeprefix('error: ')} (all of it: {log_file})"


def _killed(number: int) -> str:
    """Which signal ended a process, and what that may mean.

    Example:

    >>> _killed(9)
    'killed by signal 9, SIGKILL: out of memory?'
    """
    try:
        name = f"{number}, {signal.Signals(number).name}"
    except ValueError:  # a real-time signal
        name = f"{number}"
    memory = ": out of memory?" if number == 9 else ""
    return f"killed by signal {name}{memory}"
