"""What holds for whatever is read."""

import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from damaged.wholes import KINDS, Kind

from facemtl.data.faces import Faces
from facemtl.errors import LONGEST, InputError
from facemtl.words import printable

Read = TypeVar("Read")


def unless_refused(
    read: Callable[..., Read], *args: Any, **kwargs: Any
) -> Read | None:
    """What is read; None where it is refused, in a line that can be printed."""
    try:
        return read(*args, **kwargs)
    except InputError as error:
        said = str(error)
        assert said, "a refusal without a reason"
        assert printable(said) == said, f"a refusal of several lines: {said!r}"
        assert len(said) <= LONGEST + 1, f"a refusal of {len(said)} characters"
        return None


@cache
def folder(name: str = "") -> Path:
    """A folder for this process's files, removed at its end."""
    if name:
        inside = folder() / name
        inside.mkdir()
        return inside
    _KEPT.append(tempfile.TemporaryDirectory(prefix="facemtl-fuzz-"))
    return Path(_KEPT[0].name)


_KEPT: list[tempfile.TemporaryDirectory] = []


def written(data: bytes, name: str) -> Path:
    """A file of these bytes."""
    file = folder() / name
    file.write_bytes(data)
    return file


def kind(name: str) -> Kind:
    """A kind of text, with a whole one."""
    (found,) = [one for one in KINDS if one.name == name]
    return found


def whole(name: str) -> bytes:
    """A whole text of a kind."""
    return kind(name).text.encode()


def check_faces(faces: Faces) -> None:
    """Raise for a label that is no number, or of no class."""
    for task in faces.tasks:
        labels = faces.labels[task.name]
        assert len(labels) == len(faces)
        assert not np.isinf(labels).any(), f"{task.name}: infinite"
        if task.kind == "classes":
            assert ((labels >= -1) & (labels < task.size)).all()


def check_same_faces(faces: Faces, again: Faces) -> None:
    """Raise unless two tables hold the same photos, boxes and labels.

    Args:
        faces: a box of NaN stands for any.
        again: the table after it was written and read again.
    """
    assert [str(name) for name in faces.names] == [str(x) for x in again.names]
    assert faces.tasks == again.tasks
    given = np.isfinite(faces.boxes)
    np.testing.assert_array_equal(again.boxes[given], faces.boxes[given])
    for name, labels in faces.labels.items():
        np.testing.assert_array_equal(again.labels[name], labels, name)
