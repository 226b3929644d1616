"""Gradients of single tasks, and a training step that balances them.

A balanced step runs the network once forward and, for each task, once backward
through what it shares with others; with a `representation`, as far as this.

| backend | `per_task_gradients`, `GradientConflict` | balanced step |
|---|---|---|
| tensorflow | yes | yes, also in graphs |
| torch | yes | yes |
| jax | no | no |

JAX has no gradients beside Keras's stateless training step; weightings, which
need none, work on all three.
"""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

import keras
from keras import ops

from facemtl.errors import InputError

BACKENDS = ("tensorflow", "torch")


def balanced_step(model: Any, data: Any, *more: Any) -> Any:
    """Train a `MultiTaskModel` on a batch by its `balancing`; return its log.

    Raises:
        InputError: for a backend without it, and tasks that share no layer.
    """
    return _backend("balancing").balanced_step(model, data)


def per_task_gradients(
    model: Any, x: Any, y: Any, sample_weight: Any = None
) -> dict[str, dict[str, Any]]:
    """Return the gradient of each task's loss for the shared weights.

    The network is in inference mode; no state changes. λ are left out.

    Args:
        model: a `MultiTaskModel`.
        x, y, sample_weight: a batch.

    Returns:
        {task: {path of a weight: array}} of the weights that two tasks or more
        depend on; zeros where this task does not.

    Raises:
        InputError: for a backend without it, and tasks that share no layer.

    Example:

    >>> import numpy as np
    >>> from facemtl.mtl.model import MultiTaskModel
    >>> x = keras.Input((2,))
    >>> shared = keras.layers.Dense(1, use_bias=False, name="trunk")(x)
    >>> heads = {"a": shared, "b": -shared}
    >>> model = MultiTaskModel(keras.Model(x, heads), {"a": "mse", "b": "mse"})
    >>> batch, zeros = np.ones((1, 2)), np.zeros((1, 1))
    >>> found = per_task_gradients(model, batch, {"a": zeros, "b": zeros})
    >>> one, other = (own["trunk/kernel"] for own in found.values())
    >>> bool(np.allclose(one, other))
    True
    """
    rows = _backend("task gradients").task_gradients(model, x, y, sample_weight)
    weights = model.network.trainable_weights
    shared = shared_places(rows, model)
    return {
        task: {
            weights[i].path: ops.convert_to_numpy(
                ops.zeros_like(weights[i]) if row[i] is None else row[i]
            )
            for i in shared
        }
        for task, row in zip(model.tasks, rows, strict=True)
    }


def shared_places(rows: Sequence[Sequence[Any]], model: Any) -> list[int]:
    """Return the places of the weights that two tasks or more depend on.

    Args:
        rows: for each task, the gradients of all weights; None where the loss
            does not depend on a weight.
        model: the `MultiTaskModel`, for the message.

    Raises:
        InputError: if there are none.
    """
    counts = [sum(x is not None for x in own) for own in zip(*rows)]  # noqa: B905
    if found := [i for i, count in enumerate(counts) if count > 1]:
        return found
    raise InputError(
        "Expected tasks with a shared layer to balance. Received: no weight of "
        f"'{model.network.name}' is used by two of the tasks {model.tasks}."
    )


def combined(
    model: Any, rows: Sequence[Sequence[Any]], losses: Any
) -> list[Any]:
    """Return one gradient for each weight of the network, or None.

    Args:
        model: the `MultiTaskModel`.
        rows: for each task, the gradients of all weights, or None.
        losses: the tasks' losses (K,).
    """
    shared = shared_places(rows, model)
    stacks = {i: stacked([row[i] for row in rows]) for i in shared}
    gram = sum(ops.matmul(m, ops.transpose(m)) for m in stacks.values())
    factors = model.balancing.weights_of(gram, losses)
    own = factors if model.balancing.scales_own else None
    gradients: list[Any] = []
    for i, weight in enumerate(model.network.trainable_weights):
        if i in stacks:
            flat = ops.matmul(factors[None], stacks[i])
            gradients.append(ops.reshape(flat, weight.shape))
            continue
        parts = [
            row[i] if own is None else own[k] * row[i]
            for k, row in enumerate(rows)
            if row[i] is not None
        ]
        gradients.append(sum(parts) if parts else None)
    return gradients


def stacked(gradients: Sequence[Any]) -> Any:
    """Return gradients of one weight as a matrix (K, n), float32."""
    like = next(x for x in gradients if x is not None)
    flat = [
        ops.zeros_like(like) if x is None else ops.convert_to_tensor(x)
        for x in gradients
    ]
    return ops.stack([ops.cast(ops.reshape(x, (-1,)), "float32") for x in flat])


def _backend(user: str) -> Any:
    """Return the module of this backend."""
    name = keras.backend.backend()
    if name not in BACKENDS:
        raise InputError(
            f"Expected the backend tensorflow or torch for {user}. Received: "
            f"{name}. Set KERAS_BACKEND, or use a weighting in its place."
        )
    return import_module(f"facemtl.mtl.gradients.{name}_steps")
