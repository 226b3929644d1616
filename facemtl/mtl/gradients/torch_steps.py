"""Gradients of single tasks in PyTorch."""

from typing import Any

import keras
import torch
from keras import ops

from facemtl.mtl.gradients import combined
from facemtl.mtl.gradients.representation import forward, through


def task_gradients(model: Any, x: Any, y: Any, sample_weight: Any) -> Any:
    """Return, for each task, the gradients of the network's weights."""
    weights = [w.value for w in model.network.trainable_weights]
    x, y, sample_weight = keras.tree.map_structure(
        lambda a: None if a is None else ops.convert_to_tensor(a),
        (x, y, sample_weight),
    )
    y_pred = model(x, training=False)
    values = model.loss_values(
        y, y_pred, sample_weight, training=False, track=False
    )
    return [_gradients(value, weights) for value in values]


def balanced_step(model: Any, data: Any) -> Any:
    """Train on one batch; see `facemtl.mtl.gradients`."""
    x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
    own = [w.value for w in model.network.trainable_weights]
    learned = [w.value for w in model.weighting.trainable_weights]
    y_pred, shared = forward(model, x)
    values = model.loss_values(y, y_pred, sample_weight)
    extra = sum(model.losses)
    losses = model.finite(values).detach().requires_grad_()
    total = model.weighting.total(losses)
    scaled = model.optimizer.scale_loss(total)
    slopes, *more = _gradients(scaled, [losses, *learned])
    if shared is None:
        rows = [
            _gradients(value, own, slope)
            for value, slope in zip(values, slopes, strict=True)
        ]
        with torch.no_grad():
            gradients = combined(model, rows, losses.detach())
    else:
        gradients = through(
            model, _gradients, values, slopes, shared, losses.detach()
        )
    if model.losses:
        penalty = _gradients(model.optimizer.scale_loss(extra), own)
        gradients = [
            b if a is None else a if b is None else a + b
            for a, b in zip(gradients, penalty, strict=True)
        ]
    found = dict(zip(map(id, own + learned), gradients + more, strict=True))
    variables = model.trainable_weights
    with torch.no_grad():
        model.optimizer.apply(
            [found.get(id(w.value)) for w in variables], variables
        )
    tracker = next(m for m in model.metrics if m.name == "loss")
    shown = torch.as_tensor(total + extra).detach()
    tracker.update_state(shown, keras.tree.flatten(x)[0].shape[0])
    return model.compute_metrics(x, y, y_pred, sample_weight)


def _gradients(value: Any, weights: list[Any], slope: Any = None) -> Any:
    """Return gradients, None where the value does not depend on a weight."""
    return list(
        torch.autograd.grad(
            value, weights, slope, retain_graph=True, allow_unused=True
        )
    )
