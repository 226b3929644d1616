"""The columns of the output."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa  # type: ignore[import-not-found]

from facemtl.inference.face import make_face
from facemtl.tasks import Task

from .photo import face_row


def output_schema(tasks: Sequence[Task]) -> Any:
    """The columns of the output; those of a face are the network's tasks.

    Args:
        tasks: the network's.
    """
    blank = {
        task.name: np.zeros(task.label_shape or (task.size,)) for task in tasks
    }
    face = face_row(make_face(tasks, blank, np.zeros(4)))
    point = {"x": pa.float32(), "y": pa.float32()}
    said = {"class": pa.string(), "probability": pa.float32()}
    # Parquet has no struct without fields.
    nested = {
        "points": _struct(dict.fromkeys(face["points"], _struct(point))),
        "attributes": _struct(dict.fromkeys(face["attributes"], _struct(said))),
        "values": _struct(dict.fromkeys(face["values"], pa.float32())),
    }
    columns = {"box": pa.list_(pa.float32()), "score": pa.float32()}
    columns |= {name: kind for name, kind in nested.items() if face[name]}
    return pa.schema(
        {
            "source": pa.string(),
            "row": pa.int64(),
            "file": pa.string(),
            "width": pa.int32(),
            "height": pa.int32(),
            "faces": pa.list_(_struct(columns)),
            "error": pa.string(),
        }
    )


def _struct(fields: dict[str, Any]) -> Any:
    return pa.struct(list(fields.items()))
