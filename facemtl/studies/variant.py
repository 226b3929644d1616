"""The numbers of one variant over all seeds."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from facemtl.config import Config
from facemtl.evaluation.predictions import read_predictions
from facemtl.files.kept import read_kept
from facemtl.studies.measures import face_scores
from facemtl.studies.paths import without_folders
from facemtl.studies.run import Run, changed_settings

Scores = dict[str, dict[str, np.ndarray]]  # {split: {measure: (S, N)}}
# Columns of a history that describe the sharing between streams.
SHARING = (
    *("_distance", "_map_a", "_map_b", "_norm1", "_norm2", "_r_w"),
    *("_own", "_other", "lambda_w"),
)
CURVE = np.linspace(0, 100, 101)  # percentiles


def read_scores(runs: Sequence[Run]) -> Scores:
    """Return {split: {measure: (S, N)}}: a row per seed, a column per face."""
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
) -> dict[str, Any]:
    """Summarize one variant over its seeds.

    Returns:
        `settings` (apart from the common ones), `runs` (folders), `parameters`,
        `multiply_adds`; per seed, `training_seconds`, `epochs`, `best_epoch`
        and `stopped`; `scores` {split: {measure: mean, std, runs}}; means over
        the seeds of `landmarks` {split: {point: scores}}, `by` {split: {task:
        {class: scores}}} and `confusion` {split: {task: {true: {predicted:
        faces}}}}; `curve` {split: percentiles 0 to 100 of the mean error of a
        face}; `alpha` of the first seed {unit: T x T x channels}; `conflict`
        {layer: {pair of tasks: cosine}}, means over the seeds; `history`
        {column: value per epoch}, means over the seeds; `faces` {split: N}.
    """
    reports = [run.report() for run in runs]
    settings = changed_settings(runs[0].config)
    shown = {k: v for k, v in settings.items() if k != "data.source"}
    own = {k: v for k, v in shown.items() if k not in common}
    per_seed = ("training_seconds", "epochs", "best_epoch", "stopped")
    return {
        "settings": without_folders(own),
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
        # Channels of different seeds do not correspond: no mean.
        "alpha": reports[0]["alpha"],
        # Runs of an earlier version have none.
        "conflict": _mean_of([one.get("conflict", {}) for one in reports]),
        "history": _history(runs),
        "faces": {split: _faces(part) for split, part in scores.items()},
    }


def _spread(values: np.ndarray) -> dict[str, Any]:
    """Return mean and standard deviation of (S, N) scores over the seeds."""
    runs = [float(x) for x in np.nanmean(values, axis=1)]
    std = float(np.std(runs, ddof=1)) if len(runs) > 1 else None
    return {
        "mean": rounded(float(np.mean(runs))),
        "std": rounded(std),
        "runs": [rounded(run) for run in runs],
    }


def _parts(scores: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return scores by point and class, and confusions: means over seeds."""
    splits = list(scores[0])
    landmarks = {
        split: _mean_of([_details(one[split][task]) for one in scores])
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
                if key != "per_landmark"
            }
            for split, values in landmarks.items()
        },
        "confusion": {
            split: {task: part["confusion"] for task, part in tasks.items()}
            for split, tasks in attributes.items()
        },
    }


def _details(scores: dict[str, Any]) -> dict[str, Any]:
    """Return scores by point and by class of a landmarks task."""
    return {k: part for k, part in scores.items() if k.startswith("per_")}


def _mean_of(trees: Sequence[Any]) -> Any:
    """Return the mean of nested dictionaries and lists of equal structure."""
    first = trees[0]
    if isinstance(first, dict):
        return {key: _mean_of([tree[key] for tree in trees]) for key in first}
    if isinstance(first, list):
        return [_mean_of(items) for items in zip(*trees, strict=True)]
    return rounded(float(np.mean(trees)))


def _faces(scores: dict[str, np.ndarray]) -> int:
    return next(iter(scores.values())).shape[1]


def _curve(errors: np.ndarray) -> list[float]:
    known = errors[~np.isnan(errors)]
    return [rounded(float(x)) for x in np.percentile(known, CURVE)]


def _history(runs: Sequence[Run]) -> dict[str, list[float | None]]:
    """Return the sharing columns of the histories, means over the seeds."""
    tables = [_columns(run) for run in runs]
    shared = {
        column: [table[column] for table in tables if column in table]
        for table in tables
        for column in table
    }
    return {
        column: [
            rounded(float(np.mean(values)))
            for values in zip(*rows, strict=False)
        ]
        for column, rows in shared.items()
    }


def _columns(run: Run) -> dict[str, list[float]]:
    advice = f"Remove {run.folder} to train it again."
    return read_kept(run.folder / "history.csv", _read_columns, advice)


def _read_columns(file: Path) -> dict[str, list[float]]:
    rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"))))
    return {
        column: [float(row[column]) for row in rows if row[column]]
        for column in rows[0]
        if column.endswith(SHARING)
    }


def rounded(value: Any) -> Any:
    """Round to four decimals: precise enough for percentages."""
    return None if value is None else round(value, 4)
