"""Gradients of single tasks in TensorFlow."""

from typing import Any

import keras
import tensorflow as tf

from facemtl.mtl.gradients import combined
from facemtl.mtl.gradients.representation import forward, through


def task_gradients(model: Any, x: Any, y: Any, sample_weight: Any) -> Any:
    """Return, for each task, the gradients of the network's weights."""
    weights = [w.value for w in model.network.trainable_weights]
    with tf.GradientTape(persistent=True) as tape:
        y_pred = model(x, training=False)
        values = model.loss_values(
            y, y_pred, sample_weight, training=False, track=False
        )
    return [tape.gradient(value, weights) for value in values]


def balanced_step(model: Any, data: Any) -> Any:
    """Train on one batch; see `facemtl.mtl.gradients`."""
    x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
    own = [w.value for w in model.network.trainable_weights]
    learned = [w.value for w in model.weighting.trainable_weights]
    with tf.GradientTape(persistent=True) as tape:
        y_pred, shared = forward(model, x)
        values = model.loss_values(y, y_pred, sample_weight)
        extra = sum(model.losses)
        losses = tf.stop_gradient(model.finite(values))
        tape.watch(losses)
        total = model.weighting.total(losses)
        scaled = model.optimizer.scale_loss(total)
        penalty = model.optimizer.scale_loss(extra) if model.losses else None
    # Of the weighted losses: slopes are the weights of this step.
    slopes = tf.unstack(tape.gradient(scaled, losses))
    if shared is None:
        rows = [
            tape.gradient(value, own, output_gradients=slope)
            for value, slope in zip(values, slopes, strict=True)
        ]
        gradients = combined(model, rows, losses)
    else:
        gradients = through(
            model, tape.gradient, values, slopes, shared, losses
        )
    if penalty is not None:
        more = tape.gradient(penalty, own)
        gradients = [added(a, b) for a, b in zip(gradients, more, strict=True)]
    gradients += tape.gradient(scaled, learned) if learned else []
    found = dict(zip(map(id, own + learned), gradients, strict=True))
    variables = model.trainable_weights
    model.optimizer.apply_gradients(
        [(found.get(id(w.value)), w) for w in variables]
    )
    update_loss(model, x, total + extra)
    return model.compute_metrics(x, y, y_pred, sample_weight)


def added(a: Any, b: Any) -> Any:
    """Return a + b, where each may be None."""
    return b if a is None else a if b is None else a + b


def update_loss(model: Any, x: Any, total: Any) -> None:
    """Update the mean of the total that Keras logs as `loss`."""
    size = keras.tree.flatten(x)[0].shape[0]
    if size is None:
        size = tf.shape(keras.tree.flatten(x)[0])[0]
    tracker = next(m for m in model.metrics if m.name == "loss")
    tracker.update_state(total, size)
