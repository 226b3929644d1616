"""Read CelebA: 40 attributes, five points and boxes in separate lists."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from facemtl.data.checks import BAD_SPLIT
from facemtl.data.convert.celeba_lists import (
    ALIGNED,
    ATTRIBUTES,
    BOXES,
    PARTITION,
    SPLITS,
    WILD,
    CelebaList,
    read_list,
)
from facemtl.data.convert.celeba_photos import CelebaPhotos, find_photos
from facemtl.data.convert.labels import Labels
from facemtl.data.faces import BadRows, Faces
from facemtl.data.other_formats import label_files
from facemtl.errors import InputError
from facemtl.files.reading import is_file
from facemtl.photos.images import FolderImages
from facemtl.tasks import LANDMARKS, Task

_Lists = dict[str, CelebaList]


def read_celeba(
    sources: Sequence[Path], bad: BadRows, photos: Path | None = None
) -> Labels:
    """Read CelebA's lists, from the official archive or from Kaggle.

    Points and boxes must belong to the photos: `list_landmarks_align_celeba`
    to `img_align_celeba`; `list_landmarks_celeba` and `list_bbox_celeba` to
    `img_celeba`. Lists of other photos are left out if they lie in a folder,
    and an error if they were given by name.

    Args:
        sources: lists, or folders with lists.
        bad: how to handle invalid rows.
        photos: the folder with the photos. By default `img_align_celeba` or
            `img_celeba` near the lists.

    Raises:
        InputError: if no list has labels, if points or boxes belong to other
            photos, or at an invalid row.
    """
    paths = _paths(sources)
    labelled = [s for s in (ATTRIBUTES, ALIGNED, WILD) if s in paths]
    if not labelled:
        raise InputError(
            f"{', '.join(map(str, sources))}: expected CelebA's {ATTRIBUTES}, "
            f"{ALIGNED} or {WILD}. Received: {', '.join(paths) or 'none'}."
        )
    head = read_list(paths[labelled[0]], bad)
    first = next(iter(head.rows), "")
    pointed = {stem == ALIGNED for stem in labelled if stem != ATTRIBUTES}
    found = find_photos(sources, photos, pointed, first)
    named = {path for path in sources if not path.is_dir()}
    notes = _leave_out_others(paths, found, named)
    lists = {
        stem: head if path == head.path else read_list(path, bad)
        for stem, path in paths.items()
    }
    return _labels(lists, found, tuple(notes), bad)


def _paths(sources: Sequence[Path]) -> dict[str, Path]:
    """Return {name without ending: list}; `.txt` is preferred to `.csv`."""
    files = dict.fromkeys(f for s in sources for f in label_files(s, "celeba"))
    names = [file.name for file in files]
    for file in files:
        if names.count(file.name) > 1:
            raise InputError(
                f"{file}: expected one list of this name. Received: "
                f"{names.count(file.name)}. Give the lists one by one."
            )
    ordered = sorted(files, key=lambda path: path.suffix == ".txt")
    return {path.stem: path for path in ordered}


def _leave_out_others(
    paths: dict[str, Path], photos: CelebaPhotos, named: set[Path]
) -> list[str]:
    """Remove the lists of other photos, and return a line about each."""
    own, other = (ALIGNED, WILD) if photos.aligned else (WILD, ALIGNED)
    others = [other, BOXES] if photos.aligned else [other]
    kind = "aligned" if photos.aligned else "not aligned"
    notes = []
    for stem in [stem for stem in others if stem in paths]:
        path = paths.pop(stem)
        if path in named or (stem == other and own not in paths):
            raise InputError(
                f"{path}: expected photos that its points or boxes belong to. "
                f"Received: {photos.folder}, where photos are {kind}. Name "
                "the list's own photos with --photos DIR, or leave it out."
            )
        notes.append(f"Left out: {path.name}, since photos are {kind}.")
    return notes


def _labels(
    lists: _Lists, photos: CelebaPhotos, notes: tuple[str, ...], bad: BadRows
) -> Labels:
    """Return the values of all lists, for each photo with a label."""
    order = [lists[s] for s in (ATTRIBUTES, ALIGNED, WILD) if s in lists]
    names = list(dict.fromkeys(name for part in order for name in part.values))
    if not names:
        raise InputError(
            f"{order[0].path}: expected valid rows. Received: none. "
            f"{bad.summary()}".rstrip()
        )
    labels = _points(lists, names) | _attributes(lists, names)
    faces = Faces(
        tuple(labels),
        FolderImages(""),
        np.array(_files(photos.folder, names)),
        np.array([_row(name, order) for name in names]),
        _boxes(lists, names),
        {task.name: values for task, values in labels.items()},
    )
    return _with_splits(Labels(faces, None, None, notes), lists, names, bad)


def _values(part: CelebaList, names: Sequence[str]) -> np.ndarray:
    """Return a list's values (N, columns); NaN if it lacks the photo."""
    missing = [np.nan] * len(part.columns)
    values = part.values
    if all(name in values for name in names):
        return np.array([list(values[name]) for name in names], np.float64)
    return np.array([list(values.get(name, missing)) for name in names])


def _points(lists: _Lists, names: list[str]) -> dict[Task, np.ndarray]:
    part = lists.get(ALIGNED, lists.get(WILD))
    if part is None:
        return {}
    return {LANDMARKS: _values(part, names).reshape(-1, 5, 2)}


def _attributes(lists: _Lists, names: list[str]) -> dict[Task, np.ndarray]:
    if ATTRIBUTES not in lists:
        return {}
    values = _values(lists[ATTRIBUTES], names)
    codes = np.where(np.isnan(values), -1, values).astype(np.int32)
    return {
        Task(name, "classes", ("no", "yes")): codes[:, i]
        for i, name in enumerate(lists[ATTRIBUTES].columns)
    }


def _boxes(lists: _Lists, names: list[str]) -> np.ndarray:
    """Return (N, 4) left, top, right, bottom; NaN if there is no box."""
    if BOXES not in lists:
        return np.full((len(names), 4), np.nan)
    values = _values(lists[BOXES], names)
    values[:, 2:] += values[:, :2]
    return values


def _files(folder: Path, names: Sequence[str]) -> list[str]:
    """Return the photos' paths; aligned photos may be .png files."""
    root = folder.as_posix()
    png = Path(names[0]).with_suffix(".png").name
    if not is_file(folder / names[0]) and is_file(folder / png):
        names = [Path(name).with_suffix(".png").name for name in names]
    return [f"{root}/{name}" for name in names]


def _row(name: str, order: Sequence[CelebaList]) -> str:
    part = next(part for part in order if name in part.rows)
    return f"{part.path}, row {part.rows[name]}"


def _with_splits(
    labels: Labels, lists: _Lists, names: list[str], bad: BadRows
) -> Labels:
    """Return the labels with the splits of `list_eval_partition`."""
    if PARTITION not in lists:
        return labels
    part = lists[PARTITION]
    splits = np.array(
        [SPLITS[int(part.values.get(n, (-1,))[0])] for n in names]
    )
    unknown = np.array([name not in part.values for name in names])
    for i in np.flatnonzero(unknown).tolist():
        detail = f"{part.path.name} lacks the photo"
        bad.report(labels.faces.where(i), BAD_SPLIT, detail)
    return replace(labels, splits=splits).select(~unknown)
