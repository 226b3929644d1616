"""Made-up results of a study, as `facemtl.studies.results` gives them, and
made-up answers."""

from typing import Any

import numpy as np

from facemtl.evaluation.predictions import Predictions
from facemtl.studies.measures import describe
from facemtl.tasks import Task

POINTS = ("left eye", "right <eye>")
CLASSES = {"smile": ("yes", "no"), "pose": ("left", "frontal", "right")}
LANDMARK_MEASURES = ("mean_error_box", "failure_rate_box_5")
ATTRIBUTE_MEASURES = ("attributes", "smile balanced_accuracy")


def study(
    groups: dict[str, list[dict[str, Any]]],
    seeds: int = 2,
    baselines: tuple[str, ...] = ("single",),
) -> dict[str, Any]:
    """Results of some groups of variants."""
    measures = {
        measure: vars(describe(measure))
        for variants in groups.values()
        for variant in variants
        for measure in variant["scores"]["validation"]
    }
    return {
        "study": {
            "name": "made_up",
            "title": "Does <sharing> help & why?",
            "question": 'Is "this" better?',
            "seeds": seeds,
            "baselines": list(baselines),
        },
        "command": "facemtl compare made_up --data faces.csv",
        "circumstances": {
            "source": "faces.csv",
            "machine": "x86_64, 2 cores, 0 GPUs",
            "versions": {"facemtl": "0.1.0"},
        },
        "common": {"data.tasks": "tasks.toml"},
        "measures": measures,
        "groups": [{"name": k, "variants": v} for k, v in groups.items()],
    }


def variant(
    name: str,
    error: float = 2.0,
    seeds: int = 2,
    splits: tuple[str, ...] = ("validation", "test"),
    landmarks: bool = True,
    attributes: bool = True,
    against: tuple[str, ...] = (),
) -> dict[str, Any]:
    """One variant; its test error is twice that of validation."""
    errors = {
        split: error * (1 + i) for i, split in enumerate(splits) if landmarks
    }
    names = LANDMARK_MEASURES * landmarks + ATTRIBUTE_MEASURES * attributes
    scores = {
        split: {
            m: _score(error * (1 + i) + k, seeds) for k, m in enumerate(names)
        }
        for i, split in enumerate(splits)
    }
    return {
        "name": name,
        "settings": {"model.width": error, "data.tasks": "<u>"},
        "runs": [f"made-up-{seed}" for seed in range(seeds)],
        "parameters": 12345,
        "multiply_adds": 2_340_000,
        "training_seconds": [90.0] * seeds,
        "epochs": [4] * seeds,
        "best_epoch": [3] * seeds,
        "stopped": [{}] * seeds,
        "scores": scores,
        "landmarks": {split: _points(x) for split, x in errors.items()},
        "by": {split: _classes(x) for split, x in errors.items()},
        "confusion": {s: _confusion() if attributes else {} for s in splits},
        "curve": {
            split: np.linspace(0.5, 2 * x, 101).tolist()
            for split, x in errors.items()
        },
        "alpha": {},
        "history": {},
        "against": {b: _against(scores, seeds) for b in against},
    }


def alpha(streams: int, channels: int) -> dict[str, list]:
    """What two units learned."""
    rng = np.random.default_rng(0)
    shape = (streams, streams, channels)
    return {f"stitch_{x}": rng.normal(size=shape).tolist() for x in ("a", "b")}


def history(epochs: int) -> dict[str, list[float]]:
    """What one unit and one regularized layer recorded."""
    parts = ("distance", "map_a", "map_b", "norm1", "norm2", "r_w")
    columns = [f"conv1_{part}" for part in parts]
    columns += ["stitch_a_own", "stitch_a_other", "lambda_w"]
    return {
        c: np.linspace(1, i + 2, epochs).tolist() for i, c in enumerate(columns)
    }


def predictions(n: int) -> Predictions:
    """Answers about N faces; face i is off by i pixels of a box of 40."""
    eyes = Task("landmarks", "landmarks", ("left eye", "right eye"))
    truth = np.tile([[30.0, 35.0], [50.0, 35.0]], (n, 1, 1))
    return Predictions(
        (eyes,),
        np.array([f"/secret/folder/{i}<&>.jpg" for i in range(n)]),
        np.tile([20.0, 20.0, 60.0, 60.0], (n, 1)),
        {"landmarks": truth},
        {"landmarks": truth + np.arange(n)[:, None, None] * [1.0, 0.0]},
    )


def _score(mean: float, seeds: int) -> dict[str, Any]:
    std = 0.125 if seeds > 1 else None
    return {"mean": mean, "std": std, "runs": [mean] * seeds}


def _points(error: float) -> dict[str, Any]:
    part = {"mean_error_box": error, "failure_rate_box_5": 3 * error}
    return {point: part for point in POINTS}


def _classes(error: float) -> dict[str, Any]:
    part = {"n": 7.0, "mean_error_box": error, "failure_rate_box_5": 1.0}
    return {task: {x: part for x in names} for task, names in CLASSES.items()}


def _confusion() -> dict[str, Any]:
    """Of each class three right, and one taken for each other class."""
    return {
        task: {
            true: {x: 3.0 if x == true else 1.0 for x in names}
            for true in names
        }
        for task, names in CLASSES.items()
    }


def _against(scores: dict[str, Any], seeds: int) -> dict[str, Any]:
    """Worse by 0.5 in errors; in attributes no difference is shown."""
    return {
        split: {measure: _difference(measure, seeds) for measure in part}
        for split, part in scores.items()
    }


def _difference(measure: str, seeds: int) -> dict[str, Any]:
    interval: tuple = (-0.25, 1.0, "no difference shown")
    if "_box" in measure:
        interval = (0.25, 1.0, "worse")
    if seeds == 1:
        interval = (None, None, "one seed: no claim")
    low, high, word = interval
    return {"difference": 0.5, "low": low, "high": high, "verdict": word}
