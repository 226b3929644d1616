"""Checks of an `.onnx` file before ONNX Runtime loads it.

The few fields that are needed are read without the package onnx, which is not
required to run a file. Field numbers are those of onnx.proto.
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from facemtl.errors import InputError
from facemtl.files.network_files import LARGEST

GRAPH, FUNCTIONS = 7, 25  # of a model
NODE, INITIALIZER = 1, 5  # of a graph
ATTRIBUTE = 5  # of a node
TENSORS, GRAPHS = (5, 10), (6, 11)  # of an attribute: one, several
DIMS, TYPE, FLOATS, INTEGERS, RAW, DOUBLES, EXTERNAL = 1, 2, 4, 5, 9, 10, 13
HALF = 10  # float16, whose numbers may be in INTEGERS, 16 bits each
KINDS: dict[int, np.dtype[Any]] = {
    1: np.dtype("<f4"),
    10: np.dtype("<f2"),
    11: np.dtype("<f8"),
}
WIDEST = 8  # bytes of a number
Field = tuple[int, int | memoryview]


def check_weights(content: bytes, where: str) -> None:
    """Raise for NaN weights, weights in other files or excessive memory.

    Also raise for subgraphs: an export has no loops, and a loop may not end.

    Args:
        content: content of the file.
        where: name of the file, for messages.

    Raises:
        InputError: for NaN or infinity, weights in another file or of more
            than half a gigabyte, loops and functions, or a damaged file.
    """
    room = 0
    try:
        for tensor in _tensors(content, where):
            room += _checked_tensor(list(_fields(tensor)), where)
    except InputError:
        raise
    except (IndexError, ValueError, TypeError) as error:
        raise InputError(f"{where}: not a whole ONNX file: {error}") from None
    if room > LARGEST:
        raise InputError(
            f"{where}: expected weights of at most {LARGEST:,} bytes. "
            f"Received: {room:,}."
        )


def _checked_tensor(fields: list[Field], where: str) -> int:
    """Return the size of a tensor in bytes; raise for external or NaN data."""
    values: dict[int, Any] = dict(fields)
    if EXTERNAL in values:
        raise InputError(
            f"{where}: expected weights in the file itself. Received: weights "
            "in another file."
        )
    if not all(np.isfinite(held).all() for held in _numbers(fields, values)):
        raise InputError(
            f"{where}: expected weights that are numbers. Received: NaN or "
            "infinity."
        )
    return WIDEST * math.prod(_integers(fields, DIMS))


def _numbers(
    fields: list[Field], values: dict[int, Any]
) -> Iterator[np.ndarray]:
    """Yield the weights of a tensor of a known type from all its fields."""
    kind = KINDS.get(values.get(TYPE, 0))
    if kind is None:
        return
    places = {RAW: kind, FLOATS: KINDS[1], DOUBLES: KINDS[11]}
    for number, value in fields:
        # A single number has four or eight bytes; several numbers are packed.
        if number in places and not isinstance(value, int):
            yield np.frombuffer(value, places[number])
    if values[TYPE] == HALF:
        bits = [x & 0xFFFF for x in _integers(fields, INTEGERS)]
        yield np.array(bits, np.uint16).view(np.float16)


def _integers(fields: list[Field], wanted: int) -> Iterator[int]:
    for number, value in fields:
        if number == wanted and isinstance(value, int):
            yield value
        elif number == wanted and not isinstance(value, int):
            at = 0  # packed: one after the other
            while at < len(value):
                size, at = _varint(value, at)
                yield size


def _tensors(content: bytes, where: str) -> Iterator[memoryview]:
    """Yield the weights and the tensors of constant operators."""
    model = memoryview(content)
    attributes = [
        attribute
        for graph in _parts(model, GRAPH)
        for node in _parts(graph, NODE)
        for attribute in _parts(node, ATTRIBUTE)
    ]
    if any(_parts(model, FUNCTIONS)) or any(
        any(_parts(attribute, *GRAPHS)) for attribute in attributes
    ):
        raise InputError(
            f"{where}: expected one graph of operators, as of an export. "
            "Received: a loop, a condition or a function."
        )
    for graph in _parts(model, GRAPH):
        yield from _parts(graph, INITIALIZER)
    for attribute in attributes:
        yield from _parts(attribute, *TENSORS)


def _parts(message: memoryview, *numbers: int) -> Iterator[memoryview]:
    """Yield the fields of a message that are messages or texts."""
    for number, value in _fields(message):
        if number in numbers and not isinstance(value, int):
            yield value


def _fields(data: memoryview) -> Iterator[Field]:
    """Yield (number, value) of a message's fields; values are int or bytes."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, at = _varint(data, at)
            yield number, value
            continue
        if wire == 2:
            size, at = _varint(data, at)
        elif wire in (1, 5):
            size = 8 if wire == 1 else 4
        else:
            raise ValueError(f"a field of wire type {wire}")
        if at + size > len(data):
            raise ValueError("it ends within a field")
        yield number, data[at : at + size]
        at += size


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    """Return an integer with 7 bits per byte, and the position of its end."""
    value = 0
    for i in range(10):
        byte = data[at + i]
        value |= (byte & 127) << 7 * i
        if byte < 128:
            return value, at + i + 1
    raise ValueError("an integer of more than ten bytes")
