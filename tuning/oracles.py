"""The oracle of a search: KerasTuner's, made careful."""

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
    """Successive halving over several starts."""


class Bayesian(Careful, keras_tuner.oracles.BayesianOptimizationOracle):
    """A Gaussian process."""

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """The next point, found on one thread.

        Its thousands of tiny products are slower on several, and fight with
        the trials for the cores.
        """
        from threadpoolctl import threadpool_limits

        with threadpool_limits(1):
            found = super().populate_space(trial_id)
        if not found["values"]:
            return found
        # It gives NumPy's numbers, which no setting takes.
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
    """All combinations."""

    def reload(self) -> None:
        """KerasTuner's own forgets which points come next."""
        super().reload()
        restore_grid(self)


def build_oracle(tuner: str, space: Space, max_trials: int, seed: int) -> Any:
    """The oracle of a search.

    Args:
        tuner: one of `TUNERS`.
        space: what is searched.
        max_trials: how many trials, failed ones too.
        seed: from 0; the same seed asks for the same points.

    Raises:
        InputError: for an unknown tuner.
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
        "seed": seed + 1,  # it takes 0 as none
        # It would raise, and leave its lock locked.
        "max_consecutive_failed_trials": 10**9,
    }
    if tuner == "hyperband":
        epochs = space.config({}, trial=True)["train"]["epochs"]
        oracle = Hyperband(
            max_epochs=epochs, hyperband_iterations=10**6, **common
        )
        oracle.max_trials = max_trials
    elif tuner == "bayesian":
        # Its own default, three for each hyperparameter, is often all there is.
        first = max(max_trials // 4, 5)
        oracle = Bayesian(
            max_trials=max_trials, num_initial_points=first, **common
        )
    else:
        kind = Random if tuner == "random" else Grid
        oracle = kind(max_trials=max_trials, **common)
    # Nothing that is found should be worse than what is there.
    oracle.start = start_values(space)
    oracle.verbose = 0
    return oracle
