"""A callback that logs how far the tasks' gradients conflict."""

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import keras
import numpy as np

from facemtl.mtl.gradients import per_task_gradients


class GradientConflict(keras.callbacks.Callback):
    """Log the cosine between the tasks' gradients in each shared layer.

    After every epoch, the log receives `<layer>_cosine`, the mean over the
    pairs of tasks, and `conflicts`, the share of pairs and layers whose cosine
    is negative. `history` keeps {layer: (K, K) cosines} of each epoch. A task
    whose gradient is zero has NaN cosines, which are left out of the means.

    Args:
        x, y, sample_weight: the batch whose gradients are compared, such as a
            few hundred validation samples.

    Raises:
        ValueError: in training, for a backend without gradients of tasks, and
            tasks that share no layer.

    Example:

        conflict = GradientConflict(x[:256], {"size": y[:256], ...})
        model.fit(x, y, callbacks=[conflict])
        conflict.history[-1]["trunk"]

    Reference: Yu et al., "Gradient Surgery for Multi-Task Learning", NeurIPS
    2020, definition 1.
    """

    def __init__(self, x: Any, y: Any, sample_weight: Any = None) -> None:
        super().__init__()
        self.batch = (x, y, sample_weight)
        self.history: list[dict[str, np.ndarray]] = []

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        found = cosines(per_task_gradients(self.model, *self.batch))
        self.history.append(found)
        if logs is None:
            return
        pairs = {layer: pairs_of(matrix) for layer, matrix in found.items()}
        for layer, values in pairs.items():
            if len(values):
                logs[f"{layer}_cosine"] = float(values.mean())
        every = np.concatenate(list(pairs.values()))
        logs["conflicts"] = float((every < 0).mean()) if len(every) else 0.0


def cosines(
    gradients: Mapping[str, Mapping[str, Any]],
) -> dict[str, np.ndarray]:
    """Return {layer: cosines (K, K)} of the result of `per_task_gradients`.

    The weights of one layer, such as its kernel and bias, are one vector.

    Example:

    >>> one, other = np.array([1.0, 0.0]), np.array([-2.0, 0.0])
    >>> found = cosines({"a": {"fc/kernel": one}, "b": {"fc/kernel": other}})
    >>> found["fc"].tolist()
    [[1.0, -1.0], [-1.0, 1.0]]
    """
    layers: dict[str, list[str]] = {}
    for path in next(iter(gradients.values())):
        layers.setdefault(path.rpartition("/")[0], []).append(path)
    found = {}
    for layer, paths in layers.items():
        rows = np.array(
            [
                np.concatenate([np.ravel(own[path]) for path in paths])
                for own in gradients.values()
            ]
        )
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        unit = rows / np.where(norms > 0, norms, np.nan)
        found[layer] = unit @ unit.T
    return found


def pairs_of(matrix: np.ndarray) -> np.ndarray:
    """Return the cosines of all pairs that have one.

    Example:

    >>> pairs_of(np.array([[1.0, -0.5], [-0.5, 1.0]])).tolist()
    [-0.5]
    """
    places = combinations(range(len(matrix)), 2)
    values = np.array([matrix[i, j] for i, j in places])
    return values[np.isfinite(values)]
