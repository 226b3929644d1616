"""Made-up searches, as `search.json` has them."""

import copy
from typing import Any

import numpy as np
from study_case import study, variant

STAGES = ("pool1", "pool2", "pool3", "fc")
LAYERS = ("all", "['conv1', 'conv2']", "['conv3', 'conv4']", "['fc']")
STITCHED = {"stitched": [True]}
REGULARIZED = {"model.weight_regularization.form": ["l2", "exp"]}
RUNGS = ((1, 40), (3, 18), (9, 12))  # epochs, trials of a Hyperband search


def number(name: str, low: float, high: float, **more: Any) -> dict[str, Any]:
    """A hyperparameter that is a number."""
    return {"name": name, "kind": "number", "low": low, "high": high} | more


def choice(name: str, *choices: Any, **more: Any) -> dict[str, Any]:
    """A hyperparameter that is one of some values."""
    return {"name": name, "kind": "choice", "choices": [*choices]} | more


def flag(name: str, **more: Any) -> dict[str, Any]:
    """A hyperparameter that is on or off."""
    return {"name": name, "kind": "flag", "choices": []} | more


SPACE = [
    flag("stitched"),
    *(flag(f"model.stitch.stages.{s}", when=STITCHED) for s in STAGES),
    number("model.stitch.alpha", 0.5, 0.99, when=STITCHED),
    choice("model.weight_regularization.form", "none", "l2", "exp"),
    number(
        "model.weight_regularization.factor",
        *(1e-5, 1e-1),
        log=True,
        when=REGULARIZED,
    ),
    choice("model.weight_regularization.layers", *LAYERS, when=REGULARIZED),
    number("weighting.lambdas.smile", 0.1, 10.0, log=True),
    number("weighting.lambdas.glasses", 0.1, 10.0, log=True),
    number("train.learning_rate", 0.001, 0.03, log=True),
    number("model.width", 0.5, 1.5),
    number("model.depth", 1, 6, kind="whole"),
]


def search(**changes: Any) -> dict[str, Any]:
    """A search without any trial."""
    made = {
        "title": "Where to <stitch> & how",
        "command": "facemtl tune --data /secret/folder/faces.csv",
        "circumstances": {
            "source": "/secret/folder/faces.csv",
            "machine": "x86_64, 2 cores, 0 GPUs",
            "versions": {"facemtl": "0.1.0", "keras-tuner": "1.4.8"},
        },
        "tuner": "hyperband",
        "objective": {
            "name": "mean_error",
            "title": "mean error, % of box, validation",
            "less_is_better": True,
        },
        "limits": {"multiply_adds": 12.9e6},
        "settings": {"model.architecture": "cross_stitch", "train.epochs": 60},
        "search_settings": {"data.train_share": 0.3, "train.epochs": 9},
        "space": copy.deepcopy(SPACE),
        "default": {
            **{f"model.stitch.stages.{stage}": True for stage in STAGES},
            "model.stitch.alpha": 0.9,
            "model.weight_regularization.form": "none",
            "train.learning_rate": 0.0045,
            "model.width": 1.0,
        },
        "trials": [],
        "best": None,
        "confirmation": None,
    }
    return made | changes


def hyperband(failures: int = 4, seed: int = 0) -> dict[str, Any]:
    """About 70 trials; the learning rate decides, then α and the width."""
    rng = np.random.default_rng(seed)
    trials = []
    for epochs, count in RUNGS:
        for _ in range(count):
            values = draw_values(rng)
            score = planted_score(values, epochs) + rng.normal(0, 0.03)
            trials.append(trial(0, values, float(score), epochs))
    # Rungs end in about their order, but one begins before another ends.
    late = np.arange(len(trials)) + rng.random(len(trials)) * 60
    trials = [trials[i] for i in np.argsort(late)]
    for i, one in enumerate(trials):
        one |= {"id": f"{i:04d}", "order": i, "bracket": 2, "round": 0}
    best = min(
        (one for one in trials if one["epochs"] == 9),
        key=lambda one: one["score"],
    )
    for i in range(failures):
        trials.append(failure(len(trials), draw_values(rng), i))
    trials.append(running(len(trials), draw_values(rng)))
    return search(trials=trials, best=best["id"])


def confirmed() -> dict[str, Any]:
    """A Hyperband search whose best was trained again beside the default."""
    tuned = variant("tuned", 1.8, against=("default",))
    both = study({"": [variant("default"), tuned]}, baselines=("default",))
    return hyperband() | {"confirmation": both}


def trial(
    count: int, values: dict[str, Any], score: float | None, epochs: int = 9
) -> dict[str, Any]:
    """A completed trial."""
    width = values.get("model.width", 1.0)
    return {
        "id": f"{count:04d}",
        "status": "COMPLETED",
        "values": values,
        "epochs": epochs,
        "bracket": None,
        "round": None,
        "score": score,
        "measures": {
            "mean_error": score,
            "accuracy": 88.125,
            "parameters": float(round(150_000 * width**2)),
            "multiply_adds": float(round(7_000_000 * width**1.5)),
            "seconds": 5.5 * epochs,
        },
        "error": "",
        "order": count,
    }


def failure(count: int, values: dict[str, Any], kind: int) -> dict[str, Any]:
    """A trial that broke off."""
    error = (
        "Expected numbers. Received: NaN.",
        'Traceback:\n  File "/secret/folder/train.py", line 3\n'
        "ValueError: loss is <nan> | stopped",
    )[kind % 2]
    broken = trial(count, values, None) | {"status": "FAILED", "error": error}
    return broken | {"measures": {}, "order": count}


def running(count: int, values: dict[str, Any]) -> dict[str, Any]:
    """A trial that has not ended."""
    started = trial(count, values, None) | {"status": "RUNNING"}
    return started | {"measures": {}, "order": None}


def draw_values(rng: np.random.Generator) -> dict[str, Any]:
    """A random point of the space, with only what counts there."""
    values: dict[str, Any] = {}
    for one in SPACE:
        if all(values.get(k) in v for k, v in one.get("when", {}).items()):
            values[one["name"]] = _draw(one, rng)
    return values


def planted_score(values: dict[str, Any], epochs: int) -> float:
    """The learning rate counts most; α only where streams are stitched."""
    off = np.log(values["train.learning_rate"] / 0.006)
    score = 1.9 + 0.35 * off**2 + 3.0 / epochs
    score -= 0.25 * values["model.width"]
    return score + abs(values.get("model.stitch.alpha", 0.6) - 0.9)


def _draw(one: dict[str, Any], rng: np.random.Generator) -> Any:
    if one["kind"] in ("choice", "flag"):
        choices = one["choices"] or [False, True]
        return choices[rng.integers(len(choices))]
    if one["kind"] == "whole":
        return int(rng.integers(one["low"], one["high"] + 1))
    if one.get("log"):
        return float(np.exp(rng.uniform(*np.log([one["low"], one["high"]]))))
    return float(rng.uniform(one["low"], one["high"]))
