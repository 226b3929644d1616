"""Training steps on several devices, of one machine or of several.

The variables stay on the first device of a machine, as with one device. Each
device reads them, and computes predictions and gradients for its part of a
batch. The sum of the gradients updates the variables once, so that optimizer,
average, callbacks and saved state are those of one device.
"""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from facemtl.errors import InputError
from facemtl.mtl.callbacks.sharing import regularized
from facemtl.mtl.gradients.tensorflow_steps import added, update_loss
from facemtl.mtl.weighting.fixed import stacked
from facemtl.words import plural

SUM = tf.distribute.ReduceOp.SUM


def strategy_of(devices: int, batch_size: int) -> tf.distribute.Strategy | None:
    """Return the strategy of several devices, or None for one device.

    GPUs are used if there are any, otherwise CPUs. TensorFlow treats all cores
    of a machine as one CPU, unless it is configured to make several.

    Args:
        devices: `train.devices`.
        batch_size: faces per batch, of all devices together.

    Raises:
        InputError: for more devices than there are, or than faces in a batch,
            and for several under another backend.

    Example:

    >>> print(strategy_of(1, batch_size=32))
    None
    """
    if devices == 1:
        return None
    if (backend := keras.backend.backend()) != "tensorflow":
        raise InputError(
            f"Expected train.devices = 1 with Keras's backend {backend}. "
            f"Received: {devices}. Set KERAS_BACKEND=tensorflow for several."
        )
    kind = "GPU" if tf.config.list_logical_devices("GPU") else "CPU"
    known = len(tf.config.list_logical_devices(kind))
    if devices > known:
        raise InputError(
            f"Expected train.devices of at most {known}: TensorFlow finds "
            f"{known} {plural(known, kind)} here, and all cores are one CPU. "
            f"Received: {devices}. Set train.devices={known}."
        )
    if devices > batch_size:
        raise InputError(
            f"Expected train.devices of at most {batch_size}, the "
            f"train.batch_size of all devices. Received: {devices}."
        )
    # NCCL, the default, is for GPUs.
    how = tf.distribute.ReductionToOneDevice() if kind == "CPU" else None
    names = [f"{kind}:{i}" for i in range(devices)]
    return tf.distribute.MirroredStrategy(names, how)


def parallel_step(
    learner: Any, strategy: tf.distribute.Strategy, data: Any
) -> dict[str, Any]:
    """Train on one batch, a part on each device, and return the logs.

    The step is that of one device: losses are divided by the labelled faces of
    the whole batch, and `layers.BatchNormalization` uses its moments.

    Args:
        learner: a compiled `Learner`.
        strategy: see `strategy_of`.
        data: (x, y, sample_weight) of the whole batch.
    """
    x, y, weight = keras.utils.unpack_x_y_sample_weight(data)
    weights = learner.network.trainable_weights
    own = [w.value for w in weights]
    weighed = _Weighed(learner)
    losses_of, spread = _parts(learner, data, strategy.num_replicas_in_sync)

    def on_device() -> Any:
        context = tf.distribute.get_replica_context()
        with tf.GradientTape() as tape:
            number = tf.get_static_value(context.replica_id_in_sync_group)
            losses, y_pred = losses_of(number)
            slopes = context.merge_call(weighed, (losses,))
            total = tf.reduce_sum(slopes * losses)
        found = tape.gradient(total, own)
        used = [g for g in found if g is not None]
        summed = iter(context.all_reduce(SUM, used))
        found = [None if g is None else next(summed) for g in found]
        # Other devices have zeros in the place of these faces.
        placed = [spread(number, y) for y in y_pred.values()]
        whole = context.all_reduce(SUM, placed)
        return found, dict(zip(y_pred, whole, strict=True))

    found, y_pred = strategy.run(on_device)
    each = strategy.experimental_local_results
    penalty, more = _penalty(learner, own)
    gradients = [
        added(None if g is None else each(g)[0], extra)
        for g, extra in zip(found, more, strict=True)
    ]
    pairs = zip(gradients, weights, strict=True)
    learner.optimizer.apply_gradients([*pairs, *weighed.gradients])
    learner.track(weighed.losses, weight)
    update_loss(learner, x, weighed.total + penalty)
    y_pred = {task: each(y)[0] for task, y in y_pred.items()}
    return learner.compute_metrics(x, y, y_pred, weight)


class _Weighed:
    """The weighted sum of a batch's losses, computed once for all devices.

    Attributes:
        losses: {task: loss of the whole batch}.
        total: their weighted sum.
        gradients: (gradient, weight) of each weight that the method learns.
    """

    def __init__(self, learner: Any) -> None:
        self.learner = learner
        self.losses: dict[str, Any] = {}
        self.total: Any = None
        self.gradients: list[tuple[Any, Any]] = []

    def __call__(self, strategy: tf.distribute.Strategy, parts: Any) -> Any:
        """Return the slopes of the total, from the devices' parts (K,)."""
        weighting = self.learner.weighting
        learned = weighting.trainable_weights
        losses = strategy.reduce(SUM, parts, axis=None)
        with tf.GradientTape() as tape:
            tape.watch(losses)
            self.total = weighting.total(losses)
            scaled = self.learner.optimizer.scale_loss(self.total)
        slopes, *rest = tape.gradient(
            scaled, [losses, *(w.value for w in learned)]
        )
        named = zip(weighting.tasks, tf.unstack(losses), strict=True)
        self.losses = dict(named)
        self.gradients = list(zip(rest, learned, strict=True))
        return slopes


def _parts(
    learner: Any, data: Any, n: int
) -> tuple[Callable[[int], tuple[Any, Any]], Callable[[int, Any], Any]]:
    """Return two functions of a device's number.

    The first returns its losses (K,) and outputs. The losses are a part of the
    batch's: their sum over all devices is the loss of the whole batch. The
    second returns an output with rows of zeros for the faces of others.
    """
    faces = tf.shape(data[0])[0]
    known = {task: labelled(data[2][task]) for task in learner.task_losses}
    ends = [faces * i // n for i in range(n + 1)]
    parts = [
        tf.nest.map_structure(lambda a, i=i: a[ends[i] : ends[i + 1]], data)
        for i in range(n)
    ]

    def losses_of(device: int) -> tuple[Any, Any]:
        x, y, weight = parts[device]
        # Keras divides the losses of a strategy by its devices.
        share = n * tf.shape(x)[0] / faces
        y_pred = learner(x, training=True)
        losses = {}
        for task, total in known.items():
            part = tf.cast(n * labelled(weight[task]), tf.float64)
            part = tf.math.divide_no_nan(part, tf.cast(total, tf.float64))
            losses[task] = learner.loss_of(
                task, y, y_pred, weight, (part, share)
            )
        return stacked(losses, learner.weighting.tasks), y_pred

    def spread(device: int, own: Any) -> Any:
        before, after = ends[device], faces - ends[device + 1]
        rest = own.shape[1:]
        rows = [tf.zeros((k, *rest), own.dtype) for k in (before, after)]
        return tf.concat([rows[0], own, rows[1]], 0)

    return losses_of, spread


def labelled(weight: Any) -> Any:
    """Return the number of faces for weights (B,), or (B, P) of points."""
    weight = keras.ops.convert_to_tensor(weight)
    points = weight.shape[1] if len(weight.shape) > 1 else 1
    return keras.ops.sum(weight) / points


def _penalty(learner: Any, own: list[Any]) -> tuple[Any, list[Any]]:
    """Return the weight regularization losses and their gradients.

    They depend on the weights alone, and are computed once.
    """
    with tf.GradientTape() as tape:
        total: Any = tf.constant(0.0)
        for twin, term in regularized(learner.network):
            term(twin.kernels)
            total += sum(term.losses)
        scaled = learner.optimizer.scale_loss(total)
    return total, tape.gradient(scaled, own)
