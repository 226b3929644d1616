"""Train the best trials again after a search.

A trial's score comes from one seed and few epochs, and the best of many scores
is partly luck. Finals train a few trials with all faces and epochs.
Confirmation trains the winner and the untuned default on several seeds, like
`facemtl compare`: epochs are chosen on validation faces, and test faces are
scored once.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import tomli_w

from facemtl.config import Config
from facemtl.files.writing import write_whole
from facemtl.process.environment import cores
from facemtl.studies.results import gather
from facemtl.studies.run import Run, list_runs
from facemtl.studies.runner import train_all
from facemtl.studies.study import Variant, load_study
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
    """Train the best trials with all faces and epochs, without test faces.

    Args:
        space: the searched space.
        trials: trials of the search. `final` of each finalist is set.
        objective: a name of `facemtl.tuning.objective.OBJECTIVES`.
        source: the faces.
        seed: seed of all finals, preferably one that no trial used.
        count: number of finalists.
        folder: folder of the search. Runs go to `finals`; finished runs there
            are not repeated.
        skip_bad: as in `facemtl.train`.

    Raises:
        InputError: if a final failed, after the others are finished.
    """
    finalists = longest(trials)[:count]
    runs = [_run(space, trial, source, seed, folder) for trial in finalists]
    train_all(runs, cores(), skip_bad, test=False)
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
    config["data"]["source"] = source
    config["train"] |= {"seed": seed, "threads": 1}
    return Run(Variant(name, "", config), config, folder / "finals" / name)


def confirm(
    default: Config,
    tuned: Config,
    source: str,
    seeds: int,
    jobs: int,
    folder: Path,
    skip_bad: bool = False,
) -> dict[str, Any]:
    """Train both settings on several seeds; return the results of the study.

    Args:
        default: settings of the untuned network.
        tuned: settings of the best trial.
        source: the faces.
        seeds: number of seeds.
        jobs: number of parallel runs, one thread each.
        folder: folder of the search; runs go to `confirm`.
        skip_bad: as in `facemtl.train`.
    """
    file = folder / "confirm.toml"
    write_whole(tomli_w.dumps(_study(default, tuned, seeds)), file)
    study = load_study(file)
    runs = list_runs(study, source, folder / "confirm")
    train_all(runs, jobs, skip_bad)
    return gather(study, runs, f"facemtl compare {file.name}")


def _study(default: Config, tuned: Config, seeds: int) -> dict[str, Any]:
    return {
        "title": "Does tuning help?",
        "question": "Is the best trial better than the untuned default, with "
        "all epochs and with new seeds?",
        "seeds": seeds,
        "baselines": ["default"],
        "variants": [
            {"name": "default", "settings": default},
            {"name": "tuned", "settings": tuned},
        ],
    }
