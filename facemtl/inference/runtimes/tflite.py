"""Runtime of `.tflite` files, by LiteRT without TensorFlow."""

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from facemtl.errors import InputError
from facemtl.files.checksums import check_content
from facemtl.files.network_files import read_network
from facemtl.inference.runtimes.associated import read_associated
from facemtl.inference.runtimes.runtime import Runtime, joined
from facemtl.inference.runtimes.tflite_weights import check_weights
from facemtl.inference.runtimes.trial import check_input, check_predictions
from facemtl.inference.sidecar import INPUT, Sidecar
from facemtl.process.forks import PerProcess
from facemtl.process.native_words import without_native_words
from facemtl.process.packages import import_package


class TfliteRuntime(Runtime):
    """Run a TFLite file's signature `serving_default`.

    Threads may share it. Each process has a separate interpreter.

    Args:
        content: the file's bytes.
        sidecar: names and crop of the network.
        where: name of the file, for messages.
        threads: threads of one call.

    Raises:
        InputError: for a network with another input.
    """

    def __init__(
        self,
        content: bytes,
        sidecar: Sidecar,
        where: str = "this TFLite file",
        threads: int = 1,
    ) -> None:
        super().__init__(
            sidecar.tasks, sidecar.crop, sidecar.box_convention, sidecar.sigma
        )
        self.sidecar = sidecar
        self._interpreter = PerProcess(
            _interpreter, content, sidecar.crop.shape, where, threads
        )

    def answer(self, crops: np.ndarray) -> Mapping[str, np.ndarray]:
        interpreter = self._interpreter.get()
        crops = crops.astype(interpreter.dtype)
        if not interpreter.one_by_one:
            return interpreter.copied(crops)
        return joined(
            [interpreter.copied(crops[i : i + 1]) for i in range(len(crops))]
        )


class _Interpreter(NamedTuple):
    """LiteRT's interpreter in one process.

    Attributes:
        call: the signature. Outputs are read by name, because their order
            differs between files.
        dtype: dtype of the crops.
        one_by_one: whether a call takes one crop.
        one_at_a_time: lock that is held during a call.
    """

    call: Callable[..., dict[str, np.ndarray]]
    dtype: type
    one_by_one: bool
    one_at_a_time: threading.Lock

    def copied(self, crops: np.ndarray) -> dict[str, np.ndarray]:
        """Return predictions for crops of `dtype`."""
        # LiteRT returns views of memory that the next call overwrites.
        with self.one_at_a_time:
            answers = self.call(**{INPUT: crops})
            return {k: y.copy() for k, y in answers.items()}


def _interpreter(
    content: bytes, shape: tuple[int, int, int], where: str, threads: int
) -> _Interpreter:
    litert = import_package("ai_edge_litert.interpreter", where)
    interpreter = litert.Interpreter(model_content=content, num_threads=threads)
    (detail,) = interpreter.get_input_details()
    check_input(detail["shape_signature"], detail["dtype"], shape, where)
    without_native_words(interpreter.allocate_tensors)
    return _Interpreter(
        interpreter.get_signature_runner("serving_default"),
        detail["dtype"],
        detail["shape_signature"][0] == 1,
        threading.Lock(),
    )


def load(path: Path, threads: int = 1) -> TfliteRuntime:
    """Load a `.tflite` file; see `facemtl.inference.runtimes.load_network`."""
    content = read_network(path)
    sidecar, end = read_associated(content, str(path))
    check_content(sidecar.checksum, [memoryview(content)[:end]], str(path))
    check_weights(content, str(path))
    try:
        runtime = TfliteRuntime(content, sidecar, str(path), threads)
    except InputError:
        raise
    except (ValueError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{path}: not a whole TFLite file: {reason}") from None
    check_predictions(runtime, str(path))
    return runtime
