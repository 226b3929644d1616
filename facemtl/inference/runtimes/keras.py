"""Runtime of `.keras` files and run folders, by a traced function."""

from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import tensorflow as tf

from facemtl.files.network_files import read_network
from facemtl.inference.runtimes.runtime import Runtime
from facemtl.inference.runtimes.trial import check_predictions
from facemtl.models import FaceNetwork, load_model
from facemtl.process.forks import Packed, PerProcess, check_tensorflow_works

Traced = Callable[[np.ndarray], Mapping[str, Any]]


class KerasRuntime(Runtime):
    """Run a `FaceNetwork` by a traced function, faster than Keras's call.

    Args:
        network: the network.
        content: the bytes of its `.keras` file, if it has one. Other processes
            load the network from them, or else from its pickle.
    """

    def __init__(self, network: FaceNetwork, content: bytes = b"") -> None:
        super().__init__(
            network.tasks, network.crop, network.box_convention, network.sigma
        )
        traced = _traced(network)
        self._call: PerProcess[Traced] = (
            PerProcess(_traced_content, content, made=traced)
            if content
            else PerProcess(_traced_packed, Packed(network), made=traced)
        )

    def answer(self, crops: np.ndarray) -> Mapping[str, np.ndarray]:
        return {k: y.numpy() for k, y in self._call.get()(crops).items()}


def _traced(network: FaceNetwork) -> Traced:
    shape = tf.TensorSpec((None, *network.crop.shape), tf.uint8)
    return tf.function(
        lambda crops: network(crops, training=False), input_signature=[shape]
    )


def _traced_packed(packed: Packed[FaceNetwork]) -> Traced:
    check_tensorflow_works()
    return _traced(packed.get())


def _traced_content(content: bytes) -> Traced:
    # Keras reads networks from files only.
    with TemporaryDirectory() as folder:
        file = Path(folder) / "model.keras"
        file.write_bytes(content)
        return _traced(load_model(file))


def load(path: Path) -> KerasRuntime:
    """Load a Keras network; see `facemtl.inference.runtimes.load_network`."""
    network = load_model(path)
    file = path / "model.keras" if path.is_dir() else path
    runtime = KerasRuntime(network, read_network(file))
    check_predictions(runtime, str(file))
    return runtime
