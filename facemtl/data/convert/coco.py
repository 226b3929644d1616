"""Read COCO keypoints, and the faces of COCO-WholeBody.

Keypoints are triples x, y, v. Their coordinates count from 0, at the centre of
the first pixel, so they need no conversion. Boxes are x, y, width, height.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from facemtl.data.convert.coco_faces import CocoFace, read_faces
from facemtl.data.convert.coco_file import CocoFile, open_coco
from facemtl.data.convert.labels import Labels
from facemtl.data.convert.points import has_side, lacks_mirror_rule
from facemtl.data.convert.splits import file_splits, split_column
from facemtl.data.faces import BadRows, Faces
from facemtl.data.other_formats import label_files
from facemtl.errors import InputError
from facemtl.photos.images import FolderImages
from facemtl.tasks import Task, load_layout
from facemtl.words import plural


def read_coco(
    sources: Sequence[Path],
    bad: BadRows,
    photos: Path | None = None,
    category: str = "",
) -> Labels:
    """Read COCO's keypoints, or the faces of COCO-WholeBody.

    Crowds and annotations without labelled points are left out and counted. If
    annotations have `face_kpts`, these 68 points and `face_box` are read
    instead of the body's points. If several files are given, names such as
    `…train…`, `…val…` and `…test…` define the split.

    Args:
        sources: JSON files, or folders with JSON files.
        bad: how to handle invalid annotations.
        photos: the folder that `file_name` is relative to. By default the
            JSON's folder, or one next to it.
        category: the category to read, if several have keypoints.

    Raises:
        InputError: if a file is not a JSON of COCO's layout, if the category
            is ambiguous, or at an invalid annotation.
    """
    paths = dict.fromkeys(f for s in sources for f in label_files(s, "coco"))
    if not paths:
        raise InputError(
            f"{', '.join(map(str, sources))}: expected COCO's .json. "
            "Received: none."
        )
    files = [open_coco(path, category) for path in paths]
    _check_same_points(files)
    rows: list[CocoFace] = []
    splits: list[str] = []
    left_out: Counter[str] = Counter()
    named = file_splits([path.stem for path in paths])
    for file, split in zip(files, named, strict=True):
        rows += read_faces(file, photos, bad, left_out)
        splits += [split] * (len(rows) - len(splits))
    return _labels(files[0].task, rows, splits, left_out)


def _check_same_points(files: Sequence[CocoFile]) -> None:
    for file in files:
        if file.task != files[0].task:
            raise InputError(
                f"{file.path}: expected the same keypoints as in "
                f"{files[0].path}. Received: {', '.join(file.task.names)}."
            )


def _labels(
    task: Task,
    rows: Sequence[CocoFace],
    splits: list[str],
    left_out: Counter[str],
) -> Labels:
    notes = _notes(task, left_out)
    if not rows:
        raise InputError(
            "Expected valid annotations with labelled points. Received: none. "
            + " ".join(notes)
        )
    faces = Faces(
        (task,),
        FolderImages(""),
        np.array([row.photo for row in rows]),
        np.array([row.row for row in rows]),
        np.array([row.box for row in rows]),
        {task.name: np.array([row.points for row in rows])},
    )
    visible = np.array([row.visible for row in rows])
    unknown = lacks_mirror_rule(task)
    return Labels(faces, split_column(splits), visible, notes, unknown)


def _notes(task: Task, left_out: Counter[str]) -> tuple[str, ...]:
    notes = [
        f"Left out: {n:,} {plural(n, 'annotation')} {why}."
        for why, n in left_out.items()
    ]
    if task is load_layout("points68"):
        notes.append(
            "Read: the 68 points of the face (face_kpts), not the body's."
        )
    elif any(map(has_side, task.names)):
        notes.append(
            "COCO's left is the person's own, facemtl's is the image's: names "
            "of points are kept as they are."
        )
    return tuple(notes)
