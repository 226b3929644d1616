"""The supported formats, each with its reader."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from facemtl.data.convert.celeba import read_celeba
from facemtl.data.convert.coco import read_coco
from facemtl.data.convert.labels import Labels, valid_labels
from facemtl.data.convert.pts import read_pts
from facemtl.data.convert.wflw import read_wflw
from facemtl.data.faces import BadRows
from facemtl.data.other_formats import (
    UNDERSTOOD,
    recognised_format,
)
from facemtl.errors import InputError

TITLES = {
    "pts": "iBUG's .pts files",
    "coco": "COCO keypoints",
    "wflw": "WFLW's lists",
    "celeba": "CelebA's lists",
}


@dataclass(frozen=True)
class Source:
    """The labels to convert, as the user gave them.

    Attributes:
        paths: files, or folders with files.
        form: a key of `TITLES`; "" recognises the format.
        photos: the folder with the photos; None searches for it.
        category: the category of COCO's keypoints.
    """

    paths: tuple[Path, ...]
    form: str = ""
    photos: Path | None = None
    category: str = ""


def read_labels(source: Source, bad: BadRows) -> tuple[str, Labels]:
    """Read labels of any format.

    Args:
        source: the labels to read.
        bad: how to handle invalid rows.

    Returns:
        The format, and its valid faces.

    Raises:
        InputError: if the source or an option does not fit the format, at an
            invalid row, or if no valid face is left.
    """
    form = source.form or _recognise(source.paths)
    for path in source.paths:
        if not path.exists():
            raise InputError(
                f"{path}: expected {TITLES[form]}. Received: no such path."
            )
    _check_options(form, source)
    labels = _read(form, source, bad)
    return form, valid_labels(labels, bad, form != "pts")


def _read(form: str, source: Source, bad: BadRows) -> Labels:
    paths, photos = source.paths, source.photos
    if form == "pts":
        return read_pts(paths, bad)
    if form == "coco":
        return read_coco(paths, bad, photos, source.category)
    if form == "wflw":
        return read_wflw(paths, bad, photos)
    return read_celeba(paths, bad, photos)


def _recognise(paths: Sequence[Path]) -> str:
    """Return the format that all paths have."""
    found = []
    for path in paths:
        if not path.exists():
            raise InputError(
                f"{path}: expected labels to convert. Received: no such path."
            )
        found.append(recognised_format(path))
        if not found[-1]:
            raise InputError(
                f"{path}: expected {UNDERSTOOD}. Received: nothing of these. "
                "Files of other names need --format NAME."
            )
    if len(set(found)) > 1:
        raise InputError(
            "Expected sources of one format. Received: "
            f"{', '.join(dict.fromkeys(found))}. Convert them one by one."
        )
    return found[0]


def _check_options(form: str, source: Source) -> None:
    """Raise an error if the format does not use an option."""
    if source.photos is not None and form == "pts":
        raise InputError(
            "Expected --photos with coco, wflw or celeba. Received: --photos "
            "with pts, whose photos lie in the folder of the .pts files."
        )
    if source.category and form != "coco":
        raise InputError(
            f"Expected --category with coco. Received: --category with {form}."
        )
