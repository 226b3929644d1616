"""Train the runs of a study: a process for each run, several in parallel."""

import signal
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from facemtl.config import Config, write_config
from facemtl.errors import InputError
from facemtl.studies.prepare import prepare_runs
from facemtl.studies.processes import RunProcesses
from facemtl.studies.progress import StudyProgress
from facemtl.studies.run import Run
from facemtl.words import plural


def train_all(
    runs: Sequence[Run], jobs: int, skip_bad: bool = False, test: bool = True
) -> None:
    """Train the unfinished runs.

    A diverged run is reported each time and never averaged.

    Args:
        runs: runs from `list_runs`.
        jobs: number of parallel runs, one thread each.
        skip_bad, test: as in `facemtl.train`.

    Raises:
        InputError: if data is unusable, or if a run failed, after the others
            are finished; with the error message of the first failed run.
    """
    # Two variants may describe the same run.
    left = {r.folder: r for r in runs if not r.usable}
    with RunProcesses() as processes:
        if left:
            processes.prepare()
        bad, counts = prepare_runs(runs, skip_bad, test)
        if skip_bad:
            print(bad.summary() or "No invalid rows.", flush=True)
        if not left:
            return
        faces = dict(zip((run.folder for run in runs), counts, strict=True))
        numbers = [faces[folder] for folder in left]
        with StudyProgress(list(left.values()), len(runs), numbers):
            given = (processes, skip_bad, test)
            failures = _train_runs(left.values(), jobs, *given)
    if failures:
        of = f"{len(left)} {plural(len(left), 'run')}"
        raise InputError(
            f"{len(failures)} of {of} failed. The first: {failures[0]}"
        )


def _train_runs(
    runs: Collection[Run],
    jobs: int,
    processes: RunProcesses,
    skip_bad: bool,
    test: bool,
) -> list[str]:
    """Train several runs at a time; return why some failed."""
    given = (processes, skip_bad, test)
    with ThreadPoolExecutor(jobs) as pool:
        futures = [pool.submit(_train, run, *given) for run in runs]
        try:
            return [line for f in futures if (line := f.result())]
        except BaseException:
            # Ctrl-C reaches the running trainings, too.
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _train(
    run: Run, processes: RunProcesses, skip_bad: bool, test: bool
) -> str:
    """Train one run; return an empty string, or why it failed."""
    said = train_in_process(run.config, run.folder, processes, skip_bad, test)
    return said and f"'{run.variant.name}': {said}"


def train_in_process(
    config: Config,
    folder: Path,
    processes: RunProcesses,
    skip_bad: bool = False,
    test: bool = True,
) -> str:
    """Start or resume one run in a separate process.

    The process releases its memory when it ends, and ends with this process.
    Its `.toml` and `.log` files lie next to the run folder. If another study
    is training the same run, wait for that study.

    Args:
        config: a complete configuration.
        folder: the run folder.
        processes: starts the process.
        skip_bad, test: as in `facemtl.train`.

    Returns:
        An empty string, or one line that says why the run failed.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Not `with_suffix`: runs "x-0.25" and "x-0.5" need files of their own.
    file = folder.with_name(f"{folder.name}.toml")
    write_config(config, file)
    words = [str(file), str(folder)]
    words += ["--skip-bad"] * skip_bad + ["--no-test"] * (not test)
    log_file = folder.with_name(f"{folder.name}.log")
    begun = log_file.stat().st_size if log_file.exists() else 0
    # Append, because another study may be training the same run.
    with log_file.open("ab") as log:
        status = processes.run(words, log)
    if status == 0:
        return ""
    if status < 0:
        return f"{_killed(-status)} (its log: {log_file})"
    said = log_file.read_bytes()[begun:].decode(errors="replace")
    lines = said.strip().splitlines()
    said = lines[-1] if lines else f"exit status {status}"
    return f"{said.removeprefix('error: ')} (its log: {log_file})"


def _killed(number: int) -> str:
    """Return the signal that ended a process, and its likely cause.

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
