"""Balanced gradients of what all tasks share, in place of its weights'.

Sener and Koltun, NeurIPS 2018, section 3.3, balance the gradients of the
representation: one pass back through the trunk, not one a task.
"""

from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import ops

from facemtl.arguments import checked_choice
from facemtl.errors import InputError
from facemtl.mtl.gradients import stacked

Half = Callable[..., Any]


def halves(network: keras.Model, layer: str) -> tuple[Half, Half]:
    """Return a network as two functions: heads(trunk(x)) is network(x).

    They have the network's layers, and are no layers that Keras would track.

    Args:
        network: a functional model.
        layer: the name of the layer whose output is between them.

    Raises:
        InputError: for an unknown layer, one whose output some task does not
            use or goes past, and weights that are on both sides.

    Example:

    >>> import numpy as np
    >>> x = keras.Input((4,))
    >>> shared = keras.layers.Dense(8, name="fc")(x)
    >>> network = keras.Model(x, {t: shared + 1 for t in ("a", "b")})
    >>> trunk, heads = halves(network, "fc")
    >>> heads(trunk(np.ones((1, 4))))["a"].shape[1]
    8
    """
    names = [x.name for x in getattr(network, "layers", ())]
    checked_choice("representation", layer, names)
    between = network.get_layer(layer).output
    expected = (
        "Expected representation: a layer through whose one output every task "
        f"goes. Received: {layer!r}"
    )
    if not isinstance(between, keras.KerasTensor):
        raise InputError(f"{expected}, with several outputs.")
    trunk = keras.Model(network.input, between)
    try:
        heads = keras.Model(between, network.output)
    except ValueError:
        raise InputError(f"{expected}, which a task goes past.") from None
    paths = {w.path for w in trunk.weights} & {w.path for w in heads.weights}
    if paths:
        raise InputError(f"{expected}, with {sorted(paths)} on both sides.")
    return trunk.__call__, heads.__call__


def forward(model: Any, x: Any) -> tuple[Any, Any]:
    """Return predictions and the representation, None if none is named."""
    if model.parts is None:
        return model(x, training=True), None
    trunk, heads = model.parts
    shared = trunk(x, training=True)
    return heads(shared, training=True), shared


def through(
    model: Any,
    gradient: Callable[[Any, Any, Any], Any],
    values: Sequence[Any],
    slopes: Sequence[Any],
    shared: Any,
    losses: Any,
) -> list[Any]:
    """Return one gradient for each weight of the network, or None.

    Args:
        model: the `MultiTaskModel`.
        gradient: takes values, weights and slopes of the values; returns the
            gradients of the weights, None where they do not matter.
        values: the tasks' losses, K scalars.
        slopes: their weights in this step.
        shared: the representation.
        losses: the losses (K,), without a gradient.

    Raises:
        InputError: if fewer than two tasks depend on the representation.
    """
    pairs = list(zip(values, slopes, strict=True))
    rows = [gradient([value], [shared], [slope])[0] for value, slope in pairs]
    if (users := sum(x is not None for x in rows)) < 2:
        raise InputError(
            "Expected a representation that two tasks or more use. Received: "
            f"one of {users} of the tasks {model.tasks}."
        )
    stack = stacked(rows)
    gram = ops.matmul(stack, ops.transpose(stack))
    factors = model.balancing.weights_of(gram, losses)
    back = ops.reshape(ops.matmul(factors[None], stack), ops.shape(shared))
    weights = [w.value for w in model.network.trainable_weights]
    found = gradient([shared], weights, [ops.cast(back, shared.dtype)])
    scales = [
        slope * factors[k] if model.balancing.scales_own else slope
        for k, slope in enumerate(slopes)
    ]
    places = [i for i, x in enumerate(found) if x is None]
    heads = gradient(values, [weights[i] for i in places], scales)
    for i, own in zip(places, heads, strict=True):
        found[i] = own
    return found
