"""Cropping in threads; each photo is decoded once."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np

from facemtl.data.faces import BadRows, Faces
from facemtl.data.place_checks import check_box_in_photo, check_points_in_photo
from facemtl.errors import InputError, RowError
from facemtl.geometry.crops import COLORS, crop
from facemtl.process.bars import Bar
from facemtl.process.environment import cores


def cut_faces(
    faces: Faces,
    windows: np.ndarray,
    shape: Sequence[int],
    samples: int,
    degrees: np.ndarray,
    bad: BadRows,
    verbose: int,
    check: bool,
    images: Any,
) -> np.ndarray:
    """Cut the crops of all faces; return (N, 2) reason and detail, or "".

    Args:
        faces: N faces.
        windows: (N, 3) left, top, side in photo pixels.
        shape: (M, M, C) of a crop.
        samples: samples per crop pixel and axis.
        degrees: (N,) clockwise rotation of each window.
        bad: whether to stop at unusable photos or skip them.
        verbose: 1 shows a progress bar.
        check: whether to reject labels far outside their photos.
        images: takes the crop (M, M, C) of each row: an array or a file.
    """
    size, channels = shape[1:]
    color = next(name for name, n in COLORS.items() if n == channels)

    def cut(i: int, photo: np.ndarray) -> None:
        if check:
            _check_labels(faces, i, photo)
        images[i] = crop(photo, windows[i], size, color, samples, degrees[i])

    return _errors_of(faces, cut, bad, verbose)


def _errors_of(
    faces: Faces,
    cut: Callable[[int, np.ndarray], None],
    bad: BadRows,
    verbose: int,
) -> np.ndarray:
    """Crop all faces and return (N, 2) reason and detail, "" for valid ones."""
    errors = np.full((len(faces), 2), "", object)

    def cut_photo(rows: list[int]) -> dict[int, RowError]:
        """Crop the faces of one photo and return the errors by row."""
        try:
            photo = faces.images.read(faces.names[rows[0]])
        except RowError as error:
            return dict.fromkeys(rows, error)
        failed = {}
        for i in rows:
            try:
                cut(i, photo)
            except RowError as error:
                failed[i] = error
        return failed

    bar = Bar(len(faces), "face", verbose)
    photos = faces.rows_by_photo()
    with ThreadPoolExecutor(cores()) as pool, _ended_line(verbose):
        done = pool.map(cut_photo, photos)
        for rows, failed in zip(photos, done, strict=True):
            for i, error in failed.items():
                bad.report(faces.where(i), error.reason, error.detail)
                errors[i] = error.reason, error.detail
            bar.add(len(rows))
    return errors.astype(str)


@contextmanager
def _ended_line(verbose: int) -> Iterator[None]:
    """End the line of an unfinished progress bar before an error."""
    try:
        yield
    except InputError:
        if verbose == 1:
            print()
        raise


def _check_labels(faces: Faces, i: int, photo: np.ndarray) -> None:
    """Raise `RowError` if box or points of face i lie far from its photo."""
    check_box_in_photo(faces.boxes[i], *photo.shape[:2])
    for task in faces.tasks:
        if task.kind == "landmarks":
            points = faces.labels[task.name][i]
            check_points_in_photo(points, faces.boxes[i], *photo.shape[:2])
