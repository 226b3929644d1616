"""The importance of hyperparameters, estimated with random forests."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from facemtl.process.packages import import_package
from facemtl.tuning.report.trials import Search, Trial, completed
from facemtl.tuning.report.values import places

LEAST = 10  # completed trials
FORESTS = 5  # one seed each; their spread is shown
TREES = 60
FOLDS = 3
SHUFFLES = 3  # of each hyperparameter's values
UNUSED = -1.0  # below every position on an axis


@dataclass(frozen=True)
class Importance:
    """Mean and standard deviation over the forests."""

    mean: float
    spread: float


def importance(search: Search) -> dict[str, Importance]:
    """Estimate the importance of each hyperparameter.

    Random forests learn to predict the trials' ranks by score from their
    hyperparameters and epochs. The values of one hyperparameter are then
    shuffled in held-out trials. Its importance is the growth of the squared
    error, as a share of the ranks' variance among trials of equal epochs. A
    hyperparameter without effect has about 0 or less.

    Args:
        search: content of `search.json`.

    Returns:
        {name: importance}, the most important first; empty with fewer than
        10 completed trials. The result is deterministic.

    Raises:
        InputError: if scikit-learn, part of facemtl[tuning], is missing.
    """
    trials = completed(search)
    if len(trials) < LEAST:
        return {}
    epochs = [[trial["epochs"]] for trial in trials]
    values = np.nan_to_num(places(search, trials), nan=UNUSED)
    features, ranks = np.hstack([values, epochs]), _ranks(trials)
    grown = [_grown(features, ranks, seed) for seed in range(FORESTS)]
    means, spreads = np.mean(grown, axis=0), np.std(grown, axis=0)
    found = {
        one["name"]: Importance(float(means[i]), float(spreads[i]))
        for i, one in enumerate(search["space"])
    }
    return dict(sorted(found.items(), key=lambda x: -x[1].mean))


def _ranks(trials: Sequence[Trial]) -> np.ndarray:
    """Return (N,) ranks, which are robust to single poor trials.

    Their variance among trials of equal epochs is 1.
    """
    stats = import_package("scipy.stats", "This report")
    ranks = stats.rankdata([trial["score"] for trial in trials])
    epochs = np.array([trial["epochs"] for trial in trials])
    within = sum(
        ((ranks[epochs == e] - ranks[epochs == e].mean()) ** 2).sum()
        for e in np.unique(epochs)
    )
    return ranks / np.sqrt(within / len(ranks) or 1.0)


def _grown(x: np.ndarray, y: np.ndarray, seed: int) -> np.ndarray:
    """Return the (H + 1,) growth of the squared error for one seed."""
    ensemble = import_package("sklearn.ensemble", "This report")
    chosen = import_package("sklearn.model_selection", "This report")
    inspection = import_package("sklearn.inspection", "This report")
    folds = chosen.KFold(FOLDS, shuffle=True, random_state=seed)
    grown = np.zeros(x.shape[1])
    for train, test in folds.split(x):
        forest = ensemble.RandomForestRegressor(
            TREES, min_samples_leaf=2, random_state=seed
        ).fit(x[train], y[train])
        found = inspection.permutation_importance(
            *(forest, x[test], y[test]),
            **{"scoring": "neg_mean_squared_error", "n_repeats": SHUFFLES},
            random_state=seed,
        )
        grown += found.importances_mean * len(test) / len(x)
    return grown
