"""KerasTuner's oracles with the `Careful` mixin."""

from typing import Any

import keras_tuner
import numpy as np

from facemtl.errors import InputError
from facemtl.tuning.careful import Careful
from facemtl.tuning.describe import start_values
from facemtl.tuning.private import restore_grid, silence_conditions
from facemtl.tuning.project import TUNERS
from facemtl.tuning.space import Space


class Hyperband(Careful, keras_tuner.oracles.HyperbandOracle):
    """Successive halving in several brackets."""


class Bayesian(Careful, keras_tuner.oracles.BayesianOptimizationOracle):
    """Bayesian optimization with a Gaussian process."""

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """Return the next point, computed on one thread.

        Several threads are slower for its many small products, and compete
        with the trials for the cores.
        """
        from threadpoolctl import threadpool_limits

        with threadpool_limits(1):
            found = super().populate_space(trial_id)
        if not found["values"]:
            return found
        # Settings do not accept the NumPy numbers that it returns.
        values = {
            key: value.item() if isinstance(value, np.generic) else value
            for key, value in found["values"].items()
        }
        if not self.within_limits(values):
            return self._random_populate_space()
        return {**found, "values": values}


class Random(Careful, keras_tuner.oracles.RandomSearchOracle):
    """Random search."""


class Grid(Careful, keras_tuner.oracles.GridSearchOracle):
    """Search over all combinations."""

    def reload(self) -> None:
        """Reload, and restore the queue, which KerasTuner does not save."""
        super().reload()
        restore_grid(self)


def build_oracle(tuner: str, space: Space, max_trials: int, seed: int) -> Any:
    """Build the oracle of a search.

    Args:
        tuner: one of `TUNERS`.
        space: the searched space.
        max_trials: number of trials, including failed ones.
        seed: from 0; the same seed draws the same points.

    Raises:
        InputError: if the tuner is unknown.
    """
    if tuner not in TUNERS:
        raise InputError(f"Expected --tuner in {TUNERS}. Received: {tuner!r}.")
    silence_conditions()
    points = keras_tuner.HyperParameters()
    space.declare(points)
    common: dict[str, Any] = {
        "objective": keras_tuner.Objective("objective", "min"),
        "hyperparameters": points,
        "allow_new_entries": False,
        "tune_new_entries": False,
        "seed": seed + 1,  # KerasTuner treats 0 as no seed
        # KerasTuner would raise while holding its lock.
        "max_consecutive_failed_trials": 10**9,
    }
    if tuner == "hyperband":
        epochs = space.config({}, trial=True)["train"]["epochs"]
        oracle = Hyperband(
            max_epochs=epochs, hyperband_iterations=10**6, **common
        )
        oracle.max_trials = max_trials
    elif tuner == "bayesian":
        # The default, three per hyperparameter, may exceed the budget.
        first = max(max_trials // 4, 5)
        oracle = Bayesian(
            max_trials=max_trials, num_initial_points=first, **common
        )
    else:
        kind = Random if tuner == "random" else Grid
        oracle = kind(max_trials=max_trials, **common)
    # Start at the default, so that no result is worse.
    oracle.start = start_values(space)
    oracle.verbose = 0
    return oracle
