"""Trains what a study asks for: one run a process, several at a time."""

import copy
import hashlib
import json
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from facemtl.config import Config, default_config, flat, write_config
from facemtl.errors import InputError
from facemtl.studies.progress import StudyProgress
from facemtl.studies.study import Study, Variant

# These change how fast a run is, not what it learns.
NOT_IN_KEY = ("train.seed", "train.threads", "data.cache")


@dataclass(frozen=True)
class Run:
    """A variant with a seed, and the folder of its results."""

    variant: Variant
    config: Config
    folder: Path

    @property
    def report_file(self) -> Path:
        """Its report, once it is finished."""
        return self.folder / "report.json"

    def report(self) -> dict[str, Any]:
        """What `facemtl.train` reported."""
        return json.loads(self.report_file.read_text(encoding="utf-8"))


def list_runs(study: Study, source: str, folder: str | Path) -> list[Run]:
    """All runs of a study, seed by seed.

    A run's folder is named after its settings: studies that share a folder
    share the runs they have in common, and an edited study finds again what
    it did not change.

    Args:
        study: the study.
        source: where the faces are, as `facemtl.fit` takes it.
        folder: where the runs' folders are.
    """
    runs = []
    for seed in range(study.seeds):
        for variant in study.variants:
            config = copy.deepcopy(variant.config)
            config["data"]["source"] = source
            config["data"]["cache"] = str(Path(folder) / "cache")
            # Results do not depend on how many runs share the cores.
            config["train"] |= {"seed": seed, "threads": 1}
            runs.append(Run(variant, config, Path(folder) / run_name(config)))
    return runs


def run_name(config: Config) -> str:
    """Architecture, a hash of the settings that are not defaults, and seed."""
    defaults = flat(default_config())
    changed = {
        key: value
        for key, value in sorted(flat(config).items())
        if value != defaults.get(key) and key not in NOT_IN_KEY
    }
    text = json.dumps(changed).encode()
    key = hashlib.blake2b(text, digest_size=5).hexdigest()
    model = config["model"]["architecture"]
    return f"{model}-{key}-{config['train']['seed']}"


def train_all(runs: Sequence[Run], jobs: int, skip_bad: bool = False) -> None:
    """Train the runs that are not finished yet.

    Args:
        runs: as `list_runs` gives them.
        jobs: how many at a time, each on a thread of its own.
        skip_bad: as of `facemtl.train`.

    Raises:
        InputError: if a run failed, once the others are done; what it said.
    """
    # Two variants may be one and the same run.
    left = {r.folder: r for r in runs if not r.report_file.is_file()}
    if not left:
        return
    progress = StudyProgress(list(left.values()), len(runs))
    with ThreadPoolExecutor(jobs) as pool, progress:
        futures = [pool.submit(_train, run, skip_bad) for run in left.values()]
        try:
            failures = [line for f in futures if (line := f.result())]
        except BaseException:
            # Ctrl-C: what has begun ends with this process.
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    if failures:
        raise InputError(
            f"{len(failures)} of {len(left)} runs failed. The first: "
            f"{failures[0]}"
        )


def _train(run: Run, skip_bad: bool) -> str:
    """Train one run in a process; empty, or why it failed."""
    run.folder.parent.mkdir(parents=True, exist_ok=True)
    file = run.folder.with_suffix(".toml")
    write_config(run.config, file)
    command = [sys.executable, "-m", "facemtl.studies.worker", str(file)]
    command += [str(run.folder)] + ["--skip-bad"] * skip_bad
    log_file = run.folder.with_suffix(".log")
    with (
        log_file.open("w", encoding="utf-8") as log,
        # The worker ends when its pipe does.
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=log, stderr=log
        ) as process,
    ):
        status = process.wait()
    if status == 0:
        return ""
    lines = log_file.read_text(encoding="utf-8").strip().splitlines()
    said = lines[-1] if lines else f"exit status {status}"
    return f"'{run.variant.name}': {said} (all of it: {log_file})"
