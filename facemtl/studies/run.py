"""The runs of a study: one variant and one seed, in one folder each."""

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

# Settings that are not part of a run's key: the seed is listed separately, and
# the others change speed but not results.
NOT_IN_KEY = (
    *("train.seed", "train.threads"),
    *("data.cache", "data.cache_gigabytes"),
)


@dataclass(frozen=True)
class Run:
    """A variant, a seed, and the folder of the results."""

    variant: Variant
    config: Config
    folder: Path

    @property
    def report_file(self) -> Path:
        """The path of the report of a finished run."""
        return self.folder / "report.json"

    @property
    def usable(self) -> bool:
        """Whether the run is finished and did not diverge."""
        return self.report_file.is_file() and not failure(self.report())

    def report(self) -> dict[str, Any]:
        """Return the report of `facemtl.train`."""
        return read_report(self.folder) or {}


def failure(report: Mapping[str, Any]) -> str:
    """Return why a finished run is unusable; empty if it is usable.

    Example:

    >>> failure({"scores": {}})
    ''
    """
    return report.get("diverged") or report.get("ended_early") or ""


def list_runs(study: Study, source: str, folder: str | Path) -> list[Run]:
    """List all runs of a study, seed by seed.

    The name of a run's folder depends only on its settings. Studies in the
    same folder share equal runs, and an edited study reuses the runs that did
    not change.

    Args:
        study: the study.
        source: the source of faces, as in `facemtl.fit`.
        folder: the parent of the run folders.
    """
    runs = []
    for seed in range(study.seeds):
        for variant in study.variants:
            config = copy.deepcopy(variant.config)
            config["data"]["source"] = source
            # Results do not depend on the number of parallel runs.
            config["train"] |= {"seed": seed, "threads": 1}
            runs.append(Run(variant, config, Path(folder) / run_name(config)))
    return runs


def run_name(config: Config) -> str:
    """Return the architecture, a hash of non-default settings, and the seed."""
    text = json.dumps(changed_settings(config)).encode()
    key = hashlib.blake2b(text, digest_size=5).hexdigest()
    model = config["model"]["architecture"]
    return f"{model}-{key}-{config['train']['seed']}"


def changed_settings(config: Config) -> Config:
    """Return the non-default settings, without the seed, by their dotted
    names."""
    defaults = flat(default_config())
    return {
        key: value
        for key, value in sorted(flat(config).items())
        if value != defaults.get(key) and key not in NOT_IN_KEY
    }
