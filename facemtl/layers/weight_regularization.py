"""Weight regularization: keeps twin layers alike up to a linear map."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import keras
from keras import ops

from facemtl.arguments import checked_choice, checked_flag, checked_number
from facemtl.errors import InputError
from facemtl.layers.streams import stream_shapes

FORMS = ("l2", "exp")
# Beyond this, exp(x) - 1 is replaced by its tangent: float32 overflows at
# exp(88), and the squared gradient that Adam keeps at exp(44).
EXP_LIMIT = 30.0


@keras.saving.register_keras_serializable(package="facemtl")
class WeightRegularization(keras.layers.Layer):
    """Add the loss L_w = λ_w Σ r_w(θ¹, θ²) of one twin layer.

    With d = Σ ‖aθ¹ + b - θ²‖² over the layer's kernels:

    - form `"l2"`: r_w = d
    - form `"exp"`: r_w = exp(d) - 1 (its tangent beyond d = 30)

    Three or more streams are regularized in pairs.

    Args:
        form: `"l2"` or `"exp"`.
        factor: λ_w, at least 0: the initial value of the variable `lambda_w`,
            which a callback may schedule.
        linear_map: whether to learn a (initially 1) and b (initially 0) for
            each pair of streams. If False, both stay fixed.
        normalize: whether to divide d by ‖θ²‖². A learned map can lower the
            unnormalized term by shrinking a and the weights.

    Call arguments:
        kernels: list or tuple of T lists of kernels, one per stream.

    Returns:
        Scalar float32: Σ r_w, without λ_w. `add_loss` receives λ_w Σ r_w.

    Raises:
        ValueError: for an unknown form, a negative factor, a flag that is not
            a boolean, or kernels that differ in number or shape between
            streams.

    Example:

    >>> import numpy as np
    >>> layer = WeightRegularization("l2", factor=0.1)
    >>> float(layer([[np.zeros(4)], [np.ones(4)]]))
    4.0
    >>> round(float(layer.losses[0]), 2)
    0.4

    Reference:
        Rozantsev, Salzmann, Fua, "Beyond Sharing Weights for Deep Domain
        Adaptation", TPAMI 2019, arXiv:1603.06432, equations 4 to 6.
    """

    def __init__(
        self,
        form: str = "l2",
        factor: float = 1e-3,
        linear_map: bool = True,
        normalize: bool = False,
        **kwargs: Any,
    ) -> None:
        # Sums of squares of a whole layer overflow in half precision.
        super().__init__(**{**kwargs, "dtype": "float32"})
        self.form = checked_choice("a form", form, FORMS)
        self.factor = checked_number("factor >= 0", factor, lambda x: x >= 0)
        self.linear_map = checked_flag("linear_map", linear_map)
        self.normalize = checked_flag("normalize", normalize)
        # Set by the twin layer that uses this term: a and b belong to one.
        self.taken = False

    def build(self, kernels_shape: Sequence[Any]) -> None:
        _check_kernels(kernels_shape)
        pairs = len(list(combinations(kernels_shape, 2)))
        self.lambda_w = self.add_weight(
            name="lambda_w",
            shape=(),
            initializer=keras.initializers.Constant(self.factor),
            trainable=False,
        )
        self.a = self.add_weight(
            name="map_a",
            shape=(pairs,),
            initializer="ones",
            trainable=self.linear_map,
        )
        self.b = self.add_weight(
            name="map_b",
            shape=(pairs,),
            initializer="zeros",
            trainable=self.linear_map,
        )

    def call(self, kernels: Sequence[Sequence[Any]]) -> Any:
        _check_kernels([[tuple(w.shape) for w in own] for own in kernels])
        pairs = list(combinations(kernels, 2))
        if len(pairs) != self.a.shape[0]:
            raise InputError(
                f"Expected the kernels of {self.a.shape[0]} pairs of streams, "
                f"as '{self.name}' was built for. Received: {len(pairs)}."
            )
        total = ops.zeros((), "float32")
        for pair, (first, second) in enumerate(pairs):
            total += self._term(first, second, self.a[pair], self.b[pair])
        self.add_loss(self.lambda_w * total)
        return total

    def _term(
        self, first: Sequence[Any], second: Sequence[Any], a: Any, b: Any
    ) -> Any:
        """Return r_w of one pair of streams."""
        distance = _sum_of_squares(
            [a * x - y + b for x, y in zip(first, second, strict=True)]
        )
        if self.normalize:
            distance /= _sum_of_squares(second) + keras.config.epsilon()
        return distance if self.form == "l2" else _exp_minus_one(distance)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "form": self.form,
            "factor": self.factor,
            "linear_map": self.linear_map,
            "normalize": self.normalize,
        }


def _check_kernels(shapes: Any) -> None:
    """Raise unless two or more streams have kernels of the same shapes."""
    streams = stream_shapes(shapes)
    found = [stream_shapes(stream) for stream in streams]
    # A tensor in place of a list of kernels has integers for shapes.
    whole = len(streams) == len(shapes) and all(
        len(own) == len(stream)
        for own, stream in zip(found, streams, strict=True)
    )
    if not whole or len(found) < 2 or any(own != found[0] for own in found):
        raise InputError(
            "Expected the kernels of two or more streams, a list of as many "
            f"kernels of the same shapes a stream. Received shapes: {shapes}."
        )


def _sum_of_squares(tensors: Sequence[Any]) -> Any:
    return sum(ops.sum(ops.square(tensor)) for tensor in tensors)


def _exp_minus_one(distance: Any) -> Any:
    """Return exp(d) - 1, continued as a straight line beyond `EXP_LIMIT`."""
    inside = ops.minimum(distance, EXP_LIMIT)
    return ops.expm1(inside) + ops.exp(inside) * (distance - inside)
