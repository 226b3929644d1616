"""Checks of a `.tflite` file before LiteRT allocates memory for it."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from facemtl.errors import InputError
from facemtl.files.network_files import LARGEST
from facemtl.process.packages import import_package

# TFLite's numbers of types; only the size of other types is checked.
FLOATS = {0: np.dtype("<f4"), 1: np.dtype("<f2")}
BYTES = 4  # of a number
CUSTOM = 32  # the operator code of custom operators
# Tensors of a graph share memory, so that their sum may be larger.
MOST = 4 * LARGEST


def check_weights(content: bytes, where: str) -> None:
    """Raise for NaN weights or a network that needs too much memory.

    LiteRT's ReLU turns NaN into a number, so that predictions may not show it.
    Further graphs belong to loops: an export has none, and a loop may not end.

    Args:
        content: content of the file.
        where: name of the file, for messages.

    Raises:
        InputError: for NaN or infinity, tensors of more than two gigabytes,
            loops, operators that LiteRT does not have, or a damaged file.
    """
    try:
        model = _model(content, where)
        own = _has_own_operators(model)
        tensors = list(_tensors(model))
    except InputError:
        raise
    except Exception as error:  # Flatbuffers raise many types of exceptions.
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


def _model(content: bytes, where: str) -> Any:
    schema = import_package("ai_edge_litert.schema_py_generated", where)
    return schema.Model.GetRootAs(content, 0)


def _has_own_operators(model: Any) -> bool:
    """Return whether the model has operators that LiteRT does not have."""
    codes = map(model.OperatorCodes, range(model.OperatorCodesLength()))
    return any(
        CUSTOM in (code.BuiltinCode(), code.DeprecatedBuiltinCode())
        for code in codes
    )


def _tensors(model: Any) -> Iterator[tuple[int, np.ndarray]]:
    """Yield each tensor's size, and its weights if they are floats."""
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
