"""What the examples have in common: networks, training, and their table."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from facemtl.mtl import (
    CrossStitch,
    MultiTaskModel,
    Twin,
    WeightRegularization,
    stitch_optimizer,
)

SEEDS, WIDTH, RATE = 5, 32, 0.003
Labels = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Problem:
    """Inputs (N, F) and labels of two tasks, with the loss of each.

    Attributes:
        x: inputs, of mean 0 and deviation 1.
        labels: {task: (N, 1)}.
        losses: {task: name of a Keras loss}.
        train: rows of training samples; the others are for tests.
        epochs: number of epochs.
    """

    x: np.ndarray
    labels: Labels
    losses: Mapping[str, str]
    train: np.ndarray
    epochs: int

    def head(self, task: str, x: Any) -> Any:
        """Return the prediction of a task."""
        kind = "sigmoid" if "crossentropy" in self.losses[task] else "linear"
        return keras.layers.Dense(1, kind, name=task)(x)


def trunk(x: Any, width: int) -> Any:
    """Return two layers of one stream."""
    for _ in range(2):
        x = keras.layers.Dense(width, "relu")(x)
    return x


def single(problem: Problem, width: int = WIDTH) -> keras.Model:
    """Return separate networks in one model: nothing is shared."""
    x = keras.Input((problem.x.shape[1],))
    tasks = problem.labels
    return keras.Model(x, {t: problem.head(t, trunk(x, width)) for t in tasks})


def split(problem: Problem, width: int = 0) -> keras.Model:
    """Return one trunk, of the single networks' size, and a head a task."""
    x = keras.Input((problem.x.shape[1],))
    shared = trunk(x, width or equal_width(problem))
    return keras.Model(x, {t: problem.head(t, shared) for t in problem.labels})


def streams(
    problem: Problem, stitch: bool, penalty: float = 0.0
) -> keras.Model:
    """Return twin streams, stitched or with alike weights after each layer."""
    x = keras.Input((problem.x.shape[1],))
    towers = [x, x]
    for _ in range(2):
        term = WeightRegularization("l2", penalty) if penalty else None
        layer = keras.layers.Dense(WIDTH, "relu")
        towers = Twin(layer, 2, term)(towers)
        towers = CrossStitch()(towers) if stitch else towers
    pairs = zip(problem.labels, towers, strict=True)
    return keras.Model(x, {task: problem.head(task, y) for task, y in pairs})


def equal_width(problem: Problem) -> int:
    """Return the width of a trunk with at most the single networks' weights."""
    goal = single(problem).count_params()
    width = WIDTH
    while split(problem, width + 1).count_params() <= goal:
        width += 1
    return width


NETWORKS: dict[str, Any] = {
    "single": single,
    "split": split,
    "cross-stitch": lambda problem: streams(problem, stitch=True),
    "regularized": lambda problem: streams(problem, False, penalty=1e-3),
}


def errors(problem: Problem, name: str, seed: int) -> dict[str, float]:
    """Train a network; return each task's test error.

    Returns:
        {task: error}: the share of wrong classes in percent, or the mean
        absolute error of a value.
    """
    keras.utils.set_random_seed(seed)
    network = NETWORKS[name](problem)
    model = MultiTaskModel(network, problem.losses)
    adam = keras.optimizers.Adam(RATE)
    stitched = name == "cross-stitch"
    model.compile(
        stitch_optimizer(network, adam) if stitched else adam,
        jit_compile=False,
    )
    rows = problem.train
    model.fit(
        problem.x[rows],
        {task: y[rows] for task, y in problem.labels.items()},
        batch_size=64,
        epochs=problem.epochs,
        verbose=0,
    )
    rest = np.setdiff1d(np.arange(len(problem.x)), rows)
    found = {
        task: keras.ops.convert_to_numpy(y)
        for task, y in network(problem.x[rest]).items()
    }
    scores = {}
    for task, y in problem.labels.items():
        if "crossentropy" in problem.losses[task]:
            wrong = (found[task] > 0.5) != (y[rest] > 0.5)
            scores[task] = 100 * float(wrong.mean())
        else:
            scores[task] = float(np.abs(found[task] - y[rest]).mean())
    return scores


def compare(problem: Problem) -> dict[str, Any]:
    """Return the test errors of all networks over the seeds, and sizes."""
    results: dict[str, Any] = {}
    for name, build in NETWORKS.items():
        runs = [errors(problem, name, seed) for seed in range(SEEDS)]
        results[name] = {
            "weights": int(build(problem).count_params()),
            "errors": {task: [r[task] for r in runs] for task in runs[0]},
        }
    return results


def table(results: Mapping[str, Any], command: str, words: str) -> str:
    """Return the results in Markdown: mean ± deviation over the seeds."""
    tasks = list(next(iter(results.values()))["errors"])
    lines = [
        f"{words} Test errors, mean ± standard deviation over {SEEDS} seeds.",
        f"Made by `{command}`.\n",
        f"| network | weights | {' | '.join(tasks)} |",
        f"|---|---|{'---|' * len(tasks)}",
    ]
    for name, row in results.items():
        cells = [
            f"{np.mean(values):.2f} ± {np.std(values, ddof=1):.2f}"
            for values in row["errors"].values()
        ]
        size = f"{row['weights']:,}"
        lines.append(f"| {name} | {size} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def write(file: Path, results: Mapping[str, Any], text: str) -> None:
    """Write the results as JSON and Markdown beside the script."""
    file.with_suffix(".json").write_text(json.dumps(results, indent=1) + "\n")
    file.with_suffix(".md").write_text(text, encoding="utf-8")
