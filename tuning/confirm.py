"""The best trial again, on several seeds with all epochs, beside the default.

A trial's score is the luck of one seed with few epochs, and the best of many
is the luckiest. Here both are trained as `facemtl fit` would, and compared as
in any study: choice on validation, test faces once.
"""

from pathlib import Path
from typing import Any

import tomli_w

from facemtl.config import Config
from facemtl.files.writing import write_whole
from facemtl.studies.results import gather
from facemtl.studies.run import list_runs
from facemtl.studies.runner import train_all
from facemtl.studies.study import load_study


def confirm(
    default: Config,
    tuned: Config,
    source: str,
    seeds: int,
    jobs: int,
    folder: Path,
    skip_bad: bool = False,
) -> dict[str, Any]:
    """Train both on several seeds; the results of the study.

    Args:
        default: settings of the untuned network.
        tuned: settings of the best trial.
        source: the faces.
        seeds: how many.
        jobs: runs at a time, a thread each.
        folder: of the search; runs go to its `confirm`.
        skip_bad: as of `facemtl.train`.
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
        "all epochs and on seeds that it was not chosen by?",
        "seeds": seeds,
        "baselines": ["default"],
        "variants": [
            {"name": "default", "settings": default},
            {"name": "tuned", "settings": tuned},
        ],
    }
