"""The time of a training step of every weighting and balancing of facemtl.mtl.

    python benchmarks/mtl_steps.py

writes `mtl_steps.json` and `mtl_steps.md`: times relative to equal weights, at
2, 4 and 40 tasks on a shared trunk. A method that balances gradients runs once
forward and K times backward through the trunk; a backward pass takes about two
forward passes, so that (1 + 2 K) / 3 steps of equal weights are its arithmetic.
"""

import argparse
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from facemtl.arguments import checked_count
from facemtl.errors import InputError
from facemtl.mtl import BALANCINGS, WEIGHTINGS, MultiTaskModel

TASKS = (2, 4, 40)
WIDTH, LAYERS, BATCH = 512, 3, 64
FILE = Path(__file__)


def network(tasks: int) -> keras.Model:
    """Return a trunk of fully connected layers with one head a task."""
    x = keras.Input((WIDTH,))
    y = x
    for _ in range(LAYERS):
        y = keras.layers.Dense(WIDTH, "relu")(y)
    names = [f"t{i}" for i in range(tasks)]
    return keras.Model(x, {t: keras.layers.Dense(1, name=t)(y) for t in names})


class Times(keras.callbacks.Callback):
    """Keep the seconds of each step."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        self.start = time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.seconds.append(time.perf_counter() - self.start)


def seconds(tasks: int, method: str, steps: int) -> float:
    """Return the time of the fastest step, after a first epoch."""
    keras.utils.set_random_seed(0)
    weighting = method if method in WEIGHTINGS else "fixed"
    balancing = method if method in BALANCINGS else None
    names = [f"t{i}" for i in range(tasks)]
    losses = dict.fromkeys(names, "mse")
    model = MultiTaskModel(network(tasks), losses, weighting, balancing)
    model.compile(keras.optimizers.SGD(1e-4), jit_compile=False)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(BATCH * steps, WIDTH)).astype("float32")
    y = {t: rng.normal(size=(len(x), 1)).astype("float32") for t in names}
    times = Times()
    model.fit(x, y, batch_size=BATCH, epochs=3, callbacks=[times], verbose=0)
    # Other programs on the machine only make steps slower.
    return min(times.seconds[steps:])


def measure(steps: int) -> dict[str, Any]:
    """Return {tasks: {method: seconds}} of all methods."""
    results: dict[str, Any] = {}
    seconds(2, "fixed", steps)  # the first run warms the machine up
    for tasks in TASKS:
        methods = [*WEIGHTINGS, *BALANCINGS]
        results[str(tasks)] = {
            name: seconds(tasks, name, steps) for name in methods
        }
        print(tasks, results[str(tasks)], flush=True)
    return results


def table(results: Mapping[str, Mapping[str, float]]) -> str:
    """Return the times relative to equal weights in Markdown."""
    heads = " | ".join(f"{tasks} tasks" for tasks in results)
    own = [times["fixed"] for times in results.values()]
    sums = [(1 + 2 * int(tasks)) / 3 for tasks in results]
    lines = [
        "Time of the fastest training step relative to equal weights, on "
        f"{keras.backend.backend()}, 2 cores; {LAYERS} layers of {WIDTH} "
        f"units, {BATCH} samples. Made by `python benchmarks/mtl_steps.py`.\n",
        f"| method | {heads} |",
        f"|---|{'---|' * len(results)}",
        "| equal weights, ms | "
        + " | ".join(f"{1000 * x:.1f}" for x in own)
        + " |",
    ]
    for name in [*WEIGHTINGS, *BALANCINGS]:
        if name == "fixed":
            continue
        ratios = [times[name] / times["fixed"] for times in results.values()]
        lines.append(f"| {name} | {_cells(ratios)} |")
    lines.append(f"| arithmetic of balancing | {_cells(sums)} |")
    return "\n".join(lines) + "\n"


def _cells(numbers: list[float]) -> str:
    return " | ".join(f"{x:.2f}" for x in numbers)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=32, help="steps an epoch")
    words = parser.parse_args()
    try:
        steps = checked_count("--steps", words.steps)
    except InputError as error:
        parser.exit(2, f"error: {error}\n")
    results = measure(steps)
    FILE.with_suffix(".json").write_text(json.dumps(results, indent=1) + "\n")
    FILE.with_suffix(".md").write_text(table(results), encoding="utf-8")


if __name__ == "__main__":
    main()
