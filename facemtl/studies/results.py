"""Collect the numbers of finished runs in `results.json`."""

import json
from collections.abc import Sequence
from pathlib import Path, PureWindowsPath
from typing import Any

import numpy as np

from facemtl.config import Config
from facemtl.errors import InputError
from facemtl.files.writing import write_whole
from facemtl.studies.bootstrap import paired_difference
from facemtl.studies.measures import describe
from facemtl.studies.paths import without_folders
from facemtl.studies.run import Run, changed_settings
from facemtl.studies.study import Study
from facemtl.studies.variant import (
    Scores,
    describe_variant,
    read_scores,
    rounded,
)

Results = dict[str, Any]


def gather(study: Study, runs: Sequence[Run], command: str = "") -> Results:
    """Collect all numbers of a study whose runs are finished.

    Args:
        study: the study.
        runs: all runs of the study, from `list_runs`.
        command: the command that produced the runs.

    Returns:
        `study` (title and question), `command`, `circumstances` (source,
        machine, versions), `common` (non-default settings that all variants
        share), `measures` (title, `less_is_better`) and `groups`, each with a
        `name` and `variants` (see `describe_variant`). Each variant has a
        `name` and `against`: {baseline: {split: {measure: difference, low,
        high, verdict}}}.
    """
    common = _common([changed_settings(run.config) for run in runs])
    groups = [
        {"name": name, "variants": _group(study, name, runs, common)}
        for name in dict.fromkeys(v.group for v in study.variants)
    ]
    words = ("name", "title", "question", "seeds", "baselines")
    return {
        "study": {key: getattr(study, key) for key in words},
        "command": without_folders(command),
        "circumstances": _circumstances(runs[0]),
        "common": without_folders(common),
        "measures": _measures(groups),
        "groups": groups,
    }


def write_results(results: Results, file: Path) -> None:
    """Write `results.json` atomically, with one line per variant."""
    text = json.dumps(results, ensure_ascii=False, separators=(",", ":"))
    write_whole(text.replace('{"name":', '\n{"name":') + "\n", file)


def read_results(file: Path) -> Results:
    """Read the file that `write_results` wrote.

    Raises:
        InputError: if the file is missing or is no `results.json`.
    """
    try:
        results = json.loads(file.read_text(encoding="utf-8"))
        results["study"]["title"], results["groups"][0]["variants"]
    except (OSError, ValueError, LookupError, TypeError):
        raise InputError(
            f"Expected the results.json of a study. Received: {file}."
        ) from None
    return results


def _group(
    study: Study,
    group: str,
    runs: Sequence[Run],
    common: Config,
) -> list[Results]:
    """Return the variants of a group with their differences to baselines."""
    scores: dict[str, Scores] = {}
    parts = []
    for variant in study.variants:
        if variant.group == group:
            own = [run for run in runs if run.variant is variant]
            scores[variant.name] = read_scores(own)
            part = describe_variant(own, scores[variant.name], common)
            parts.append({"name": variant.name, **part})
    for part in parts:
        part["against"] = _against(part["name"], scores, study.baselines)
    return parts


def _circumstances(run: Run) -> Results:
    """Return the environment metadata, with paths reduced to last names."""
    report = run.report()
    return {
        "source": PureWindowsPath(report["source"]).name,
        "machine": report["machine"],
        "versions": report["versions"],
    }


def _measures(groups: Sequence[Results]) -> Results:
    names = dict.fromkeys(
        measure
        for group in groups
        for variant in group["variants"]
        for measure in variant["scores"]["validation"]
    )
    return {name: vars(describe(name)) for name in names}


def _common(settings: Sequence[Config]) -> Config:
    first, *others = settings
    return {
        key: value
        for key, value in first.items()
        if key != "data.source"
        and all(key in other and other[key] == value for other in others)
    }


def _against(
    name: str, scores: dict[str, Scores], baselines: Sequence[str]
) -> Results:
    """Return differences to each baseline for measures that both share."""
    return {
        baseline: {
            split: {
                measure: _compare(measure, values, other[measure])
                for measure, values in part.items()
                if measure in other
            }
            for split, part in scores[name].items()
            if (other := scores[baseline].get(split, {}))
        }
        for baseline in baselines
        if baseline in scores and baseline != name
    }


def _compare(measure: str, values: np.ndarray, baseline: np.ndarray) -> Results:
    difference = paired_difference(values, baseline)
    return {
        "difference": rounded(difference.mean),
        "low": rounded(difference.low),
        "high": rounded(difference.high),
        "verdict": difference.verdict(describe(measure).less_is_better),
    }
