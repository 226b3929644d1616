"""From finished runs to `results.json`: all numbers that a report shows."""

import csv
from collections.abc import Sequence
from typing import Any

import numpy as np

from facemtl.config import Config, default_config, flat
from facemtl.predictions import read_predictions
from facemtl.studies.bootstrap import paired_difference
from facemtl.studies.measures import describe, face_scores
from facemtl.studies.runner import NOT_IN_KEY, Run
from facemtl.studies.study import Study

Results = dict[str, Any]
Scores = dict[str, dict[str, np.ndarray]]  # {split: {measure: (S, N)}}
# Columns of a history that tell what the streams share.
SHARING = (
    *("_distance", "_map_a", "_map_b", "_norm1", "_norm2", "_r_w"),
    *("_own", "_other", "lambda_w"),
)
CURVE = np.linspace(0, 100, 101)  # percentiles


def gather(study: Study, runs: Sequence[Run], bar: Any = None) -> Results:
    """All numbers of a study whose runs are finished.

    Args:
        study: the study.
        runs: all of its runs, from `list_runs`.
        bar: called after each variant, to show progress.

    Returns:
        `study` (its words), `circumstances` (source, machine, versions),
        `common` (settings of all variants that are no defaults), `measures`
        (title, `less_is_better`) and `groups`: `name` and `variants`, see
        `describe_variant`; each has `against`: {baseline: {split: {measure:
        difference, low, high, verdict}}}.
    """
    common = _common([changed_settings(run.config) for run in runs])
    first = runs[0].report()
    groups = []
    for group in dict.fromkeys(v.group for v in study.variants):
        scores: dict[str, Scores] = {}
        parts = []
        for variant in study.variants:
            if variant.group != group:
                continue
            own = [run for run in runs if run.variant is variant]
            scores[variant.name] = read_scores(own)
            part = describe_variant(own, scores[variant.name], common)
            parts.append({"name": variant.name, **part})
            if bar:
                bar()
        for part in parts:
            part["against"] = _against(part["name"], scores, study.baselines)
        groups.append({"name": group, "variants": parts})
    names = {
        measure: None
        for group in groups
        for part in group["variants"]
        for measure in part["scores"]["validation"]
    }
    return {
        "study": {
            "name": study.name,
            "title": study.title,
            "question": study.question,
            "seeds": study.seeds,
            "baselines": list(study.baselines),
        },
        "circumstances": {
            key: first[key] for key in ("source", "machine", "versions")
        },
        "common": common,
        "measures": {name: vars(describe(name)) for name in names},
        "groups": groups,
    }


def changed_settings(config: Config) -> Config:
    """A run's settings that are no defaults, by their dotted names."""
    defaults = flat(default_config())
    return {
        key: value
        for key, value in flat(config).items()
        if value != defaults.get(key)
        and key not in (*NOT_IN_KEY, "data.source")
    }


def _common(settings: Sequence[Config]) -> Config:
    first, *others = settings
    return {
        key: value
        for key, value in first.items()
        if all(key in other and other[key] == value for other in others)
    }


def read_scores(runs: Sequence[Run]) -> Scores:
    """{split: {measure: (S, N)}}: a row a seed, a column a face."""
    by_seed = [
        {
            split: face_scores(predictions)
            for split, predictions in read_predictions(
                run.folder / "predictions.npz"
            ).items()
        }
        for run in runs
    ]
    return {
        split: {
            measure: np.stack([one[split][measure] for one in by_seed])
            for measure in measures
        }
        for split, measures in by_seed[0].items()
    }


def describe_variant(
    runs: Sequence[Run], scores: Scores, common: Config
) -> Results:
    """One variant over its seeds.

    Returns:
        `settings` beside the common ones, `runs` (folders), `parameters`,
        `multiply_adds`, per seed `training_seconds`, `epochs`, `best_epoch`
        and `stopped`; `scores` {split: {measure: mean, std, runs}};
        `landmarks` {split: {point: scores}}, `by` {split: {task: {class:
        scores}}} and `confusion` {split: {task: {true: {predicted: faces}}}},
        means over the seeds; `curve` {split: percentiles 0 to 100 of a face's
        mean error}; `alpha` {unit: T x T x channels} and `history` {column:
        values an epoch}, means over the seeds.
    """
    reports = [run.report() for run in runs]
    settings = changed_settings(runs[0].config)
    own = {k: v for k, v in settings.items() if k not in common}
    per_seed = ("training_seconds", "epochs", "best_epoch", "stopped")
    return {
        "settings": own,
        "runs": [run.folder.name for run in runs],
        "parameters": reports[0]["parameters"],
        "multiply_adds": reports[0]["multiply_adds"],
        **{key: [report[key] for report in reports] for key in per_seed},
        "scores": {
            split: {
                measure: _spread(values) for measure, values in part.items()
            }
            for split, part in scores.items()
        },
        **_parts([report["scores"] for report in reports]),
        "curve": {
            split: _curve(part["mean_error_box"])
            for split, part in scores.items()
            if "mean_error_box" in part
        },
        "alpha": _mean_of([report["alpha"] for report in reports]),
        "history": _history(runs),
    }


def _spread(values: np.ndarray) -> Results:
    """Mean and standard deviation of a measure (S, N) over the seeds."""
    runs = [float(x) for x in np.nanmean(values, axis=1)]
    std = float(np.std(runs, ddof=1)) if len(runs) > 1 else None
    return {
        "mean": _round(float(np.mean(runs))),
        "std": _round(std),
        "runs": [_round(run) for run in runs],
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
        "difference": _round(difference.mean),
        "low": _round(difference.low),
        "high": _round(difference.high),
        "verdict": difference.verdict(describe(measure).less_is_better),
    }


def _parts(scores: Sequence[Results]) -> Results:
    """Scores by point, by class and the confusions, means over the seeds."""
    splits = list(scores[0])
    landmarks = {
        split: _mean_of([one[split][task] for one in scores])
        for split in splits
        for task, part in scores[0][split].items()
        if isinstance(part, dict) and "per_landmark" in part
    }
    attributes = {
        split: _mean_of([one[split].get("attributes", {}) for one in scores])
        for split in splits
    }
    return {
        "landmarks": {k: v["per_landmark"] for k, v in landmarks.items()},
        "by": {
            split: {
                key.removeprefix("per_"): part
                for key, part in values.items()
                if key.startswith("per_") and key != "per_landmark"
            }
            for split, values in landmarks.items()
        },
        "confusion": {
            split: {task: part["confusion"] for task, part in tasks.items()}
            for split, tasks in attributes.items()
        },
    }


def _mean_of(trees: Sequence[Any]) -> Any:
    """The mean of equal trees of dictionaries, lists and numbers."""
    first = trees[0]
    if isinstance(first, dict):
        return {key: _mean_of([tree[key] for tree in trees]) for key in first}
    if isinstance(first, list):
        return [_mean_of(items) for items in zip(*trees, strict=True)]
    return _round(float(np.mean(trees)))


def _curve(errors: np.ndarray) -> list[float]:
    known = errors[~np.isnan(errors)]
    return [_round(float(x)) for x in np.percentile(known, CURVE)]


def _history(runs: Sequence[Run]) -> dict[str, list[float | None]]:
    """The sharing columns of the histories, means over the seeds."""
    tables = [_columns(run) for run in runs]
    shared = {
        column: [table[column] for table in tables if column in table]
        for table in tables
        for column in table
    }
    return {
        column: [
            _round(float(np.mean(values)))
            for values in zip(*rows, strict=False)
        ]
        for column, rows in shared.items()
    }


def _columns(run: Run) -> dict[str, list[float]]:
    with (run.folder / "history.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {
        column: [float(row[column]) for row in rows if row[column]]
        for column in rows[0]
        if column.endswith(SHARING)
    }


def _round(value: Any) -> Any:
    """Four digits behind the point: enough for percents, and readable."""
    return None if value is None else round(value, 4)
