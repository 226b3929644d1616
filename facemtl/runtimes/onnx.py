"""An `.onnx` file, by ONNX Runtime."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from facemtl.errors import InputError
from facemtl.packages import import_package
from facemtl.runtimes.runtime import Runtime
from facemtl.sidecar import INPUT, NAME, Sidecar


class OnnxRuntime(Runtime):
    """An ONNX Runtime session.

    Args:
        session: an `onnxruntime.InferenceSession`.
        sidecar: its names and crops.
    """

    def __init__(self, session: Any, sidecar: Sidecar) -> None:
        super().__init__(sidecar.tasks, sidecar.crop, sidecar.box_convention)
        self._session = session
        self._names = [output.name for output in session.get_outputs()]

    def answer(self, crops: np.ndarray) -> Mapping[str, np.ndarray]:
        fed = {INPUT: crops.astype(np.float32)}
        answers = self._session.run(self._names, fed)
        return dict(zip(self._names, answers, strict=True))


def load(path: Path) -> OnnxRuntime:
    """See `facemtl.runtimes.load_network`."""
    onnxruntime = import_package("onnxruntime", "onnxruntime")
    options = onnxruntime.SessionOptions()
    # So small a network leaves the other cores to the caller.
    options.intra_op_num_threads = 1
    try:
        session = onnxruntime.InferenceSession(
            path, options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # One class for each kind of fault
        reason = str(error).splitlines()[0]
        raise InputError(f"{path}: not a whole ONNX file: {reason}") from None
    written = session.get_modelmeta().custom_metadata_map
    if NAME not in written:
        raise InputError(
            f"{path}: expected a file of facemtl export. "
            f"Received: one without {NAME} in its metadata."
        )
    return OnnxRuntime(
        session, Sidecar.from_json(written[NAME], f"{NAME} in {path}")
    )
