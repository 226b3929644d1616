"""The end of a search: its best few, each trained as the winner will be.

Trials are short, and the best of many is the luckiest: which one is best with
all faces and epochs shows only when a few are trained with these.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from facemtl.studies.run import Run
from facemtl.studies.runner import train_all
from facemtl.studies.study import Variant
from facemtl.tuning.objective import trial_measures
from facemtl.tuning.results import Trial, longest
from facemtl.tuning.space import Space


def play_finals(
    space: Space,
    trials: Sequence[Trial],
    objective: str,
    source: str,
    seed: int,
    count: int,
    folder: Path,
    skip_bad: bool = False,
) -> None:
    """Train the best trials with all faces and epochs; test faces are no part.

    Args:
        space: what was searched.
        trials: of the search; the finalists' `final` becomes their score.
        objective: a name of `facemtl.tuning.objective.OBJECTIVES`.
        source: the faces.
        seed: of all finals, best one that no trial had.
        count: how many finalists.
        folder: of the search; runs go to its `finals`, and what is finished
            there is not trained again.
        skip_bad: as of `facemtl.train`.

    Raises:
        InputError: if a final failed, once the others are done.
    """
    finalists = longest(trials)[:count]
    runs = [_run(space, trial, source, seed, folder) for trial in finalists]
    train_all(runs, os.cpu_count() or 1, skip_bad, test=False)
    for trial, run in zip(finalists, runs, strict=True):
        trial["final"] = trial_measures(run.report(), objective)["objective"]
        print(
            f"Trial {trial['id']}: {trial['score']:.3f} in the search, "
            f"{trial['final']:.3f} with all faces and epochs."
        )


def _run(
    space: Space, trial: Trial, source: str, seed: int, folder: Path
) -> Run:
    name = f"trial_{trial['id']}"
    config = space.config(trial["values"])
    config["data"] |= {"source": source, "cache": str(folder / "cache")}
    config["train"] |= {"seed": seed, "threads": 1}
    return Run(Variant(name, "", config), config, folder / "finals" / name)
