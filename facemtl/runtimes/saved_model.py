"""A SavedModel that `facemtl export` wrote, by TensorFlow alone."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from facemtl.errors import InputError
from facemtl.processes import PerProcess, check_tensorflow_works
from facemtl.runtimes.runtime import Runtime
from facemtl.sidecar import INPUT, NAME, Sidecar, read_sidecar

# TensorFlow's own place for files of its users.
EXTRA = "assets.extra"


class SavedModelRuntime(Runtime):
    """A SavedModel's signature `serving_default`.

    Each process reads the folder for itself, so it must stay where it is.

    Args:
        path: the folder.
        sidecar: its names and crops.
    """

    def __init__(self, path: Path, sidecar: Sidecar) -> None:
        super().__init__(sidecar.tasks, sidecar.crop, sidecar.box_convention)
        # Another process may have another working directory.
        self._model = PerProcess(_load_model, path.absolute())

    def answer(self, crops: np.ndarray) -> Mapping[str, np.ndarray]:
        call = self._model.get().signatures["serving_default"]
        answers = call(**{INPUT: tf.constant(crops, tf.float32)})
        return {k: y.numpy() for k, y in answers.items()}


def _load_model(path: Path) -> Any:
    check_tensorflow_works()
    try:
        model = tf.saved_model.load(path)
        model.signatures["serving_default"]
    except (OSError, ValueError, KeyError, tf.errors.OpError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{path}: not a whole SavedModel: {reason}") from None
    return model


def load(path: Path) -> SavedModelRuntime:
    """See `facemtl.runtimes.load_network`."""
    return SavedModelRuntime(path, read_sidecar(path / EXTRA / NAME))
