"""Read iBUG's `.pts` files, as in 300-W: one file per face, next to its photo.

`pts_file.py` reads a single file.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from facemtl.data.convert.labels import Labels
from facemtl.data.convert.points import (
    lacks_mirror_rule,
    numbered_points,
)
from facemtl.data.convert.pts_file import read_points
from facemtl.data.convert.splits import named_split, split_column
from facemtl.data.faces import BadRows, Faces
from facemtl.data.other_formats import label_files
from facemtl.errors import InputError, RowError
from facemtl.photos.images import MISSING_IMAGE, FolderImages
from facemtl.tasks import Task, load_layout
from facemtl.words import plural

PHOTOS = (".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp", ".ppm")
OTHER_COUNT = "another number of points"
TWO_PHOTOS = "several photos"


def read_pts(sources: Sequence[Path], bad: BadRows) -> Labels:
    """Read the `.pts` files in folders and all their subfolders.

    Points are converted to pixels that count from 0. Folders named `trainset`
    and `testset` define the split, if each file lies in one of them.

    Args:
        sources: folders, or single files.
        bad: how to handle invalid files.

    Raises:
        InputError: at an invalid file, or if there is none.
    """
    splits = _files(sources)
    photos = _Photos()
    found = {}
    for file in splits:
        try:
            found[file] = photos.of(file), read_points(file)
        except RowError as error:
            bad.report(str(file), error.reason, error.detail)
    found = _same_count(found, bad)
    if not found:
        raise InputError(
            f"{', '.join(map(str, sources))}: expected .pts files. "
            f"Received: {bad.summary() or 'none'}."
        )
    return _labels(found, [splits[file] for file in found])


def _files(sources: Sequence[Path]) -> dict[Path, str]:
    """Return {file: split of its folder}, with each file once."""
    splits: dict[Path, str] = {}
    for source in sources:
        root = source if source.is_dir() else source.parent
        # Resolve links, so that relative paths to the folder are valid.
        real = root.resolve()
        for file in label_files(source, "pts"):
            inside = file.relative_to(root)
            split = named_split((real.name, *inside.parent.parts))
            splits.setdefault(real / inside, split)
    return splits


def _same_count(
    found: dict[Path, tuple[str, np.ndarray]], bad: BadRows
) -> dict[Path, tuple[str, np.ndarray]]:
    """Return the files that have the most frequent number of points."""
    sizes = Counter(len(points) for _, points in found.values())
    size = sizes.most_common(1)[0][0] if sizes else 0
    for file, (_, points) in list(found.items()):
        if len(points) != size:
            detail = f"n_points is {len(points)}, expected {size} as in most"
            bad.report(str(file), OTHER_COUNT, detail)
            del found[file]
    return found


def _labels(
    found: dict[Path, tuple[str, np.ndarray]], splits: list[str]
) -> Labels:
    photos, points = zip(*found.values(), strict=True)
    task = _task(len(points[0]))
    faces = Faces(
        (task,),
        FolderImages(""),
        np.array(photos),
        np.array([str(file) for file in found]),
        np.full((len(found), 4), np.nan),
        {task.name: np.array(points)},
    )
    column = split_column(splits)
    notes = []
    if any(splits) and column is None:
        n = splits.count("")
        notes.append(
            f"No split: {n} {plural(n, 'file')} of {len(splits)} lie in no "
            "folder trainset, valset or testset."
        )
    unknown = lacks_mirror_rule(task)
    return Labels(faces, column, None, tuple(notes), unknown)


def _task(size: int) -> Task:
    return load_layout("points68") if size == 68 else numbered_points(size)


class _Photos:
    """Find the photo in the folder of a `.pts` file, whatever its ending."""

    def __init__(self) -> None:
        self._folders: dict[Path, dict[str, list[str]]] = {}

    def of(self, file: Path) -> str:
        """Return the path of the photo with the file's name."""
        names = self._listing(file.parent)[file.stem]
        if not names:
            raise RowError(MISSING_IMAGE, f"no {file.stem}.jpg or .png beside")
        if len(names) > 1:
            raise RowError(TWO_PHOTOS, ", ".join(sorted(names)))
        return (file.parent / names[0]).as_posix()

    def _listing(self, folder: Path) -> dict[str, list[str]]:
        """Return {name without ending: names of photos}."""
        if folder not in self._folders:
            stems = defaultdict(list)
            for path in folder.iterdir():
                if path.suffix.lower() in PHOTOS:
                    stems[path.stem].append(path.name)
            self._folders[folder] = stems
        return self._folders[folder]
