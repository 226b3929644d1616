"""The end of a search: its best few, each trained as the winner will be.

Trials are short, and the best of many is the luckiest: which one is best with
all faces and epochs shows only when a few are trained with these.
"""

import copy
import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from facemtl.config import Config
from facemtl.errors import InputError
from facemtl.studies.runner import train_in_process
from facemtl.tuning.objective import trial_measures
from facemtl.tuning.results import Trial, longest
from facemtl.tuning.space import Space


def play_finals(
    space: Space,
    trials: Sequence[Trial],
    objective: str,
    fixed: Config,
    count: int,
    folder: Path,
    skip_bad: bool = False,
) -> None:
    """Train the best trials with all faces and epochs, by validation alone.

    Args:
        space: what was searched.
        trials: of the search; the finalists' `final` becomes their score.
        objective: a name of `facemtl.tuning.objective.OBJECTIVES`.
        fixed: settings of every final by section: its data, seed, threads.
        count: how many finalists.
        folder: of the finals; what is there already is not trained again.
        skip_bad: as of `facemtl.train`.

    Raises:
        InputError: if a final failed, once the others are done.
    """
    finalists = longest(trials)[:count]

    def play(trial: Trial) -> str:
        config = copy.deepcopy(space.config(trial["values"]))
        for section, settings in fixed.items():
            config[section] |= settings
        run = folder / f"trial_{trial['id']}"
        failed = train_in_process(config, run, skip_bad, test=False)
        if not failed:
            trial["final"] = _score(run, objective)
            print(
                f"Trial {trial['id']}: {trial['score']:.3f} in the search, "
                f"{trial['final']:.3f} with all faces and epochs.",
                flush=True,
            )
        return failed

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        failures = [line for line in pool.map(play, finalists) if line]
    if failures:
        raise InputError(f"A final failed: {failures[0]}")


def _score(run: Path, objective: str) -> float:
    report: dict[str, Any] = json.loads(
        (run / "report.json").read_text(encoding="utf-8")
    )
    return trial_measures(report, objective)["objective"]
