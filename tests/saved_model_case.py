"""Small SavedModels that pass for an export, with whatever operation."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import tensorflow as tf

from facemtl.geometry.crops import CropSpec
from facemtl.inference.sidecar import EXTRA, NAME, Sidecar
from facemtl.tasks import SMILE

CROPS = tf.TensorSpec((None, 40, 40, 1), tf.float32, "crops")


def nothing(_: tf.Tensor) -> None:
    """No further operation."""


def write_program(
    folder: Path,
    act: Callable[[tf.Tensor], Any] = nothing,
    **attributes: Any,
) -> Path:
    """A SavedModel that predicts smiles, and does something besides.

    Args:
        folder: to write.
        act: called with the crops while the graph is made.
        **attributes: tracked by the saved object: TensorFlow loads them, too.
    """
    module = tf.Module()
    module.weights = tf.Variable(tf.zeros((1600, 2)))
    for name, value in attributes.items():
        setattr(module, name, value)

    @tf.function(input_signature=[CROPS], autograph=False)
    def predict(crops: tf.Tensor) -> dict[str, tf.Tensor]:
        done = act(crops)
        with tf.control_dependencies([] if done is None else [done]):
            flat = tf.reshape(crops, (-1, 1600))
            return {"smile": tf.nn.softmax(flat @ module.weights)}

    signatures = {"serving_default": predict}
    tf.saved_model.save(module, str(folder), signatures=signatures)
    (folder / EXTRA).mkdir()
    text = Sidecar((SMILE,), CropSpec()).to_json()
    (folder / EXTRA / NAME).write_text(text)
    return folder
