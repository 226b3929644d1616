"""How much each hyperparameter counts: a random forest's rough guess."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from facemtl.process.packages import import_package
from facemtl.tuning.report.trials import Search, Trial, completed
from facemtl.tuning.report.values import Scale, scales

LEAST = 10  # completed trials
FORESTS = 5  # with a seed each; their spread is shown
TREES = 60
FOLDS = 3
SHUFFLES = 10  # of each hyperparameter's values
UNUSED = -1.0  # below every place on an axis


@dataclass(frozen=True)
class Importance:
    """Mean and standard deviation over the forests."""

    mean: float
    spread: float


def importance(search: Search) -> dict[str, Importance]:
    """How much worse a forest foretells scores without a hyperparameter.

    Random forests learn to foretell the trials' ranks by score from their
    hyperparameters and epochs. In trials that a forest has not seen, the values
    of one hyperparameter are shuffled: by how much its squared error grows, as
    a share of the ranks' variance among trials of equal epochs, is the
    importance. It is about 0, or below, for what does not count.

    Args:
        search: the content of `search.json`.

    Returns:
        {name: importance}, the most important first; empty with fewer than
        10 completed trials. The same each time.

    Raises:
        InputError: without scikit-learn, which facemtl[tuning] has.
    """
    trials = completed(search)
    if len(trials) < LEAST:
        return {}
    axes = scales(search, trials)
    names = [axis.name for axis in axes]
    features = _features(axes, trials)
    lost = [_lost(features, _ranks(trials), seed) for seed in range(FORESTS)]
    means, spreads = np.mean(lost, axis=0), np.std(lost, axis=0)
    found = {
        name: Importance(float(means[i]), float(spreads[i]))
        for i, name in enumerate(names)
    }
    return dict(sorted(found.items(), key=lambda x: -x[1].mean))


def _features(axes: Sequence[Scale], trials: Sequence[Trial]) -> np.ndarray:
    """(N, H + 1) places on the axes, and at last the epochs."""
    rows = []
    for trial in trials:
        places = (axis.place(trial["values"]) for axis in axes)
        row = [UNUSED if place is None else place for place in places]
        rows.append([*row, trial["epochs"]])
    return np.array(rows, float)


def _ranks(trials: Sequence[Trial]) -> np.ndarray:
    """(N,) ranks: one trial that went wrong must not count for all others.

    Their variance among trials of equal epochs is 1.
    """
    stats = import_package("scipy.stats", "facemtl[tuning]")
    ranks = stats.rankdata([trial["score"] for trial in trials])
    epochs = np.array([trial["epochs"] for trial in trials])
    within = sum(
        ((ranks[epochs == e] - ranks[epochs == e].mean()) ** 2).sum()
        for e in np.unique(epochs)
    )
    return ranks / np.sqrt(within / len(ranks) or 1.0)


def _lost(x: np.ndarray, y: np.ndarray, seed: int) -> np.ndarray:
    """(H,) growths of the squared error, with one seed."""
    ensemble = import_package("sklearn.ensemble", "facemtl[tuning]")
    chosen = import_package("sklearn.model_selection", "facemtl[tuning]")
    folds = chosen.KFold(FOLDS, shuffle=True, random_state=seed)
    lost = np.zeros(x.shape[1] - 1)
    for train, test in folds.split(x):
        forest = ensemble.RandomForestRegressor(
            TREES, min_samples_leaf=2, random_state=seed
        ).fit(x[train], y[train])
        grown = _permuted(forest, x[test], y[test], seed)
        lost += grown * len(test) / len(x)
    return lost


def _permuted(
    forest: Any, x: np.ndarray, y: np.ndarray, seed: int
) -> np.ndarray:
    """(H,) growths of the mean squared error with shuffled values.

    One prediction for all: `sklearn.inspection` asks for each shuffle alone,
    which takes longer.
    """
    rng = np.random.default_rng(seed)
    columns = range(x.shape[1] - 1)
    shuffled = np.tile(x, (len(columns), SHUFFLES, 1, 1))
    for column in columns:
        for copy in shuffled[column]:
            copy[:, column] = rng.permutation(x[:, column])
    answers = forest.predict(shuffled.reshape(-1, x.shape[1]))
    errors = (answers.reshape(len(columns), SHUFFLES, -1) - y) ** 2
    return errors.mean(axis=(1, 2)) - ((forest.predict(x) - y) ** 2).mean()
