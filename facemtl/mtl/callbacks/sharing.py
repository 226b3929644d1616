"""Callbacks that record what streams share, and schedule λ_w."""

from typing import Any

import keras
import numpy as np

from facemtl.arguments import checked_number
from facemtl.layers import CrossStitch, Twin, WeightRegularization
from facemtl.mtl.architectures import NDDR

Mixing = CrossStitch | NDDR


class ScheduleLambda(keras.callbacks.Callback):
    """Increase λ_w linearly over the first epochs, then keep it constant.

    Args:
        network: the network with the regularized layers.
        epochs: the first epoch with the full λ_w; 0 starts with it.

    Raises:
        ValueError: for a negative number of epochs.

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
    """Add what the streams share to the logs of an epoch.

    For each regularized layer, the logs are `<layer>_r_w` (without λ_w),
    `<layer>_map_a`, `<layer>_map_b`, `<layer>_distance` ‖θ¹ - θ²‖ and the norms
    `<layer>_norm1` and `<layer>_norm2`, which show whether the term fell only
    because the weights shrank; and `lambda_w`. For each unit, `<unit>_own` and
    `<unit>_other` are the means of α (see `alpha_of_unit`) on and off the
    diagonal. Values of three or more streams are those of the first two.

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
        self.units = [x for x in network.layers if isinstance(x, Mixing)]

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
    """Return the regularized twin layers of a network with their terms."""
    return [
        (layer, layer.weight_regularization)
        for layer in network.layers
        if isinstance(layer, Twin) and layer.weight_regularization is not None
    ]


def describe_term(twin: Twin, term: WeightRegularization) -> dict[str, float]:
    """Return the logged numbers of one regularized layer."""
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


def alpha_of_unit(unit: Mixing) -> np.ndarray:
    """Return α (T, T, C); of a sluice unit (T S, T S, 1) for S subspaces.

    α of NDDR are the weights between equal channels of two streams: the
    diagonals of its kernels' blocks.

    Example:

    >>> unit = NDDR(own=0.8, other=0.2)
    >>> _ = unit([np.ones((1, 3))] * 2)
    >>> alpha_of_unit(unit)[..., 0].astype(float).round(1).tolist()
    [[0.8, 0.2], [0.2, 0.8]]
    """
    if not isinstance(unit, NDDR):
        return keras.ops.convert_to_numpy(unit.alpha)
    kernel = keras.ops.convert_to_numpy(unit.kernel)
    streams, _, channels = kernel.shape
    blocks = kernel.reshape(streams, streams, channels, channels)
    return np.diagonal(blocks, axis1=2, axis2=3)


def describe_unit(unit: Mixing) -> dict[str, float]:
    """Return the mean α of one unit on and off the diagonal."""
    alpha = alpha_of_unit(unit).mean(axis=-1)
    own = np.eye(len(alpha), dtype=bool)
    return {
        f"{unit.name}_own": float(alpha[own].mean()),
        f"{unit.name}_other": float(alpha[~own].mean()),
    }
