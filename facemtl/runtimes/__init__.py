"""One interface to a trained network, whatever file it lies in.

Importing this loads no runtime; reading a file loads the one it needs.
"""

import os
from importlib import import_module
from pathlib import Path
from typing import Any

from facemtl.cli import load_tensorflow
from facemtl.crops import CropSpec
from facemtl.errors import InputError
from facemtl.pretrained import find_pretrained
from facemtl.processes import check_tensorflow_works
from facemtl.runtimes.runtime import Network, Runtime
from facemtl.sidecar import NAME

# The files of an export folder, the most exact and most widely usable first.
EXPORTED = ("model_float32_batch.tflite", "model.onnx", "saved_model")
BY_SUFFIX = {".keras": "keras", ".tflite": "tflite", ".onnx": "onnx"}
USE_TENSORFLOW = ("keras", "saved_model")

__all__ = ["Network", "Runtime", "as_network", "format_of", "load_network"]


def load_network(path: str | Path) -> Runtime:
    """Load a trained network from any of the formats.

    Args:
        path: a preset's name (`facemtl.pretrained.pretrained_names()`), a run
            folder, a `.keras`, `.tflite` or `.onnx` file, a SavedModel that
            `facemtl export` wrote, or the whole folder of an export.

    Raises:
        InputError: if it is none of these, its runtime is not installed, or
            TensorFlow is needed where it cannot work (see
            `facemtl.processes`).

    Example:

        network = load_network("base")
        answers = network.predict(crops)  # (N, 40, 40, 1) uint8
    """
    path = _inside_export(find_pretrained(path))
    kind = format_of(path)
    if kind in ("tflite", "onnx") and not path.is_file():
        raise InputError(f"Expected a file. Received: {path}")
    if kind in USE_TENSORFLOW:
        check_tensorflow_works()
        load_tensorflow()
    return import_module(f"facemtl.runtimes.{kind}").load(path)


def as_network(network: Network | str | Path) -> Network:
    """A network, loaded if it is named.

    Args:
        network: a `FaceNetwork`, what `load_network` gives or takes, or an
            object like these.

    Raises:
        InputError: for anything else.

    Example:

    >>> as_network("tiny").crop.size
    40
    """
    if isinstance(network, str | os.PathLike):
        return load_network(network)
    tasks, spec = (getattr(network, key, None) for key in ("tasks", "crop"))
    known = isinstance(tasks, tuple) and isinstance(spec, CropSpec)
    if not known or not callable(getattr(network, "predict", None)):
        what: Any = network if isinstance(network, type) else type(network)
        raise InputError(
            "Expected a network: what facemtl.load_network or "
            "facemtl.load_model gives, or a file, a run folder or a preset's "
            f"name. Received: {what.__name__}."
        )
    return network


def format_of(path: str | Path) -> str:
    """`"keras"`, `"saved_model"`, `"tflite"` or `"onnx"`.

    Example:

    >>> format_of("model.onnx")
    'onnx'
    """
    path = _inside_export(find_pretrained(path))
    if (path / "saved_model.pb").is_file():
        return "saved_model"
    return BY_SUFFIX.get(path.suffix.lower(), "keras")


def _inside_export(path: Path) -> Path:
    """A file of an export folder, if `path` is such a folder."""
    if not (path / NAME).is_file():
        return path
    files = (path / name for name in EXPORTED)
    return next((file for file in files if file.exists()), path)
