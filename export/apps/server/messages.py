"""Convert V2 tensors to a photo and boxes, and faces to V2 tensors.

This module does not need the server: a tensor is an object with `name`,
`shape`, `data` and `parameters`, as in the V2 inference protocol.
"""

import base64
import binascii
from collections.abc import Container, Mapping, Sequence
from dataclasses import astuple
from typing import Any

import numpy as np

from facemtl.errors import InputError
from facemtl.export.apps.server.limits import Limits
from facemtl.export.apps.server.tensors import (
    BOXES,
    datatype_of,
    read_boxes,
    values_of,
)
from facemtl.inference.face import Face
from facemtl.inference.face_cells import ANGLES, SIDES
from facemtl.tasks import Task, sigma_name
from facemtl.words import one_line

PHOTO = "photo"
# {name: (names of the entries, values (N, ...) of N faces)}
Tensors = dict[str, tuple[tuple[str, ...], np.ndarray]]


def by_name(inputs: Sequence[Any]) -> dict[str, Any]:
    """Return {name: tensor} of a request.

    Raises:
        InputError: if a name is repeated.
    """
    tensors = {tensor.name: tensor for tensor in inputs}
    if len(tensors) < len(inputs):
        raise InputError(
            f"Expected each input once. Received: {len(inputs)} inputs of "
            f"{len(tensors)} names."
        )
    return tensors


def read_request(
    tensors: Mapping[str, Any], faces: int = Limits.faces
) -> tuple[bytes, np.ndarray | None]:
    """Return the bytes of a photo, and the boxes (N, 4) of its faces, if any.

    Args:
        tensors: {name: tensor} of a request: `photo`, BYTES of shape [1], in
            base64 if sent as text; `boxes`, FP32 of shape [N, 4].
        faces: maximum number of boxes.

    Raises:
        InputError: if the input is invalid; `Refused`, 413, for too many boxes.
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
    """Return the one file in a BYTES tensor of shape [1]."""
    values = values_of(tensor)
    kind = type(values[0]).__name__ if len(values) else "nothing"
    fits = len(values) == 1 and isinstance(values[0], str | bytes)
    if not fits or datatype_of(tensor) not in ("", "BYTES"):
        raise InputError(
            f"Expected one photo in '{PHOTO}', BYTES of shape [1]. "
            f"Received: {len(values)} of {kind}, {datatype_of(tensor)}."
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


def tensors_of(
    faces: Sequence[Face], tasks: Sequence[Task], sigma: Container[str] = ()
) -> Tensors:
    """Return the predictions for N faces as arrays.

    Args:
        faces: the faces.
        tasks: tasks of the network.
        sigma: names of the tasks whose deviations it predicts.

    Returns:
        `boxes` (N, 4) and the points of each task (N, P, 2) in pixels of the
        photo, their deviations `<task>_sigma` (N, P), the probabilities of
        each attribute (N, K), values (N, 1); and, NaN where it is unknown, the
        detector's `score` (N, 1), the `confidence` (N, 1) and the `head_pose`
        (N, 3). A task keeps its name: the others are then `detector score`,
        `face confidence` and `head angles`.
    """
    found: Tensors = {BOXES: (SIDES, _stack([x.box for x in faces], (4,)))}
    found |= _of_faces(faces, {task.name for task in tasks})
    for task in tasks:
        rows = [_of_task(face, task) for face in faces]
        shape = task.label_shape or (task.size,)
        found[task.name] = (tuple(task.names), _stack(rows, shape))
        if task.name in sigma:
            rows = [_of_points(face.points_sigma, task) for face in faces]
            deviations = _stack(rows, (task.size,))
            found[sigma_name(task)] = (tuple(task.names), deviations)
    return found


def _of_faces(faces: Sequence[Face], taken: Container[str]) -> Tensors:
    """Return what every network tells of a face, under names not taken."""
    poses = [face.pose for face in faces]
    none = (np.nan,) * len(ANGLES)
    angles = [none if pose is None else astuple(pose) for pose in poses]
    outputs: dict[tuple[str, str], tuple[tuple[str, ...], np.ndarray]] = {
        ("score", "detector score"): (
            (),
            _stack([x.score for x in faces], (1,)),
        ),
        ("confidence", "face confidence"): (
            (),
            _stack([x.confidence for x in faces], (1,)),
        ),
        ("head_pose", "head angles"): (ANGLES, _stack(angles, (len(ANGLES),))),
    }
    return {
        other if name in taken else name: output
        for (name, other), output in outputs.items()
    }


def _of_task(face: Face, task: Task) -> list[Any]:
    if task.kind == "landmarks":
        return _of_points(face.points, task)
    if task.kind == "classes":
        shares = face.attributes[task.name].probabilities
        return [shares[name] for name in task.names]
    return [face.values[task.name]]


def _of_points(points: Mapping[str, Any], task: Task) -> list[Any]:
    # Two tasks of points may share a name: see `make_face`.
    own = (f"{task.name} {name}" for name in task.names)
    return [
        points.get(key, points.get(name))
        for key, name in zip(own, task.names, strict=True)
    ]


def _stack(rows: Sequence[Any], shape: tuple[int, ...]) -> np.ndarray:
    # `None`, as a missing score, becomes NaN.
    return np.asarray(rows, np.float32).reshape(len(rows), *shape)


def _says_base64(tensor: Any) -> bool:
    said = getattr(tensor.parameters, "content_type", None)
    return said == "base64"
