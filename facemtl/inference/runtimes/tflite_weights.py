"""What a `.tflite` holds, looked at before LiteRT makes room for it."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from facemtl.errors import InputError
from facemtl.files.network_files import LARGEST
from facemtl.process.packages import import_package

# TFLite's numbers of types; of others only the room counts.
FLOATS = {0: np.dtype("<f4"), 1: np.dtype("<f2")}
BYTES = 4  # of a number
CUSTOM = 32  # the number of operators of others
# Tensors take turns in the room of a few of them.
MOST = 4 * LARGEST


def check_weights(content: bytes, where: str) -> None:
    """Raise where a network's weights hold NaN, or it asks for too much memory.

    LiteRT's ReLU makes a number of NaN, so that predictions do not show it.
    Graphs beside the first are those of loops: none of an export has one, and
    they need not end.

    Args:
        content: of the file.
        where: the file, for messages.

    Raises:
        InputError: for NaN, infinity, tensors of over two gigabytes, loops
            and operators that are none of LiteRT's, or a file that is not
            whole.
    """
    try:
        model = _model(content)
        own = _has_own_operators(model)
        tensors = list(_tensors(model))
    except InputError:
        raise
    except Exception as error:  # Flatbuffers raise many kinds for broken files
        raise InputError(
            f"{where}: not a whole TFLite file: {type(error).__name__}"
        ) from None
    if own or model.SubgraphsLength() != 1:
        raise InputError(
            f"{where}: expected one graph of LiteRT's operators, as of an "
            f"export. Received: {'others' if own else 'a loop or a condition'}."
        )
    room = sum(BYTES * places for places, _ in tensors)
    if room > MOST:
        raise InputError(
            f"{where}: expected tensors of at most {MOST:,} bytes. "
            f"Received: {room:,}."
        )
    if not all(np.isfinite(numbers).all() for _, numbers in tensors):
        raise InputError(
            f"{where}: expected weights that are numbers. Received: NaN or "
            "infinity."
        )


def _model(content: bytes) -> Any:
    schema = import_package(
        "ai_edge_litert.schema_py_generated", "ai-edge-litert"
    )
    return schema.Model.GetRootAs(content, 0)


def _has_own_operators(model: Any) -> bool:
    """Whether a program beside LiteRT would have to know an operator."""
    codes = map(model.OperatorCodes, range(model.OperatorCodesLength()))
    return any(
        CUSTOM in (code.BuiltinCode(), code.DeprecatedBuiltinCode())
        for code in codes
    )


def _tensors(model: Any) -> Iterator[tuple[int, np.ndarray]]:
    """How many numbers each tensor has, and its weights, if it has floats."""
    for i in range(model.SubgraphsLength()):
        graph = model.Subgraphs(i)
        for k in range(graph.TensorsLength()):
            tensor = graph.Tensors(k)
            shape = [tensor.Shape(n) for n in range(tensor.ShapeLength())]
            data = model.Buffers(tensor.Buffer()).DataAsNumpy()
            kind = FLOATS.get(tensor.Type())
            held = isinstance(data, np.ndarray) and kind is not None
            numbers = data.view(kind) if held else np.empty(0)
            yield math.prod(map(abs, shape)), numbers
