"""A `.keras` file or a run folder, by a traced function."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import tensorflow as tf

from facemtl.models import FaceNetwork, load_model
from facemtl.runtimes.runtime import Runtime


class KerasRuntime(Runtime):
    """A `FaceNetwork`, traced once: faster than Keras's own call.

    Args:
        network: the network.
    """

    def __init__(self, network: FaceNetwork) -> None:
        super().__init__(network.tasks, network.crop, network.box_convention)
        shape = tf.TensorSpec((None, *network.crop.shape), tf.uint8)
        self._call = tf.function(
            lambda crops: network(crops, training=False),
            input_signature=[shape],
        )

    def answer(self, crops: np.ndarray) -> Mapping[str, np.ndarray]:
        return {k: y.numpy() for k, y in self._call(crops).items()}


def load(path: Path) -> KerasRuntime:
    """See `facemtl.runtimes.load_network`."""
    return KerasRuntime(load_model(path))
