"""What the streams share: recorded each epoch, λ_w scheduled."""

from typing import Any

import keras
import numpy as np

from facemtl.arguments import checked_number
from facemtl.layers import CrossStitch, Twin, WeightRegularization


class ScheduleLambda(keras.callbacks.Callback):
    """λ_w rises in a straight line over the first epochs, then stays.

    Args:
        network: the network with the regularized layers.
        epochs: the first epoch with the whole λ_w; 0 starts with it.

    Raises:
        ValueError: for a number of epochs under 0.

    Example:

    >>> image, term = keras.Input((8,)), WeightRegularization("l2", factor=0.4)
    >>> twin = Twin(keras.layers.Dense(2), 2, term)
    >>> network = keras.Model(image, twin([image, image]))
    >>> schedule = ScheduleLambda(network, epochs=4)
    >>> for epoch in range(3):
    ...     schedule.on_epoch_begin(epoch)
    >>> round(float(twin.weight_regularization.lambda_w), 3)
    0.2
    """

    def __init__(self, network: keras.Model, epochs: float = 0) -> None:
        super().__init__()
        self.epochs = checked_number("epochs >= 0", epochs, lambda x: x >= 0)
        self.terms = [term for _, term in regularized(network)]

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        share = min(1.0, epoch / self.epochs) if self.epochs else 1.0
        for term in self.terms:
            term.lambda_w.assign(term.factor * share)


class RecordSharing(keras.callbacks.Callback):
    """Adds to an epoch's logs what the streams share.

    For each regularized layer j: `<layer>_r_w` (without λ_w), `<layer>_map_a`,
    `<layer>_map_b`, `<layer>_distance` ‖θ¹ - θ²‖ and the norms `<layer>_norm1`,
    `<layer>_norm2`, which tell a term that fell from weights that shrank; and
    `lambda_w`. For each unit: `<unit>_own` and `<unit>_other`, the means of α
    on and off the diagonal. Of three or more streams, the first two are told.

    Args:
        network: a network with or without such layers.

    Example:

    >>> image = keras.Input((8,))
    >>> term = WeightRegularization("l2", factor=0.4)
    >>> streams = Twin(keras.layers.Dense(2), 2, term, name="fc")([image] * 2)
    >>> unit = CrossStitch(alpha=(0.9, 0.1), name="stitch")
    >>> network = keras.Model(image, unit(streams))
    >>> logs = {}
    >>> RecordSharing(network).on_epoch_end(0, logs)
    >>> round(logs["stitch_own"], 3), round(logs["stitch_other"], 3)
    (0.9, 0.1)
    >>> logs["fc_distance"] > 0, round(logs["lambda_w"], 3)
    (True, 0.4)

    References: Misra et al., "Cross-stitch Networks for Multi-task Learning",
    CVPR 2016, equation 1 (α); Rozantsev, Salzmann, Fua, "Beyond Sharing
    Weights for Deep Domain Adaptation", TPAMI 2019, equations 4 to 6 (r_w).
    """

    def __init__(self, network: keras.Model) -> None:
        super().__init__()
        self.twins = regularized(network)
        self.units = [x for x in network.layers if isinstance(x, CrossStitch)]

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if logs is None:
            return
        for twin, term in self.twins:
            logs |= describe_term(twin, term)
        for unit in self.units:
            logs |= describe_unit(unit)


def regularized(
    network: keras.Model,
) -> list[tuple[Twin, WeightRegularization]]:
    """The twin layers of a network that have a term, with their terms."""
    return [
        (layer, layer.weight_regularization)
        for layer in network.layers
        if isinstance(layer, Twin) and layer.weight_regularization is not None
    ]


def describe_term(twin: Twin, term: WeightRegularization) -> dict[str, float]:
    """The numbers of one regularized layer, by their names in the logs."""
    kernels = [
        np.concatenate([np.asarray(w).ravel() for w in copy])
        for copy in twin.kernels[:2]
    ]
    first, second = kernels
    value = term(twin.kernels)
    numbers = {
        "r_w": value,
        "map_a": term.a[0],
        "map_b": term.b[0],
        "distance": np.linalg.norm(first - second),
        "norm1": np.linalg.norm(first),
        "norm2": np.linalg.norm(second),
    }
    named = {f"{twin.name}_{key}": float(x) for key, x in numbers.items()}
    return {**named, "lambda_w": float(np.asarray(term.lambda_w))}


def describe_unit(unit: CrossStitch) -> dict[str, float]:
    """The mean α of one unit on and off the diagonal."""
    alpha = np.asarray(unit.alpha).mean(axis=-1)
    own = np.eye(len(alpha), dtype=bool)
    return {
        f"{unit.name}_own": float(alpha[own].mean()),
        f"{unit.name}_other": float(alpha[~own].mean()),
    }
