"""What the examples have in common: networks, training, and their table."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np
from scipy.stats import ttest_1samp

from facemtl.mtl import (
    CrossStitch,
    MultiTaskModel,
    Twin,
    WeightRegularization,
    stitch_optimizer,
)

SEEDS, RATE = 5, 0.003
Labels = Mapping[str, np.ndarray]
Layers = list[keras.layers.Layer]


def dense(width: int) -> Layers:
    """Return the layers of one stream for a table."""
    return [keras.layers.Dense(width, "relu") for _ in range(2)]


def recurrent(width: int) -> Layers:
    """Return the layers of one stream for a series."""
    return [
        keras.layers.LSTM(width, return_sequences=True),
        keras.layers.LSTM(width),
    ]


@dataclass(frozen=True)
class Problem:
    """Inputs and labels of two tasks, with the loss of each.

    Attributes:
        x: inputs (N, F) or series (N, T, F), of mean 0 and deviation 1.
        labels: {task: (N, 1)}.
        losses: {task: name of a Keras loss}.
        train: rows of training samples; the others are for tests.
        epochs: number of epochs.
        layers: returns the layers of a stream with so many units.
        width: units of a stream of the single networks.
        simple: {method without a network: its predictions, as labels}.
    """

    x: np.ndarray
    labels: Labels
    losses: Mapping[str, str]
    train: np.ndarray
    epochs: int
    layers: Callable[[int], Layers] = dense
    width: int = 32
    simple: Mapping[str, Labels] = field(default_factory=dict)

    @property
    def test(self) -> np.ndarray:
        """The rows of the test samples."""
        return np.setdiff1d(np.arange(len(self.x)), self.train)

    def input(self) -> Any:
        """Return the input of a network."""
        return keras.Input(self.x.shape[1:])

    def head(self, task: str, x: Any) -> Any:
        """Return the prediction of a task."""
        kind = "sigmoid" if "crossentropy" in self.losses[task] else "linear"
        return keras.layers.Dense(1, kind, name=task)(x)


def trunk(problem: Problem, x: Any, width: int = 0) -> Any:
    """Return the layers of one stream."""
    for layer in problem.layers(width or problem.width):
        x = layer(x)
    return x


def single(problem: Problem) -> keras.Model:
    """Return separate networks in one model: nothing is shared."""
    x = problem.input()
    heads = {t: problem.head(t, trunk(problem, x)) for t in problem.labels}
    return keras.Model(x, heads)


def split(problem: Problem, width: int = 0) -> keras.Model:
    """Return one trunk, of the single networks' size, and a head a task."""
    x = problem.input()
    shared = trunk(problem, x, width or equal_width(problem))
    return keras.Model(x, {t: problem.head(t, shared) for t in problem.labels})


def streams(
    problem: Problem, stitch: bool, penalty: float = 0.0
) -> keras.Model:
    """Return twin streams, stitched or with alike weights after each layer."""
    x = problem.input()
    towers = [x, x]
    for layer in problem.layers(problem.width):
        term = WeightRegularization("l2", penalty) if penalty else None
        towers = Twin(layer, 2, term)(towers)
        towers = CrossStitch()(towers) if stitch else towers
    pairs = zip(problem.labels, towers, strict=True)
    return keras.Model(x, {task: problem.head(task, y) for task, y in pairs})


def equal_width(problem: Problem) -> int:
    """Return the width of a trunk with at most the single networks' weights."""
    goal = single(problem).count_params()
    width = problem.width
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
    """Train a network; return each task's test error; see `scores`."""
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
    found = network(problem.x[problem.test])
    return scores(
        problem,
        {task: keras.ops.convert_to_numpy(y) for task, y in found.items()},
    )


def scores(problem: Problem, found: Labels) -> dict[str, float]:
    """Compare predictions with the labels of the test samples.

    Returns:
        {task: error}: the share of wrong classes in percent, or the mean
        absolute error of a value.
    """
    known = {task: y[problem.test] for task, y in problem.labels.items()}
    return {
        task: 100 * float(((found[task] > 0.5) != (y > 0.5)).mean())
        if "crossentropy" in problem.losses[task]
        else float(np.abs(found[task] - y).mean())
        for task, y in known.items()
    }


def compare(problem: Problem) -> dict[str, Any]:
    """Return the test errors of all networks over the seeds, and sizes.

    Methods without a network have neither seeds nor a size.
    """
    results: dict[str, Any] = {}
    for name, found in problem.simple.items():
        tested = {task: y[problem.test] for task, y in found.items()}
        once = scores(problem, tested)
        results[name] = {"errors": {task: [x] for task, x in once.items()}}
    for name, build in NETWORKS.items():
        runs = [errors(problem, name, seed) for seed in range(SEEDS)]
        results[name] = {
            "weights": int(build(problem).count_params()),
            "errors": {task: [r[task] for r in runs] for task in runs[0]},
        }
    return results


def interval(values: Sequence[float], single: Sequence[float]) -> Any:
    """Return the 95 % interval of the mean difference of paired seeds."""
    return ttest_1samp(np.subtract(values, single), 0.0).confidence_interval()


def table(results: Mapping[str, Any], command: str, words: str) -> str:
    """Return the results in Markdown, with what the intervals say."""
    single = results["single"]["errors"]
    heads = [part for task in single for part in (task, f"{task} - single")]
    rows, apart = [], []
    for name, row in results.items():
        cells = [name, f"{row['weights']:,}" if "weights" in row else "none"]
        for task, values in row["errors"].items():
            spread = ""
            if len(values) > 1:
                spread = f" ± {np.std(values, ddof=1):.2f}"
            cells += [f"{np.mean(values):.2f}{spread}", ""]
            if len(values) == 1 or name == "single":
                continue
            low, high = interval(values, single[task])
            cells[-1] = f"{low:+.2f} to {high:+.2f}"
            if low > 0 or high < 0:
                word = "better" if high < 0 else "worse"
                apart.append(f"{name} is {word} at {task}")
        rows.append(f"| {' | '.join(cells)} |")
    lines = [
        f"{words} Test errors, mean ± standard deviation over {SEEDS} seeds, "
        "and the 95 % interval of the difference from single networks "
        "(Student's t, paired seeds).",
        f"Made by `{command}`.\n",
        f"| network | weights | {' | '.join(heads)} |",
        "|---|---|" + "---|" * len(heads),
        *rows,
        f"\nIntervals without 0: {', '.join(apart) or 'none'}.",
    ]
    return "\n".join(lines) + "\n"


def write(file: Path, results: Mapping[str, Any], text: str) -> None:
    """Write the results as JSON and Markdown beside the script."""
    file.with_suffix(".json").write_text(json.dumps(results, indent=1) + "\n")
    file.with_suffix(".md").write_text(text, encoding="utf-8")
