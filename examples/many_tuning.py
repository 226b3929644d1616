"""λ of `many_tasks.py`, tuned by KerasTuner on validation faces."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from many_faces import GROUPS, Part
from many_table import face_scores
from many_training import Variant, predictions, train

TRIALS, SEED, LAMBDA = 10, 100, (0.2, 5.0)


def tune(parts: Mapping[str, Part], folder: Path) -> dict[str, float]:
    """Return {group: λ} of the best mean accuracy on validation faces."""
    # Local: it is not needed to make the table.
    import keras_tuner

    class Trials(keras_tuner.BayesianOptimization):
        def run_trial(self, trial: Any, *_: Any, **__: Any) -> float:
            space, (low, high) = trial.hyperparameters, LAMBDA
            values = {
                name: space.Float(name, low, high, sampling="log", default=1.0)
                for name in GROUPS
            }
            variant = Variant("trial", tuned=True)
            model = train(variant, values, SEED, parts["train"])
            found = predictions(model, parts["validation"])
            score = face_scores(found, parts["validation"].y)["accuracy"]
            print(f"trial {trial.trial_id}: {np.mean(score):.2f}", flush=True)
            return float(np.mean(score))

    space = keras_tuner.HyperParameters()
    for name in GROUPS:
        space.Float(name, *LAMBDA, sampling="log", default=1.0)
    tuner = Trials(
        objective=keras_tuner.Objective("default_objective", "max"),
        max_trials=TRIALS,
        num_initial_points=TRIALS // 2,
        hyperparameters=space,
        seed=0,
        directory=folder,
        project_name="tuning",
    )
    tuner.search(verbose=0)
    best: Mapping[str, float] = tuner.get_best_hyperparameters()[0].values
    return {name: round(best[name], 3) for name in GROUPS}
