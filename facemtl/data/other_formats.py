"""Recognise the formats that `facemtl data convert` reads."""

import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from facemtl.errors import InputError
from facemtl.files.reading import check_regular

# The names of the files that hold a format's labels.
FILES = {
    "pts": re.compile(r".+\.pts", re.IGNORECASE),
    "coco": re.compile(r".+\.json", re.IGNORECASE),
    "wflw": re.compile(r"list_98pt_.+\.txt"),
    "celeba": re.compile(
        r"list_((attr|bbox|landmarks|landmarks_align)_celeba|eval_partition)"
        r"\.(txt|csv)"
    ),
}
UNDERSTOOD = (
    "iBUG's .pts files (pts), COCO's keypoints .json (coco), WFLW's "
    "list_98pt_….txt (wflw), or CelebA's list_….txt or .csv (celeba)"
)
# Sections of COCO files; other JSON files in a folder of labels are ignored.
_SECTION = re.compile(rb'"(images|annotations|categories)"\s*:')
_HEAD = 2**20  # Bytes at the start of a JSON file that are searched.


def recognised_format(path: str | Path) -> str:
    """Return the format of the labels in a file or folder.

    Args:
        path: a file, or a folder; its subfolders are searched too.

    Returns:
        A key of `FILES`; "" if no format is recognised.

    Raises:
        InputError: if a folder contains files of several formats.

    Example:

    >>> recognised_format("annotations/faces.json")
    'coco'
    >>> recognised_format("faces.csv")
    ''
    """
    path = Path(path)
    if not path.is_dir():
        return _format_of(path.name)
    found = {_format_of(file.name) for file in label_files(path)}
    if len(found) > 1:
        raise InputError(
            f"{path}: expected labels of one format. Received: "
            f"{', '.join(sorted(found))}. Name the one that is meant, as in "
            f"--format {min(found)}, or give the files themselves."
        )
    return found.pop() if found else ""


def label_files(path: Path, form: str = "") -> list[Path]:
    """Return the label files in a folder and its subfolders, sorted.

    Args:
        path: a folder; a file is returned as it is.
        form: a key of `FILES`; "" for all formats.
    """
    if not path.is_dir():
        return [path]
    wanted = [FILES[form]] if form else list(FILES.values())
    return [
        Path(folder) / name
        for folder, name in _walk(path)
        if any(pattern.fullmatch(name) for pattern in wanted)
        and (form or _is_label_file(Path(folder) / name))
    ]


def refuse_other_formats(source: str | Path) -> None:
    """Raise an error if a source of faces must be converted first.

    Args:
        source: the value of `--data`.

    Raises:
        InputError: with the command that converts the source.

    Example:

    >>> refuse_other_formats("faces.json")
    Traceback (most recent call last):
        ...
    facemtl.errors.InputError: faces.json: expected a CSV, ...
    """
    form = recognised_format(source)
    if form and not _has_own_table(Path(source)):
        raise InputError(
            f"{source}: expected a CSV, or a folder or zip of MTFL. Received: "
            f"labels of another format ({form}). Write them as a CSV first: "
            f"facemtl data convert {shlex.quote(str(source))} --to faces.csv"
        )


def _has_own_table(folder: Path) -> bool:
    """Whether a folder has a CSV too, as written by `facemtl data convert`."""
    return folder.is_dir() and any(
        file.suffix.lower() in (".csv", ".tsv") and not _format_of(file.name)
        for file in folder.iterdir()
    )


def _format_of(name: str) -> str:
    found = (form for form, file in FILES.items() if file.fullmatch(name))
    return next(found, "")


def _walk(root: Path) -> Iterator[tuple[str, str]]:
    """Yield the folder and name of every file that is not hidden."""
    seen = set()
    for place, folders, names in os.walk(root, followlinks=True):
        real = os.path.realpath(place)
        # Skip a folder that several links name, or a link to a parent folder.
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        # Archives made on macOS contain __MACOSX and ._photo.pts.
        folders[:] = sorted(
            f for f in folders if not f.startswith((".", "__MACOSX"))
        )
        yield from ((place, n) for n in sorted(names) if n[0] != ".")


def _is_label_file(path: Path) -> bool:
    """Whether a file with a known name contains labels."""
    if not FILES["coco"].fullmatch(path.name):
        return True
    try:
        check_regular(path)
        with path.open("rb") as file:
            return bool(_SECTION.search(file.read(_HEAD)))
    except OSError:
        return False
