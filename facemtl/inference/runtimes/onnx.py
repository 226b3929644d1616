"""Runtime of `.onnx` files, by ONNX Runtime."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from facemtl.errors import InputError
from facemtl.files.checksums import BLANK, check_content
from facemtl.files.network_files import read_network
from facemtl.inference.runtimes.onnx_weights import check_weights
from facemtl.inference.runtimes.runtime import Runtime
from facemtl.inference.runtimes.trial import check_input, check_predictions
from facemtl.inference.sidecar import INPUT, NAME, Sidecar
from facemtl.process.forks import PerProcess
from facemtl.process.packages import import_package


class OnnxRuntime(Runtime):
    """Run an `.onnx` file; each process has a separate session.

    Args:
        session: factory of an `onnxruntime.InferenceSession`.
        sidecar: names and crop of the network.
    """

    def __init__(self, session: PerProcess[Any], sidecar: Sidecar) -> None:
        super().__init__(
            sidecar.tasks, sidecar.crop, sidecar.box_convention, sidecar.sigma
        )
        self.sidecar = sidecar
        self._session = session
        self._names = [output.name for output in session.get().get_outputs()]

    def answer(self, crops: np.ndarray) -> Mapping[str, np.ndarray]:
        fed = {INPUT: crops.astype(np.float32)}
        answers = self._session.get().run(self._names, fed)
        return dict(zip(self._names, answers, strict=True))


def _session(content: bytes, where: str, threads: int) -> Any:
    onnxruntime = import_package("onnxruntime", where)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(
        content, options, providers=["CPUExecutionProvider"]
    )


def load(path: Path, threads: int = 1) -> OnnxRuntime:
    """Load an `.onnx` file; see `facemtl.inference.runtimes.load_network`."""
    content = read_network(path)
    check_weights(content, str(path))
    try:
        session = PerProcess(_session, content, str(path), threads)
    except InputError:
        raise
    except Exception as error:  # ONNX Runtime has one class for each fault.
        reason = next(iter(str(error).splitlines()), "")
        raise InputError(f"{path}: not a whole ONNX file: {reason}") from None
    written = _metadata(session.get())
    if NAME not in written:
        raise InputError(
            f"{path}: expected a file of facemtl export. "
            f"Received: one without a whole {NAME} in its metadata."
        )
    sidecar = Sidecar.from_json(written[NAME], f"{NAME} in {path}")
    blanked = content.replace(sidecar.checksum.encode() or b"-", BLANK.encode())
    check_content(sidecar.checksum, [blanked], str(path))
    _check_input(session.get(), sidecar, str(path))
    runtime = OnnxRuntime(session, sidecar)
    check_predictions(runtime, str(path))
    return runtime


def _metadata(session: Any) -> Mapping[str, str]:
    """Return the file's metadata texts; empty if one is not UTF-8."""
    try:
        texts: Mapping[str, str] = session.get_modelmeta().custom_metadata_map
    except UnicodeDecodeError:
        return {}
    return texts


def _check_input(session: Any, sidecar: Sidecar, where: str) -> None:
    """Raise unless the network has one input, the crops of its sidecar."""
    inputs = session.get_inputs()
    names = [given.name for given in inputs]
    if names != [INPUT] or inputs[0].type != "tensor(float)":
        raise InputError(
            f"{where}: expected one input '{INPUT}' of float32. Received: "
            f"{names}."
        )
    check_input(inputs[0].shape, np.float32, sidecar.crop.shape, where)
