"""`python -m facemtl.data.mtfl --check DIR`: report what is missing."""

import argparse
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from facemtl.data.archive import BOX_LISTS, LABELS, Archive, open_archive
from facemtl.data.faces import BadRows, Faces
from facemtl.data.mtfl.reader import listed_boxes, read_mtfl
from facemtl.errors import InputError
from facemtl.words import plural

_SHOWN = 3  # Names of missing photos to show per folder.


def check(root: str | Path) -> tuple[str, bool]:
    """Check MTFL's files and photos, without decoding the photos.

    Args:
        root: the folder or zip, as for `read_mtfl`.

    Returns:
        The report, and whether the training or the test set is complete and
        usable: it has its label file, no invalid row and no missing photo.

    Raises:
        InputError: if `root` does not exist or is a broken zip.
    """
    archive = open_archive(root)
    lines = [f"MTFL in {root}"]
    for file in dict.fromkeys((*LABELS.values(), *BOX_LISTS)):
        lines.append(f"  {file:<20}{_rows(archive.lines(file))}")
    usable = []
    for split in LABELS:
        report, complete = _check_split(archive, split)
        lines += ["", f"{split}: {'' if complete else 'not '}complete", *report]
        usable.append(complete)
    return "\n".join(lines), any(usable)


def _rows(lines: list[str] | None) -> str:
    if lines is None:
        return "missing"
    rows = sum(bool(line.strip()) for line in lines)
    return f"{rows} {plural(rows, 'row')}"


def _check_split(archive: Archive, split: str) -> tuple[list[str], bool]:
    bad = BadRows(skip=True)
    try:
        faces = read_mtfl(archive.root, split, bad)
    except InputError as error:
        return [f"  {error}"], False
    photos, missing = _photos(archive, faces)
    listed = len(listed_boxes(archive, set(faces.names), BadRows(skip=True)))
    n = len(faces)
    report = [
        f"  {n} {plural(n, 'face')}, boxes: {listed} from lists, "
        f"{n - listed} derived from the points",
        *photos,
        *_class_counts(faces),
    ]
    if bad.counts:
        report += [
            f"  {bad.summary()}",
            *(f"    {s}" for s in bad.first.values()),
        ]
    return report, not bad.counts and not missing


def _photos(archive: Archive, faces: Faces) -> tuple[list[str], int]:
    """Return a line per folder of photos, and the number of missing photos."""
    folders = defaultdict(list)
    for name in dict.fromkeys(faces.names.tolist()):
        folders[name.rpartition("/")[0] or "."].append(name)
    lines, total = [], 0
    for folder, names in sorted(folders.items()):
        missing = [name for name in names if name not in archive.home]
        shown = ", ".join(missing[:_SHOWN] + ["..."] * (len(missing) > _SHOWN))
        found = len(names) - len(missing)
        lines.append(
            f"  {folder}: {found} {plural(found, 'photo')} found, "
            f"{len(missing)} missing" + f" ({shown})" * bool(missing)
        )
        total += len(missing)
    return lines, total


def _class_counts(faces: Faces) -> list[str]:
    lines = []
    for task in faces.tasks:
        labels = faces.labels[task.name]
        if task.kind != "classes" or not task.is_labelled(labels).any():
            continue
        counts = np.bincount(labels[labels >= 0], minlength=task.size)
        named = zip(task.names, counts, strict=True)
        lines.append(
            f"  {task.name}: " + ", ".join(f"{n} {name}" for name, n in named)
        )
    return lines or ["  no attributes labelled"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line, and return the exit status.

    The status is 0 if the training or the test set is complete, 1 if neither
    is, and 2 if DIR cannot be read.
    """
    parser = argparse.ArgumentParser(
        prog="python -m facemtl.data.mtfl",
        description="Report which parts of the MTFL dataset are missing.",
        epilog="Exit status: 0 if the training or the test set is complete "
        "and usable, 1 if neither is, 2 if DIR cannot be read.",
    )
    parser.add_argument(
        "--check",
        metavar="DIR",
        required=True,
        type=Path,
        help="folder or zip of MTFL, such as data/MTFL",
    )
    arguments = parser.parse_args(argv)
    try:
        report, usable = check(arguments.check)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(report)
    return 0 if usable else 1
