"""Read WFLW's lists: 98 points, a box and six attributes per row.

A row of `list_98pt_rect_attr_train.txt` has x and y of 98 points, left, top,
right and bottom of the box, six attributes of 0 or 1, and the photo. Lists of
subsets, such as `list_98pt_test_blur.txt`, have no box and no attributes.
Pixels count from 0.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from facemtl.data.checks import BAD_CLASS, TOO_LONG, TRUNCATED, numbers
from facemtl.data.convert.labels import Labels
from facemtl.data.convert.photos import photo_folder
from facemtl.data.convert.splits import file_splits, split_column
from facemtl.data.csv.columns import BOX
from facemtl.data.faces import BadRows, Faces
from facemtl.data.other_formats import label_files
from facemtl.errors import InputError, RowError
from facemtl.files.reading import MOST_LABELS, read_limited
from facemtl.photos.images import FolderImages
from facemtl.tasks import Task, load_layout

# In the order of the lists.
ATTRIBUTES = (
    Task("pose", "classes", ("normal", "large")),
    Task("expression", "classes", ("natural", "exaggerated")),
    Task("illumination", "classes", ("normal", "extreme")),
    Task("make_up", "classes", ("no", "yes")),
    Task("occlusion", "classes", ("no", "yes")),
    Task("blur", "classes", ("no", "yes")),
)
FULL = "rect_attr"
PHOTOS = "WFLW_images"
_COORDINATES = tuple(f"{xy}{i}" for i in range(1, 99) for xy in "xy")
_NUMBERS = (*_COORDINATES, *BOX)
_ALL = len(_NUMBERS) + len(ATTRIBUTES)


class _Row(NamedTuple):
    photo: str
    row: str
    points: np.ndarray
    box: np.ndarray
    classes: list[int]


def read_wflw(
    sources: Sequence[Path], bad: BadRows, photos: Path | None = None
) -> Labels:
    """Read WFLW's lists.

    The training and test lists, given together, define the split. If a folder
    has lists with boxes and attributes, its other lists are left out, since
    they repeat the same rows.

    Args:
        sources: lists, or folders with lists.
        bad: how to handle invalid rows.
        photos: the folder with the photos. By default `WFLW_images` in the
            list's folder or a folder above it.

    Raises:
        InputError: if there is no list, or at an invalid row.
    """
    files = list(dict.fromkeys(f for s in sources for f in _lists(s)))
    rows: list[_Row] = []
    splits: list[str] = []
    named = file_splits([file.stem for file in files])
    for file, split in zip(files, named, strict=True):
        rows += _read_list(file, photos, bad)
        splits += [split] * (len(rows) - len(splits))
    if not rows:
        raise InputError(
            f"{', '.join(map(str, sources))}: expected valid rows of WFLW's "
            f"lists. Received: {bad.summary() or 'none'}."
        )
    return Labels(_faces(rows), split_column(splits))


def _lists(source: Path) -> list[Path]:
    files = label_files(source, "wflw")
    full = [file for file in files if FULL in file.name]
    return full or files


def _faces(rows: Sequence[_Row]) -> Faces:
    points = load_layout("points98")
    classes = np.array([row.classes for row in rows], np.int32)
    labelled = [
        (i, task)
        for i, task in enumerate(ATTRIBUTES)
        if (classes[:, i] >= 0).any()
    ]
    return Faces(
        (points, *(task for _, task in labelled)),
        FolderImages(""),
        np.array([row.photo for row in rows]),
        np.array([row.row for row in rows]),
        np.array([row.box for row in rows]),
        {
            points.name: np.array([row.points for row in rows]),
            **{task.name: classes[:, i] for i, task in labelled},
        },
    )


def _read_list(file: Path, photos: Path | None, bad: BadRows) -> Iterator[_Row]:
    """Yield the valid rows of one list."""
    try:
        data = read_limited(file, MOST_LABELS)
    except OSError as error:
        raise InputError(
            f"{file}: expected a list of WFLW. Received: {error.strerror}."
        ) from None
    text = data.decode("utf-8-sig", "replace")
    root = None
    for number, line in enumerate(text.split("\n"), 1):
        cells = line.split()
        if not cells:
            continue
        where = f"{file}, row {number}"
        if root is None:
            root = photo_folder(photos, _likely(file), cells[-1])
        try:
            points, box, classes = _parse(cells[:-1])
            photo = root / cells[-1].replace("\\", "/")
            yield _Row(photo.as_posix(), where, points, box, classes)
        except RowError as error:
            bad.report(f"{where} ({cells[-1]})", error.reason, error.detail)


def _likely(file: Path) -> list[Path]:
    """Return likely folders of the photos in an unpacked archive."""
    above = list(file.resolve().parents)[:4]
    return [
        folder / name
        for folder in above
        for name in (PHOTOS, f"{PHOTOS}/{PHOTOS}")
        if (folder / name).is_dir()
    ] or [file.parent / PHOTOS]


def _parse(cells: Sequence[str]) -> tuple[np.ndarray, np.ndarray, list[int]]:
    """Parse points (98, 2), box (4,) and classes of a row without its photo."""
    n = len(cells)
    if n not in (_ALL, len(_COORDINATES)):
        raise RowError(
            TRUNCATED if n < _ALL else TOO_LONG,
            f"expected {_ALL} numbers before the photo, received {n}",
        )
    names = _NUMBERS[:n]
    values = numbers(cells[: len(names)], names)
    points = values[: len(_COORDINATES)].reshape(-1, 2)
    if n == len(_COORDINATES):
        return points, np.full(4, np.nan), [-1] * len(ATTRIBUTES)
    pairs = zip(ATTRIBUTES, cells[len(_NUMBERS) :], strict=True)
    classes = [_code(task, cell) for task, cell in pairs]
    return points, values[len(_COORDINATES) :], classes


def _code(task: Task, cell: str) -> int:
    if cell not in ("0", "1"):
        raise RowError(BAD_CLASS, f"{task.name} is {cell!r}, expected 0 or 1")
    return int(cell)
