"""Check V2 tensors as received: number of values, and boxes."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from facemtl.errors import InputError
from facemtl.export.apps.server.limits import Limits, Refused
from facemtl.words import one_line

BOXES = "boxes"
# Maximum coordinate of a box: no photo is larger.
LARGEST = 1e7
NO_NUMBERS = ("BOOL", "BYTES")


def check_tensors(inputs: Sequence[Any], most: int) -> None:
    """Refuse tensors with too many values, or with nested rows.

    Args:
        inputs: inputs of a request.
        most: maximum number of values in total.

    Raises:
        Refused: 413 or 400.
    """
    count = len(inputs) - 1 + sum(len(values_of(x)) for x in inputs)
    for tensor in inputs if count <= most else ():
        values = values_of(tensor)
        rows = [row if isinstance(row, list) else [row] for row in values]
        count += sum(map(len, rows)) - len(values)
        # Deeply nested ones cannot be sent to the model's process.
        if any(isinstance(x, list | dict) for row in rows for x in row):
            raise Refused(
                400,
                f"Expected data of '{one_line(tensor.name)[:40]}' as a list, "
                "or a list of rows. Received: lists within rows, or objects.",
            )
    if count > most:
        raise Refused(
            413,
            f"Expected at most {most:,} values. Received: {count:,} in "
            f"{len(inputs):,} inputs.",
        )


def read_boxes(tensor: Any, most: int = Limits.faces) -> np.ndarray:
    """Return boxes (N, 4) of an FP32 tensor, flat or nested.

    Raises:
        InputError: if boxes are invalid; `Refused`, 413, if more than `most`.
    """
    values, shape = values_of(tensor), list(tensor.shape)
    if len(values) > 4 * most or shape[:1] > [most]:
        raise Refused(
            413,
            f"Expected at most {most:,} boxes a photo. Received: shape "
            f"{shape[:8]}, {len(values):,} values.",
        )
    flat = _flat(values)
    numbers = all(map(_is_number, flat))
    numbers &= datatype_of(tensor) not in NO_NUMBERS
    if not numbers or len(flat) % 4 or shape != [len(flat) // 4, 4]:
        raise InputError(
            f"Expected '{BOXES}' as FP32 of shape [N, 4]: left, top, right, "
            f"bottom in pixels. Received: shape {shape[:8]}, "
            f"{len(values)} values{'' if numbers else ', not all numbers'}."
        )
    boxes = np.array(flat, np.float64).reshape(-1, 4)
    fits = (np.abs(boxes) < LARGEST).all(axis=1)  # excludes NaN
    if not fits.all():
        raise InputError(
            f"Expected boxes in pixels, finite and below {LARGEST:,.0f}. "
            f"Received: {boxes[fits.argmin()].tolist()}."
        )
    return boxes


def values_of(tensor: Any) -> Any:
    """Return the data of a tensor as a list."""
    data = getattr(tensor.data, "root", tensor.data)
    return data if isinstance(data, list) else [data]


def datatype_of(tensor: Any) -> str:
    """Return V2's name: MLServer has an enumeration, gRPC has text."""
    given = getattr(tensor, "datatype", "")
    return str(getattr(given, "value", given))[:40]


def _flat(values: Sequence[Any]) -> list[Any]:
    flat: list[Any] = []
    for row in values:
        flat.extend(row if isinstance(row, list | tuple) else [row])
    return flat


def _is_number(value: Any) -> bool:
    # NumPy has no type for a huge integer, which JSON may contain.
    if isinstance(value, int):
        return not isinstance(value, bool) and abs(value) < 2**63
    return isinstance(value, float)
