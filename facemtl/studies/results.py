"""From finished runs to `results.json`: all numbers that a report shows."""

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
    """All numbers of a study whose runs are finished.

    Args:
        study: the study.
        runs: all of its runs, from `list_runs`.
        command: what made them, for whoever reads the results.

    Returns:
        `study` (its words), `command`, `circumstances` (source, machine,
        versions), `common` (settings of all variants that are no defaults),
        `measures` (title, `less_is_better`) and `groups`: `name` and
        `variants`, see `describe_variant`; each has a `name` and `against`:
        {baseline: {split: {measure: difference, low, high, verdict}}}.
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
    """Write `results.json`, whole or not at all, a line a variant."""
    text = json.dumps(results, ensure_ascii=False, separators=(",", ":"))
    write_whole(text.replace('{"name":', '\n{"name":') + "\n", file)


def read_results(file: Path) -> Results:
    """What `write_results` wrote.

    Raises:
        InputError: if there is no such file, or another one.
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
    """The variants of a group, each with its differences to the baselines."""
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
    """Where the numbers were made; of any path only the last name."""
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
    """Differences to each baseline of the group in what both answer."""
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
