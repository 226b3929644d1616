"""V2 tensors in, a photo and its boxes out; faces in, V2 tensors out.

Nothing here needs the server: a tensor is whatever has `name`, `shape`,
`data` and `parameters`, as in the V2 inference protocol.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from facemtl.errors import InputError
from facemtl.export.apps.server.limits import Limits, Refused
from facemtl.predict.face import Face
from facemtl.tasks import Task
from facemtl.words import one_line

PHOTO, BOXES = "photo", "boxes"
# Of boxes: no photo has a pixel beyond.
LARGEST = 1e7
NO_NUMBERS = ("BOOL", "BYTES")
# {name: (names of what it counts, values (N, ...) of N faces)}
Tensors = dict[str, tuple[tuple[str, ...], np.ndarray]]


def by_name(inputs: Sequence[Any]) -> dict[str, Any]:
    """{name: tensor} of a request.

    Raises:
        InputError: for two of one name.
    """
    tensors = {tensor.name: tensor for tensor in inputs}
    if len(tensors) < len(inputs):
        raise InputError(
            f"Expected each input once. Received: {len(inputs)} inputs of "
            f"{len(tensors)} names."
        )
    return tensors


def check_tensors(inputs: Sequence[Any], most: int) -> None:
    """Refuse tensors of too many values, or of lists in lists in lists.

    Args:
        inputs: of a request.
        most: values of all.

    Raises:
        Refused: 413 or 400.
    """
    count = 0
    for tensor in inputs:
        values = _values(tensor)
        rows = [row for row in values if isinstance(row, list)]
        count += len(values) + sum(map(len, rows))
        if any(isinstance(x, list | dict) for row in rows for x in row):
            raise Refused(
                400,
                "Expected data as a list, or a list of rows. Received: "
                "lists within rows.",
            )
    if count > most or len(inputs) > most:
        raise Refused(
            413,
            f"Expected at most {most:,} values. Received: {count:,} in "
            f"{len(inputs):,} inputs.",
        )


def wrong_body(faults: Sequence[Mapping[str, Any]]) -> str:
    """The line about a body that is no JSON of the protocol.

    Args:
        faults: what FastAPI says of it.

    Example:

    >>> wrong_body([{"loc": ("body", "inputs"), "msg": "Field required"}])
    'Expected JSON of the V2 protocol. Received: inputs: Field required.'
    """
    first = faults[0] if faults else {}
    place = first.get("loc", ())[1:]
    where = ".".join(map(str, place))
    if where.isdigit():  # Of what is no JSON, FastAPI says where.
        where = f"byte {where}"
    reason = (first.get("ctx") or {}).get("error") or first.get("msg", "")
    said = one_line(f"{where}: {reason}")[:200]
    return f"Expected JSON of the V2 protocol. Received: {said}."


def read_request(
    tensors: Mapping[str, Any], faces: int = Limits.faces
) -> tuple[bytes, np.ndarray | None]:
    """The bytes of a photo, and the boxes (N, 4) of its faces if there are.

    Args:
        tensors: {name: tensor} of a request: `photo`, BYTES of shape [1], in
            base64 where it came as text; `boxes`, FP32 of shape [N, 4].
        faces: the most boxes.

    Raises:
        InputError: for anything else; `Refused`, 413, for too many boxes.
    """
    if PHOTO not in tensors or not set(tensors) <= {PHOTO, BOXES}:
        names = [one_line(name)[:40] for name in sorted(tensors)[:5]]
        raise InputError(
            f"Expected the inputs '{PHOTO}' and, if you have them, '{BOXES}'. "
            f"Received: {names or 'none'}."
        )
    boxes = read_boxes(tensors[BOXES], faces) if BOXES in tensors else None
    return read_photo(tensors[PHOTO]), boxes


def read_photo(tensor: Any) -> bytes:
    """The one file in a BYTES tensor of shape [1]."""
    values = _values(tensor)
    kind = type(values[0]).__name__ if len(values) else "nothing"
    fits = len(values) == 1 and isinstance(values[0], str | bytes)
    if not fits or _datatype(tensor) not in ("", "BYTES"):
        raise InputError(
            f"Expected one photo in '{PHOTO}', BYTES of shape [1]. "
            f"Received: {len(values)} of {kind}, {_datatype(tensor)}."
        )
    if list(tensor.shape) not in ([1], [1, 1]):
        raise InputError(
            f"Expected '{PHOTO}' of shape [1]. "
            f"Received: {list(tensor.shape)[:8]}."
        )
    (data,) = values
    if isinstance(data, bytes) and not _says_base64(tensor):
        return data
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InputError(
            f"Expected '{PHOTO}' in base64. Received: {len(data)} characters "
            f"that are not: {error}."
        ) from None


def read_boxes(tensor: Any, most: int = Limits.faces) -> np.ndarray:
    """Boxes (N, 4) of an FP32 tensor, flat or nested.

    Raises:
        InputError: for what are none; `Refused`, 413, for more than `most`.
    """
    values, shape = _values(tensor), list(tensor.shape)
    if len(values) > 4 * most or shape[:1] > [most]:
        raise Refused(
            413,
            f"Expected at most {most:,} boxes a photo. Received: shape "
            f"{shape[:8]}, {len(values):,} values.",
        )
    flat = _flat(values)
    numbers = all(_is_number(x) for x in flat)
    if (
        not numbers
        or _datatype(tensor) in NO_NUMBERS
        or len(shape) != 2
        or shape != [len(flat) // 4, 4]
        or len(flat) % 4
    ):
        raise InputError(
            f"Expected '{BOXES}' as FP32 of shape [N, 4]: left, top, right, "
            f"bottom in pixels. Received: shape {shape[:8]}, "
            f"{len(values)} values{'' if numbers else ', not all numbers'}."
        )
    boxes = np.array(flat, np.float64).reshape(-1, 4)
    fits = (np.abs(boxes) < LARGEST).all(axis=1)  # NaN does not, either.
    if not fits.all():
        raise InputError(
            f"Expected boxes in pixels, finite and below {LARGEST:,.0f}. "
            f"Received: {boxes[fits.argmin()].tolist()}."
        )
    return boxes


def tensors_of(faces: Sequence[Face], tasks: Sequence[Task]) -> Tensors:
    """What is said of N faces, as arrays.

    Returns:
        `boxes` (N, 4) and the points of each task (N, P, 2) in pixels of the
        photo, the probabilities of each attribute (N, K), values (N, 1), and
        the detector's `score` (N,), NaN for a box that was given.
    """
    sides = ("left", "top", "right", "bottom")
    found: Tensors = {
        BOXES: (sides, _stack([face.box for face in faces], (4,))),
        "score": ((), _stack([face.score for face in faces], ())),
    }
    for task in tasks:
        rows = [_of_task(face, task) for face in faces]
        shape = task.label_shape or (task.size,)
        found[task.name] = (tuple(task.names), _stack(rows, shape))
    return found


def _of_task(face: Face, task: Task) -> list[Any]:
    if task.kind == "landmarks":
        # Two tasks of points may share a name: see `make_face`.
        own = (f"{task.name} {name}" for name in task.names)
        return [
            face.points.get(key, face.points.get(name))
            for key, name in zip(own, task.names, strict=True)
        ]
    if task.kind == "classes":
        shares = face.attributes[task.name].probabilities
        return [shares[name] for name in task.names]
    return [face.values[task.name]]


def _stack(rows: Sequence[Any], shape: tuple[int, ...]) -> np.ndarray:
    # `None`, a score that is not there, becomes NaN.
    return np.asarray(rows, np.float32).reshape(len(rows), *shape)


def _values(tensor: Any) -> Any:
    data = getattr(tensor.data, "root", tensor.data)
    return data if isinstance(data, list) else [data]


def _flat(values: Sequence[Any]) -> list[Any]:
    flat: list[Any] = []
    for row in values:
        flat.extend(row if isinstance(row, list | tuple) else [row])
    return flat


def _is_number(value: Any) -> bool:
    # A huge integer, which JSON may hold, is none of NumPy's.
    if isinstance(value, int):
        return not isinstance(value, bool) and abs(value) < 2**63
    return isinstance(value, float)


def _datatype(tensor: Any) -> str:
    """As V2 names it: MLServer has an enumeration, gRPC text."""
    given = getattr(tensor, "datatype", "")
    return str(getattr(given, "value", given))[:40]


def _says_base64(tensor: Any) -> bool:
    said = getattr(tensor.parameters, "content_type", None)
    return said == "base64"
