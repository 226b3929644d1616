"""The confidence of landmarks: from heat maps to standard deviations."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from facemtl.arguments import is_number
from facemtl.errors import InputError
from facemtl.layers.soft_argmax import centres, shares_of

# Smaller spreads are rounding errors of float32.
LEAST = 1e-4


@keras.saving.register_keras_serializable(package="facemtl")
class HeatmapSpread(keras.layers.Layer):
    """Return the standard deviation of heat maps around their mean position.

    s = (Σ_c softmax(h)_c |x_c - p|² / 2)^½, the mean of both axes, where x_c is
    the centre of cell c and p the result of `SoftArgmax`.

    Input: a list of P heat maps (B, H, W, P) and their positions (B, P, 2).

    Output shape: (B, P), as fractions of the maps' width and height.

    Example:

    >>> import numpy as np
    >>> maps = np.full((1, 4, 4, 1), -100.0, "float32")
    >>> maps[0, 1, :2] = 0.0  # two cells, half of the mass each
    >>> spread = HeatmapSpread()([maps, np.array([[[0.25, 0.375]]], "f4")])
    >>> round(float(spread[0, 0]), 4)  # 0.125 along x and 0 along y
    0.0884
    """

    def call(self, inputs: Any) -> Any:
        maps, points = inputs
        _, height, width, count = maps.shape
        share = ops.reshape(shares_of(maps), (-1, count, height, width))
        x, y = points[..., :1], points[..., 1:]
        # Not the mean square less the square of the mean: files with weights
        # of 16 bits round the places of the cells.
        along = _variance(ops.sum(share, axis=2), centres(width), x)
        down = _variance(ops.sum(share, axis=3), centres(height), y)
        return ops.sqrt(ops.maximum((along + down) / 2, LEAST**2))

    def compute_output_shape(
        self, input_shape: Sequence[tuple[Any, ...]]
    ) -> tuple[Any, ...]:
        return input_shape[1][:2]


def _variance(share: Any, places: Any, mean: Any) -> Any:
    """Return Σ share (place - mean)²: (B, P, n), (n,), (B, P, 1) -> (B, P)."""
    away = ops.cast(places, share.dtype) - mean
    return ops.sum(share * ops.square(away), axis=-1)


@keras.saving.register_keras_serializable(package="facemtl")
class PointSigma(keras.layers.Layer):
    """Convert spreads of heat maps to standard deviations of points.

    log σ_p = offset_p + own log s_p + face mean_q(log s_q)

    `facemtl.training.calibration` fits the numbers to the errors on validation
    faces: half of them are at most 1.18 σ.

    Args:
        offset: P numbers, one per point.
        own: weight of the spread of the point's own map.
        face: weight of the mean over the maps of the face.

    Input shape: (B, P), spreads greater than 0.

    Output shape: (B, P), in the same unit.

    Raises:
        ValueError: for arguments that are not numbers.

    Example:

    >>> import numpy as np
    >>> sigma = PointSigma([0.0, 0.0], own=1.0, face=0.0)
    >>> sigma(np.array([[0.25, 0.5]], "float32")).numpy().round(4).tolist()
    [[0.25, 0.5]]
    """

    def __init__(
        self, offset: Sequence[float], own: float, face: float, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if not all(map(is_number, [*offset, own, face])):
            raise InputError(
                "Expected numbers for offset, own and face. "
                f"Received: {offset!r}, {own!r}, {face!r}."
            )
        self.offset, self.own, self.face = list(offset), own, face

    def call(self, inputs: Any) -> Any:
        log = ops.log(inputs)
        whole = self.face * ops.mean(log, axis=-1, keepdims=True)
        offset = ops.convert_to_tensor(self.offset, log.dtype)
        return ops.exp(offset + self.own * log + whole)

    def compute_output_shape(
        self, input_shape: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "offset": self.offset,
            "own": self.own,
            "face": self.face,
        }
