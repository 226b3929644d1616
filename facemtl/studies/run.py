"""The runs of a study: a variant with a seed each, in a folder of its own."""

import copy
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from facemtl.config import Config, default_config
from facemtl.dotted_names import flat
from facemtl.studies.study import Study, Variant
from facemtl.training.run_start import read_report

# Not in a run's key: the seed has its own place; the others change how fast
# a run is, not what it learns.
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

    @property
    def usable(self) -> bool:
        """Whether it is finished, and did not diverge."""
        return self.report_file.is_file() and not failure(self.report())

    def report(self) -> dict[str, Any]:
        """What `facemtl.train` reported."""
        return read_report(self.folder) or {}


def failure(report: Mapping[str, Any]) -> str:
    """Why a finished run is no result of a study; empty if it is one.

    Example:

    >>> failure({"scores": {}})
    ''
    """
    return report.get("diverged") or report.get("ended_early") or ""


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
    text = json.dumps(changed_settings(config)).encode()
    key = hashlib.blake2b(text, digest_size=5).hexdigest()
    model = config["model"]["architecture"]
    return f"{model}-{key}-{config['train']['seed']}"


def changed_settings(config: Config) -> Config:
    """What makes a run what it is: settings that are no defaults, but the
    seed, by their dotted names."""
    defaults = flat(default_config())
    return {
        key: value
        for key, value in sorted(flat(config).items())
        if value != defaults.get(key) and key not in NOT_IN_KEY
    }
