"""Boxes from the package's detector, for labels without boxes and points."""

import csv
import hashlib
import io
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from facemtl.data.checks import NO_FACE
from facemtl.data.faces import BadRows, Faces
from facemtl.errors import InputError, RowError
from facemtl.files.cache_place import cache_folder
from facemtl.files.csv_cells import written_cell
from facemtl.files.kept import kept_or_made, read_arrays
from facemtl.files.writing import write_arrays, write_whole
from facemtl.process.bars import Bar
from facemtl.process.environment import cores
from facemtl.process.streams import on_terminal
from facemtl.tasks import landmarks_task
from facemtl.words import plural

VERSION = 2  # Increase it when other boxes are chosen.
# Least overlap with a row's box, and least share of a row's points inside.
LEAST_OVERLAP, LEAST_POINTS = 0.3, 0.5


def detected(faces: Faces, bad: BadRows, folder: str | Path = "") -> Faces:
    """Replace the boxes of faces by detector boxes; leave out undetected faces.

    In a photo with several detections, a row gets the detector box with the
    largest overlap with its own box, or else the one that contains most of its
    points. A row without box and points gets the largest detector box, if no
    other row refers to that photo.

    Args:
        faces: faces of a source; a box of NaN is missing.
        bad: how to handle photos that cannot be used. Undetected faces are
            always listed there and left out.
        folder: where to keep the boxes between calls, "auto" for the user's
            cache, "" for nowhere.

    Returns:
        The detected faces, with a note that gives their number.

    Raises:
        InputError: if a photo cannot be used, or no face is detected.
    """
    boxes, errors = _kept(faces, folder)
    for i in np.flatnonzero(errors[:, 0] != ""):
        # The user cannot correct a row for an undetected face.
        report = bad.leave_out if errors[i, 0] == NO_FACE else bad.report
        report(faces.where(int(i)), *errors[i])
    missing = np.isnan(boxes[:, 0])
    n, found = len(faces), int((~missing).sum())
    note = (
        f"data.boxes = 'detect': {found} of {n} {plural(n, 'face')} detected."
    )
    if found < n:
        first = faces.where(int(missing.argmax()))
        note += f" The others are left out; the first is {first}."
    if not found:
        raise InputError(f"{note} Give boxes or points, or other photos.")
    some = replace(faces, boxes=boxes).select(~missing)
    return replace(some, notes=(*some.notes, note))


def _kept(faces: Faces, folder: str | Path) -> tuple[np.ndarray, np.ndarray]:
    """Return boxes (N, 4), NaN if undetected, and (N, 2) reason and detail."""
    place = cache_folder(folder)
    file = place / f"boxes-{_key(faces)}.npz" if place else None
    return kept_or_made(
        *(file, partial(_read_found, n=len(faces))),
        *(partial(_detect_all, faces), _keep_found),
    )


def _read_found(file: Path, n: int) -> tuple[np.ndarray, np.ndarray]:
    kept = read_arrays(file)
    boxes, errors = kept["boxes"], kept["errors"]
    if boxes.dtype != float or boxes.shape != (n, 4):
        raise ValueError(f"no boxes of {n} faces")
    if errors.dtype.kind != "U" or errors.shape != (n, 2):
        raise ValueError("no reasons beside the boxes")
    return boxes, errors


def _keep_found(found: tuple[np.ndarray, np.ndarray], file: Path) -> None:
    write_arrays(file, {"boxes": found[0], "errors": found[1]})


def _key(faces: Faces) -> str:
    """Return a hash of everything that the boxes depend on."""
    key = hashlib.blake2b(f"{VERSION}".encode(), digest_size=8)
    key.update(np.ascontiguousarray(faces.boxes).tobytes())
    key.update(np.ascontiguousarray(_points(faces)).tobytes())
    for name in faces.names:
        key.update(f"{name} {faces.images.stamp(name)}\n".encode())
    return key.hexdigest()


def _points(faces: Faces) -> np.ndarray:
    """Return (N, P, 2) pixels; P is 0 if there is no task of points."""
    task = landmarks_task(faces.tasks)
    return faces.labels[task.name] if task else np.empty((len(faces), 0, 2))


def _detect_all(faces: Faces) -> tuple[np.ndarray, np.ndarray]:
    # A local import, since the detector's module imports this package.
    from facemtl.detection.detector import FaceDetector

    detector, points = FaceDetector(), _points(faces)
    boxes = np.full((len(faces), 4), np.nan)
    errors = np.full((len(faces), 2), "", object)

    def search(rows: list[int]) -> int:
        """Choose the boxes for the rows of one photo."""
        try:
            found = detector(faces.images.read(faces.names[rows[0]])).boxes
        except RowError as error:
            errors[rows] = error.reason, error.detail
            return len(rows)
        for i in rows:
            try:
                alone = len(rows) == 1
                boxes[i] = _chosen(found, faces.boxes[i], points[i], alone)
            except RowError as error:
                errors[i] = error.reason, error.detail
        return len(rows)

    print("Detecting the faces in the photos (data.boxes = 'detect').")
    verbose = 1 if on_terminal(sys.stdout) else 2
    bar = Bar(len(faces), "face", verbose)
    with ThreadPoolExecutor(cores()) as pool:
        for done in pool.map(search, faces.rows_by_photo()):
            bar.add(done)
    return boxes, errors.astype(str)


def _chosen(
    found: np.ndarray, box: np.ndarray, points: np.ndarray, alone: bool
) -> np.ndarray:
    """Return the detector box (4,) for a row.

    Args:
        found: (M, 4) detector boxes, largest first.
        box: (4,) the row's box, or NaN.
        points: (P, 2) the row's points, some or all NaN.
        alone: whether no other row refers to the photo.

    Raises:
        RowError: if no detector box fits, or the choice is ambiguous.
    """
    from facemtl.detection.same_faces import overlap

    known = points[np.isfinite(points).all(axis=1)]
    if np.isfinite(box).all():
        fit = overlap(box, found).tolist()
        least, where = LEAST_OVERLAP, ", none in the row's box"
    elif len(known):
        fit = [_share_inside(known, one) for one in found]
        least, where = LEAST_POINTS, ", none round the row's points"
    elif alone:
        fit, least, where = [1.0] * len(found), 0.0, ""
    else:
        raise RowError(
            NO_FACE,
            "several rows of one photo, without box or points to tell its "
            "faces apart",
        )
    n = len(found)
    if not n or max(fit) < least:
        raise RowError(
            NO_FACE,
            f"{n} {plural(n, 'face')} detected{where if n else ''}",
        )
    return found[int(np.argmax(fit))]


def write_boxes(parts: Mapping[str, Faces | None], file: Path) -> None:
    """Write the boxes of a run to a CSV.

    Args:
        parts: the faces by the name of their split.
        file: the CSV: part, row, photo and the box in pixels.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["part", "row", "file", "left", "top", "right", "bottom"])
    for part, faces in parts.items():
        if faces is not None:
            names = faces.rows.tolist(), faces.names.tolist()
            rows = zip(*names, faces.boxes, strict=True)
            writer.writerows(
                [part, *map(written_cell, (row, name)), *box.round(2)]
                for row, name, box in rows
            )
    write_whole(text.getvalue(), file)


def _share_inside(points: np.ndarray, box: np.ndarray) -> float:
    """Return the share of points (P, 2) inside a box (4,)."""
    inside = (points >= box[:2]).all(axis=1) & (points <= box[2:]).all(axis=1)
    return float(inside.mean())
