"""Loading of a trained network from any file format.

This module imports a runtime only when a file needs it.
"""

import os
from importlib import import_module
from pathlib import Path
from typing import Any

from facemtl.arguments import is_count
from facemtl.errors import InputError
from facemtl.geometry.crops import CropSpec
from facemtl.inference.runtimes.export_folder import (
    KERAS,
    check_described,
    in_export,
)
from facemtl.inference.runtimes.runtime import Network, Runtime
from facemtl.presets import find_pretrained
from facemtl.process.cli import load_tensorflow
from facemtl.process.forks import check_tensorflow_works

BY_SUFFIX = {".keras": "keras", ".tflite": "tflite", ".onnx": "onnx"}
USE_TENSORFLOW = ("keras", "saved_model")
MOST_THREADS = 256

__all__ = ["Network", "Runtime", "as_network", "format_of", "load_network"]


def load_network(path: str | Path, threads: int | None = None) -> Runtime:
    """Load a trained network of any format.

    Args:
        path: a preset's name (`facemtl.presets.pretrained_names()`), or the
            path of a run folder, a `.keras`, `.tflite` or `.onnx` file, a
            SavedModel from `facemtl export`, or the whole folder of an export.
            A text without separator and ending is a name: write `"./mine"` for
            a folder. A SavedModel is a program, so that it is loaded only if
            its own folder is given.
        threads: threads that work on one call of a `.tflite` or `.onnx`
            network, 1 to 256; 1 by default, which leaves the other cores to
            the caller's threads. TensorFlow's threads are a setting of the
            process (`tf.config.threading`), so that its networks take none.

    Raises:
        InputError: if the file is missing, damaged or of another type; if it
            holds another network than its sidecar describes; if its runtime is
            not installed; or if it needs TensorFlow where TensorFlow cannot
            work (see `facemtl.process.forks`).

    Returns:
        The network with its `tasks`, `crop` (size, color, margin),
        `box_convention` and `predict`. `predict` takes crops (N, S, S, C), 0
        to 255, and returns {task: float32 array}: points (N, P, 2) in units of
        the crop's window, class probabilities (N, K), values (N, 1).

    Example:

    >>> import numpy as np
    >>> network = load_network("tiny")
    >>> crops = np.zeros((3, *network.crop.shape), np.uint8)
    >>> predictions = network.predict(crops)
    >>> predictions["landmarks"].shape, predictions["smile"].shape
    ((3, 5, 2), (3, 2))
    """
    named = find_pretrained(path)
    inside = in_export(named)
    kind = _kind(inside)
    if kind in ("tflite", "onnx") and not inside.is_file():
        raise InputError(f"Expected a file. Received: {inside}")
    options = _checked_threads(threads, kind)
    if kind in USE_TENSORFLOW:
        check_tensorflow_works()
        load_tensorflow(str(path))
    runtime = import_module(f"facemtl.inference.runtimes.{kind}")
    network: Runtime = runtime.load(inside, **options)
    if inside != named:
        check_described(network.tasks, network.crop, inside)
    return network


def _checked_threads(threads: int | None, kind: str) -> dict[str, int]:
    """Return the arguments of a runtime; raise if it takes no threads."""
    if threads is None:
        return {}
    if not is_count(threads) or threads > MOST_THREADS:
        raise InputError(
            f"Expected threads as a whole number, 1 to {MOST_THREADS}. "
            f"Received: {threads!r}."
        )
    if kind in USE_TENSORFLOW:
        raise InputError(
            "Expected threads with a .tflite or .onnx network. Received: one "
            "that TensorFlow runs; its threads are a setting of the process, "
            "tf.config.threading.set_intra_op_parallelism_threads."
        )
    return {"threads": int(threads)}


def as_network(
    network: Network | str | Path, threads: int | None = None
) -> Network:
    """Return a network, loaded if a path or name is given.

    Args:
        network: a `FaceNetwork`, an argument or result of `load_network`, or
            an object with the same methods.
        threads: threads of a network that is loaded; see `load_network`.

    Raises:
        InputError: for anything else, or threads of a loaded network.

    Example:

    >>> as_network("tiny").crop.size
    40
    """
    if isinstance(network, str | os.PathLike):
        return load_network(network, threads)
    tasks, spec = (getattr(network, key, None) for key in ("tasks", "crop"))
    known = isinstance(tasks, tuple) and isinstance(spec, CropSpec)
    if not known or not callable(getattr(network, "predict", None)):
        what: Any = network if isinstance(network, type) else type(network)
        raise InputError(
            "Expected a network from facemtl.load_network or "
            "facemtl.load_model, or a file, a run folder or a preset's name. "
            f"Received: {what.__name__}."
        )
    if threads is not None:
        raise InputError(
            "Expected threads with a network's name or file. Received: a "
            "network that is loaded; give them to facemtl.load_network."
        )
    return network


def format_of(path: str | Path) -> str:
    """Return `"keras"`, `"saved_model"`, `"tflite"` or `"onnx"` for a path.

    Example:

    >>> format_of("model.onnx")
    'onnx'
    """
    return _kind(in_export(find_pretrained(path)))


def _kind(path: Path) -> str:
    known = BY_SUFFIX.get(path.suffix.lower())
    if known is None and not (path / KERAS).exists():
        is_graph = (path / "saved_model.pb").is_file()
        return "saved_model" if is_graph else "keras"
    return known or "keras"
