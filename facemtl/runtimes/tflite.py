"""A `.tflite` file, by LiteRT: no TensorFlow is needed."""

import threading
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from facemtl.errors import InputError
from facemtl.native_words import without_native_words
from facemtl.packages import import_package
from facemtl.runtimes.runtime import Runtime, joined
from facemtl.sidecar import INPUT, NAME, Sidecar


class TfliteRuntime(Runtime):
    """A TFLite file's signature `serving_default`. Threads may share it.

    Args:
        content: the file's bytes.
        sidecar: its names and crops.
    """

    def __init__(self, content: bytes, sidecar: Sidecar) -> None:
        super().__init__(sidecar.tasks, sidecar.crop, sidecar.box_convention)
        litert = import_package("ai_edge_litert.interpreter", "ai-edge-litert")
        # So small a network leaves the other cores to the caller.
        self._interpreter = litert.Interpreter(
            model_content=content, num_threads=1
        )
        without_native_words(self._interpreter.allocate_tensors)
        # Outputs are read by name: their order changes from file to file.
        self._call = self._interpreter.get_signature_runner("serving_default")
        (detail,) = self._interpreter.get_input_details()
        self._dtype = detail["dtype"]
        self._one_by_one = detail["shape_signature"][0] == 1
        self._one_at_a_time = threading.Lock()

    def answer(self, crops: np.ndarray) -> Mapping[str, np.ndarray]:
        crops = crops.astype(self._dtype)
        if not self._one_by_one:
            return self._copied(crops)
        return joined(
            [self._copied(crops[i : i + 1]) for i in range(len(crops))]
        )

    def _copied(self, crops: np.ndarray) -> dict[str, np.ndarray]:
        # What LiteRT gives are views of memory that its next call overwrites.
        with self._one_at_a_time:
            answers = self._call(**{INPUT: crops})
            return {k: y.copy() for k, y in answers.items()}


def load(path: Path) -> TfliteRuntime:
    """See `facemtl.runtimes.load_network`."""
    try:
        # TFLite's associated files: a zip behind the network.
        with zipfile.ZipFile(path) as associated:
            sidecar = Sidecar.from_json(
                associated.read(NAME), f"{NAME} in {path}"
            )
    except (zipfile.BadZipFile, KeyError):
        raise InputError(
            f"{path}: expected a whole file of facemtl export. "
            f"Received: one without {NAME} in it."
        ) from None
    try:
        return TfliteRuntime(path.read_bytes(), sidecar)
    except (ValueError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{path}: not a whole TFLite file: {reason}") from None
