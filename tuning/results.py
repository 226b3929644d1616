"""Collect the results of trials in `search.json` and `best.toml`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import tomli_w

from facemtl.config import Config, default_config, update
from facemtl.dotted_names import flat, nested
from facemtl.files.kept import read_kept, read_object
from facemtl.files.writing import write_whole
from facemtl.studies.paths import without_folders
from facemtl.tuning.describe import default_values, describe_space
from facemtl.tuning.objective import OBJECTIVES
from facemtl.tuning.project import DAMAGED, ORACLE, Search
from facemtl.tuning.space import Space

Trial = dict[str, Any]


def read_trials(folder: Path, space: Space) -> list[Trial]:
    """Read all trials of a search, in the order of their start.

    Args:
        folder: folder of KerasTuner's files.
        space: the searched space.

    Returns:
        Dictionaries of `id`, `status`, active `values`, `epochs`, Hyperband's
        `bracket` and `round`, `score`, `measures`, `error`, `order` of ending
        and `final` score; None for missing entries.
    """
    oracle = folder / ORACLE
    if not oracle.is_file():
        return []
    state = read_kept(oracle, read_object, DAMAGED)
    order = {key: i for i, key in enumerate(dict.fromkeys(state["end_order"]))}
    return [
        _trial(folder / f"trial_{key}", order.get(key), space)
        for key in state["start_order"]
    ]


def _trial(folder: Path, order: int | None, space: Space) -> Trial:
    kept = read_kept(folder / "trial.json", read_object, DAMAGED)
    values = kept["hyperparameters"]["values"]
    config = space.config(values, trial=True)
    measures = {
        name: history["observations"][-1]["value"][0]
        for name, history in kept["metrics"]["metrics"].items()
    }
    measures.pop("objective", None)
    said = folder / "error.txt"
    failed = kept["status"] == "FAILED"
    error = kept["message"] if failed else ""
    if failed and said.is_file():
        error = said.read_text(encoding="utf-8")
    return {
        "id": kept["trial_id"],
        "status": kept["status"],
        "values": space.active(values),
        "epochs": values.get("tuner/epochs", config["train"]["epochs"]),
        "bracket": values.get("tuner/bracket"),
        "round": values.get("tuner/round"),
        "score": kept["score"],
        "measures": measures,
        "error": without_folders(error or ""),
        "order": order,
        "final": None,
    }


def best_trial(trials: Sequence[Trial]) -> Trial | None:
    """Return the winner of the finals, or else the best trial."""
    finals = [trial for trial in trials if trial["final"] is not None]
    if finals:
        return min(finals, key=lambda trial: trial["final"])
    return next(iter(longest(trials)), None)


def longest(trials: Sequence[Trial]) -> list[Trial]:
    """Return the trials of the most epochs, which alone compare, best first."""
    done = [trial for trial in trials if trial["status"] == "COMPLETED"]
    most = max((trial["epochs"] for trial in done), default=0)
    full = [trial for trial in done if trial["epochs"] == most]
    return sorted(full, key=lambda trial: trial["score"])


def best_settings(space: Space, trial: Trial) -> Config:
    """Return a trial's nested settings, without those of the search only."""
    defaults = flat(default_config())
    found: Config = {}
    for key, value in flat(space.config(trial["values"])).items():
        if value != defaults.get(key):
            _merge(found, nested(key, value))
    update(default_config(), found, space.where)
    return found


def _merge(into: Config, part: Config) -> None:
    for key, value in part.items():
        if isinstance(value, dict) and key in into:
            _merge(into[key], value)
        else:
            into[key] = value


def write_best(space: Space, trial: Trial, title: str, file: Path) -> None:
    """Write a TOML file for `facemtl fit --config`."""
    score = trial["score"] if trial["final"] is None else trial["final"]
    head = (
        f"# Trial {trial['id']} of a search: {score:.3f} ({title}).\n"
        "# Train it: facemtl fit --config best.toml\n\n"
    )
    write_whole(head + tomli_w.dumps(best_settings(space, trial)), file)


def describe_search(
    search: Search,
    space: Space,
    trials: Sequence[Trial],
    command: str,
    circumstances: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the content of `search.json`: all that a report shows.

    Args:
        search: the search.
        space: its space.
        trials: trials from `read_trials`.
        command: the command of the search.
        circumstances: `source`, `machine`, `versions`.
    """
    best = best_trial(trials)
    return {
        "title": "Where to stitch and how much to share",
        "command": without_folders(command),
        "circumstances": dict(circumstances),
        "tuner": search.tuner,
        "objective": {
            **vars(OBJECTIVES[search.objective]),
            "less_is_better": True,
        },
        "limits": dict(space.limits),
        "settings": without_folders(flat(space.settings)),
        "search_settings": without_folders(flat(space.search)),
        "space": describe_space(space),
        "default": default_values(space),
        "trials": list(trials),
        "best": best["id"] if best else None,
        "confirmation": None,
    }
