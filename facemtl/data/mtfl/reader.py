"""Read the official archive of MTFL (Zhang et al., ECCV 2014) unchanged.

`python -m facemtl.data.mtfl --check DIR` reports missing files. See
`data/README.md` for the source of the data.
"""

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from facemtl.data.archive import (
    BOX_LISTS,
    LABELS,
    POINT_LISTS,
    Archive,
    open_archive,
)
from facemtl.data.boxes import derived_boxes, read_box_list
from facemtl.data.checks import check_box, check_length, class_code, numbers
from facemtl.data.faces import BadRows, Faces, checked_bad
from facemtl.data.place_checks import check_points_near
from facemtl.errors import InputError, RowError
from facemtl.pages import page
from facemtl.tasks import GENDER, GLASSES, MTFL_TASKS, POSE, SMILE

# The order of the last four columns of a row; MTFL_TASKS has another order.
_CLASSES = (GENDER, SMILE, GLASSES, POSE)
_X = tuple(f"x{i}" for i in range(1, 6))
_Y = tuple(f"y{i}" for i in range(1, 6))
_FIELDS = 15  # Fields of a row in both kinds of lists: path and 14 numbers.


class _Row(NamedTuple):
    name: str
    row: str
    points: np.ndarray
    classes: tuple[int, ...]


def read_mtfl(
    root: str | Path,
    split: str,
    bad: BadRows | None = None,
    boxes: str = "auto",
) -> Faces:
    """Read the official training or test set.

    Points are converted to 0-based pixels, class codes to numbers from 0, and
    paths to `/`. If `training.txt` (`testing.txt`) is missing, points are read
    from Sun et al.'s `trainImageList.txt` (`testImageList.txt`), without
    attributes.

    Args:
        root: the archive's folder or zip. The files may be one folder deeper,
            and box lists may lie in the folder of the zip.
        split: `"train"` or `"test"`.
        bad: how to handle invalid rows; by default, stop at the first.
        boxes: `"auto"` reads boxes from `trainImageList.txt`,
            `testImageList.txt` or `testBoxList.txt`, and derives those of
            other faces from their points. `"derived"` ignores the lists.

    Returns:
        The faces with `MTFL_TASKS`, in the file's order. Their rows have names
        such as `"training.txt, row 17"`.

    Raises:
        InputError: if the files are missing, or at an invalid row.

    Example:

    >>> import tempfile
    >>> row = "a.jpg 31 71 51 36 66 41 41 61 81 81 1 2 2 3"  # x, y, codes
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "training.txt").write_text(row)
    ...     faces = read_mtfl(folder, "train")
    >>> faces.labels["landmarks"][0, 0], faces.labels["pose"]
    (array([30., 40.]), array([2], dtype=int32))

    Reference: Zhang, Luo, Loy, Tang, "Facial Landmark Detection by Deep
    Multi-task Learning", ECCV 2014.
    """
    if split not in tuple(LABELS) or boxes not in ("auto", "derived"):
        raise InputError(
            "Expected split 'train' or 'test' and boxes 'auto' or 'derived'. "
            f"Received: split={split!r}, boxes={boxes!r}."
        )
    return _read(open_archive(root), split, checked_bad(bad), boxes)


def _read(archive: Archive, split: str, bad: BadRows, boxes: str) -> Faces:
    """The faces of a split; see `read_mtfl`."""
    rows = _read_rows(archive, split, bad)
    names = {row.name for row in rows}
    listed = listed_boxes(archive, names, bad) if boxes == "auto" else {}
    faces = _with_boxes(archive, rows, listed, bad)
    if not len(faces):
        raise InputError(
            f"{archive.root}: expected at least one valid row for '{split}'. "
            f"Received: none. {bad.summary()}".rstrip()
        )
    return faces


def has_split(root: str | Path, split: str) -> bool:
    """Whether an archive has labels for a split.

    Raises:
        InputError: if `root` is not an archive.
    """
    archive = open_archive(root)
    try:
        # A list of boxes without points does not count.
        _label_file(archive, split)
    except InputError:
        return False
    return True


def _read_rows(archive: Archive, split: str, bad: BadRows) -> list[_Row]:
    """Read the valid rows of a split: name, place, points and classes."""
    file, lines, parse = _label_file(archive, split)
    rows = []
    for number, line in enumerate(lines, 1):
        cells = line.split()
        if not cells:
            continue
        name, row = cells[0].replace("\\", "/"), f"{file}, row {number}"
        try:
            check_length(cells, _FIELDS)
            rows.append(_Row(name, row, *parse(cells[1:])))
        except RowError as error:
            bad.report(f"{row} ({name})", error.reason, error.detail)
    return rows


def listed_boxes(
    archive: Archive, names: Collection[str], bad: BadRows
) -> dict[str, np.ndarray]:
    """Read the boxes of these names from all lists; see `read_box_list`."""
    listed: dict[str, np.ndarray] = {}
    for file in BOX_LISTS:
        lines = archive.lines(file)
        if lines is not None:
            listed |= read_box_list(lines, file, bad, names)
    return listed


_Parse = Callable[[Sequence[str]], tuple[np.ndarray, tuple[int, ...]]]


def _label_file(archive: Archive, split: str) -> tuple[str, list[str], _Parse]:
    """Return the split's label file, its lines and the parser of a row."""
    file = LABELS[split]
    lines = archive.lines(file)
    if lines is not None:
        return file, lines, _parse_label_row
    points_file = POINT_LISTS[split]
    lines = archive.lines(points_file) or []
    first = next((line for line in lines if line.strip()), "")
    if len(first.split()) == _FIELDS:
        return points_file, lines, _parse_list_row
    raise InputError(
        f"{archive.root}: expected {file}, or {points_file} with "
        f"{_FIELDS} fields a row, there, in a folder or in a zip of it. "
        f"Received: {', '.join(archive.found()) or 'none of the files'}. "
        f"See {page('data/README.md')} for what goes where."
    )


def _parse_label_row(
    cells: Sequence[str],
) -> tuple[np.ndarray, tuple[int, ...]]:
    """Parse x1 ... x5 y1 ... y5 (from 1), and four codes (from 1)."""
    points = numbers(cells[:10], (*_X, *_Y)).reshape(2, 5).T
    codes = zip(cells[10:], _CLASSES, strict=True)
    return points - 1, tuple(class_code(c, task, first=1) for c, task in codes)


def _parse_list_row(cells: Sequence[str]) -> tuple[np.ndarray, tuple[int, ...]]:
    """Parse a box (ignored), and x1 y1 x2 y2 ... (from 0)."""
    names = [name for pair in zip(_X, _Y, strict=True) for name in pair]
    points = numbers(cells[4:], names).reshape(5, 2)
    return points, (-1,) * len(_CLASSES)


def _with_boxes(
    archive: Archive,
    rows: list[_Row],
    listed: dict[str, np.ndarray],
    bad: BadRows,
) -> Faces:
    """Return the faces that have a valid box."""
    names = np.array([row.name for row in rows], str)
    points = np.array([row.points for row in rows]).reshape(-1, 5, 2)
    boxes = derived_boxes(points, names)
    keep = np.ones(len(rows), bool)
    for i, row in enumerate(rows):
        boxes[i] = listed.get(row.name, boxes[i])
        try:
            # A box of NaN was already reported with its list.
            keep[i] = np.isfinite(boxes[i]).all()
            if keep[i]:
                check_box(boxes[i])
                if row.name in listed:
                    check_points_near(row.points, boxes[i])
        except RowError as error:
            keep[i] = False
            derived = row.name not in listed
            more = " (derived from its points)" if derived else ""
            detail = f"{error.detail}{more}"
            bad.report(f"{row.row} ({row.name})", error.reason, detail)
    codes = np.array([row.classes for row in rows], np.int32).reshape(-1, 4)
    by_name = {task.name: codes[:, j] for j, task in enumerate(_CLASSES)}
    by_name["landmarks"] = points
    labels = {task.name: by_name[task.name] for task in MTFL_TASKS}
    places = np.array([row.row for row in rows], str)
    faces = Faces(MTFL_TASKS, archive.home, names, places, boxes, labels)
    return faces.select(keep)
