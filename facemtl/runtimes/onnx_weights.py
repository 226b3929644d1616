"""The weights in an `.onnx`, looked at before ONNX Runtime runs them.

The package onnx is not needed where a file is only run, so the few fields of
its Protocol Buffers are read here: numbers are those of onnx.proto.
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from facemtl.errors import InputError
from facemtl.network_files import LARGEST

GRAPH, INITIALIZER = 7, 5  # of a model; of a graph
DIMS, TYPE, FLOATS, INTEGERS, RAW, DOUBLES, EXTERNAL = 1, 2, 4, 5, 9, 10, 13
HALF = 10  # a type whose numbers may stand in INTEGERS, as 16 bits each
KINDS: dict[int, np.dtype[Any]] = {
    1: np.dtype("<f4"),
    10: np.dtype("<f2"),
    11: np.dtype("<f8"),
}
WIDEST = 8  # bytes of a number
Field = tuple[int, int | memoryview]


def check_weights(content: bytes, where: str) -> None:
    """Raise where weights hold NaN, lie in other files or fill the memory.

    Args:
        content: of the file.
        where: the file, for messages.

    Raises:
        InputError: for NaN, infinity, weights in another file, of over half a
            gigabyte, or a file that is not whole.
    """
    room = 0
    try:
        for tensor in _initializers(content):
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
    """The room of a tensor; its numbers are finite and its own."""
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
    """The weights of a tensor of a known type, wherever they stand."""
    kind = KINDS.get(values.get(TYPE, 0))
    if kind is None:
        return
    places = {RAW: kind, FLOATS: KINDS[1], DOUBLES: KINDS[11]}
    for number, value in fields:
        # One number alone is four or eight bytes, several are packed.
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


def _initializers(content: bytes) -> Iterator[memoryview]:
    for number, graph in _fields(memoryview(content)):
        if number == GRAPH and not isinstance(graph, int):
            for inner, tensor in _fields(graph):
                if inner == INITIALIZER and not isinstance(tensor, int):
                    yield tensor


def _fields(data: memoryview) -> Iterator[Field]:
    """(number, value) of a message's fields: integers and parts of it."""
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
    """An integer of 7 bits a byte, and where it ends."""
    value = 0
    for i in range(10):
        byte = data[at + i]
        value |= (byte & 127) << 7 * i
        if byte < 128:
            return value, at + i + 1
    raise ValueError("an integer of more than ten bytes")
