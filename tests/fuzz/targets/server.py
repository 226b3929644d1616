"""A request of the server, without the libraries that serve it.

As pydantic does there, `_inputs` refuses what is no JSON of the V2 protocol.
"""

import json
from types import SimpleNamespace
from typing import Any

import numpy as np

from facemtl.errors import InputError
from facemtl.export.apps.server.cases import body
from facemtl.export.apps.server.checks import (
    check_head,
    check_values,
    paths_of,
    wrong_body,
)
from facemtl.export.apps.server.limits import Limits
from facemtl.export.apps.server.messages import by_name, read_request
from facemtl.export.apps.server.pixels import pixels_of
from facemtl.export.apps.server.tensors import LARGEST, check_tensors

from ..oracle import unless_refused

LIMITS = Limits(body_mb=1, megapixels=1, faces=20)
PATHS = paths_of(["faces"])
PHOTO = b"P6 3 2 255 " + bytes(18)
SEEDS = (
    body(PHOTO),
    body(PHOTO, [[1, 2, 3, 4], [5.5, 6, 7, 8]]),
    b'{"inputs": [{"name": "boxes", "shape": [1, 4], "datatype": "FP32", '
    b'"data": [1, 2, 3, 1e3]}, {"name": "photo", "shape": [1, 1], '
    b'"datatype": "BYTES", "data": ["UDYgMyAyIDI1NSA="]}]}',
)
TYPES = {"BOOL", "BYTES", "FP32", "FP64", "INT32", "INT64", "UINT8"}


def one_input(data: bytes) -> None:
    """A request that is taken is within the limits."""
    unless_refused(check_head, _scope(data), PATHS, LIMITS)
    read = unless_refused(_read, data)
    if read is None:
        return
    photo, boxes, pixels = read
    assert len(photo) <= LIMITS.body
    assert 0 <= pixels <= LIMITS.megapixels * 1e6
    if boxes is not None:
        assert boxes.shape == (len(boxes), 4)
        assert len(boxes) <= LIMITS.faces
        assert (np.abs(boxes) < LARGEST).all()


def _scope(data: bytes) -> dict[str, Any]:
    """A head of HTTP, as ASGI gives it, of the same bytes."""
    path, _, value = data[:200].partition(b"\n")
    names = (b"content-length", b"content-encoding", b"content-type")
    headers = [(name, value) for name in names]
    return {"path": path.decode("utf-8", "replace"), "headers": headers}


def _read(data: bytes) -> tuple[bytes, np.ndarray | None, int]:
    check_values(data, LIMITS)
    inputs = _inputs(data)
    check_tensors(inputs, LIMITS.values)
    photo, boxes = read_request(by_name(inputs), LIMITS.faces)
    return photo, boxes, pixels_of(photo, LIMITS.megapixels)


def _inputs(data: bytes) -> list[Any]:
    try:
        given = [_tensor(one) for one in json.loads(data)["inputs"]]
    except (ValueError, TypeError, LookupError, RecursionError) as error:
        fault = {"loc": ("body", "inputs"), "msg": str(error)}
        raise InputError(wrong_body([fault])) from None
    return given


def _tensor(given: dict[str, Any]) -> SimpleNamespace:
    """A tensor whose parts are of the protocol's types."""
    name, shape = given["name"], given["shape"]
    right = isinstance(name, str) and given["datatype"] in TYPES
    right &= isinstance(shape, list) and all(type(x) is int for x in shape)
    parameters = given.get("parameters")
    right &= isinstance(parameters, dict | None)
    if not right:
        raise TypeError("no tensor of the protocol")
    return SimpleNamespace(
        name=name,
        shape=shape,
        datatype=given["datatype"],
        data=given["data"],
        parameters=SimpleNamespace(**(parameters or {})),
    )
