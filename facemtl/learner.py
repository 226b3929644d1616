"""`Learner`: a network together with what it is trained on."""

from collections.abc import Mapping
from typing import Any

import keras

from facemtl.models import FaceNetwork
from facemtl.weighting import FixedWeighting


class Learner(keras.Model):
    """Trains a `FaceNetwork` on the weighted sum of its tasks' losses.

    The network stays a plain functional model, which is what is saved; the
    weights of the losses live here, where callbacks can change them and an
    optimizer can learn them.

    Args:
        network: the network to train.
        losses: {task: Keras loss}.
        weighting: how the losses are summed.

    Call `compile(optimizer, weighted_metrics=...)` and `fit` as with any Keras
    model, on batches (crops, {task: label}, {task: 0 or 1 a face}).

    Example:

        learner = Learner(network, losses, FixedWeighting(list(losses)))
        learner.compile("adam")
        learner.fit(batches, epochs=2)
    """

    def __init__(
        self,
        network: FaceNetwork,
        losses: Mapping[str, keras.losses.Loss],
        weighting: FixedWeighting,
    ) -> None:
        super().__init__(name="learner")
        self.network = network
        self.weighting = weighting
        self.task_losses = dict(losses)
        self.trackers = {
            task: keras.metrics.Mean(name=f"{task}_loss") for task in losses
        }
        self.built = True  # the network is

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        return self.network(inputs, training=training)

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """Σ λ_task loss_task, plus what layers add (weight regularization)."""
        losses = {}
        for task, loss in self.task_losses.items():
            weight = sample_weight[task]
            losses[task] = loss(y[task], y_pred[task], weight)
            # A batch counts by its labelled faces: the mean is that of faces.
            self.trackers[task].update_state(
                losses[task], keras.ops.sum(weight)
            )
        return self.weighting.total(losses) + sum(self.losses)
