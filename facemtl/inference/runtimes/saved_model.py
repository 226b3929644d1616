"""Runtime of SavedModels from `facemtl export`, by TensorFlow.

A SavedModel is a program. It is loaded only if the user gives its own folder,
and only if its graph does nothing but compute.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from facemtl.errors import InputError
from facemtl.files.checksums import check_content
from facemtl.files.network_files import read_network
from facemtl.inference.runtimes.runtime import Runtime
from facemtl.inference.runtimes.saved_model_graph import (
    GRAPH,
    check_graph,
)
from facemtl.inference.runtimes.trial import check_input, check_predictions
from facemtl.inference.sidecar import EXTRA, INPUT, NAME, Sidecar, read_sidecar
from facemtl.process.forks import PerProcess, check_tensorflow_works


class SavedModelRuntime(Runtime):
    """Run a SavedModel's signature `serving_default`.

    Each process reads the folder, which must not be moved.

    Args:
        path: the folder.
        sidecar: names and crop of the network.
    """

    def __init__(self, path: Path, sidecar: Sidecar) -> None:
        super().__init__(
            sidecar.tasks, sidecar.crop, sidecar.box_convention, sidecar.sigma
        )
        self.sidecar = sidecar
        # Another process may have another working directory.
        self._model = PerProcess(_load_model, path.absolute())

    def answer(self, crops: np.ndarray) -> Mapping[str, np.ndarray]:
        outputs = self.signature()(**{INPUT: tf.constant(crops, tf.float32)})
        return {k: y.numpy() for k, y in outputs.items()}

    def signature(self) -> Any:
        """Return the signature function, loaded in this process."""
        return self._model.get().signatures["serving_default"]


def _load_model(path: Path) -> Any:
    check_tensorflow_works()
    check_graph(path)
    try:
        model = tf.saved_model.load(path)
        model.signatures["serving_default"]
    # TensorFlow raises many types of exceptions for an invalid graph.
    except Exception as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise InputError(f"{path}: not a whole SavedModel: {reason}") from None
    return model


def content_parts(path: Path) -> Iterator[bytes]:
    """Yield the content that the checksum covers: graph and variables."""
    for file in [path / GRAPH, *sorted((path / "variables").glob("*"))]:
        yield f"{file.name} ".encode()
        yield read_network(file)


def load(path: Path) -> SavedModelRuntime:
    """Load a SavedModel; see `facemtl.inference.runtimes.load_network`."""
    sidecar = read_sidecar(path / EXTRA / NAME)
    check_content(sidecar.checksum, content_parts(path), str(path))
    runtime = SavedModelRuntime(path, sidecar)
    _check_signature(runtime, str(path))
    check_predictions(runtime, str(path))
    return runtime


def _check_signature(runtime: SavedModelRuntime, where: str) -> None:
    """Raise unless it takes its sidecar's crops, by weights of numbers."""
    signature = runtime.signature()
    _, given = signature.structured_input_signature
    if list(given) != [INPUT]:
        raise InputError(
            f"{where}: expected one input '{INPUT}'. Received: {list(given)}."
        )
    shape, dtype = given[INPUT].shape, given[INPUT].dtype
    if dtype != tf.float32 or shape.rank != 4:
        raise InputError(
            f"{where}: expected crops (B, S, S, C) of float32. Received: "
            f"{shape} of {dtype.name}."
        )
    check_input(tuple(shape), np.float32, runtime.crop.shape, where)
    weights = [x for x in signature.variables if x.dtype.is_floating]
    if not all(np.isfinite(weight.numpy()).all() for weight in weights):
        raise InputError(
            f"{where}: expected weights that are numbers. Received: NaN or "
            "infinity."
        )
