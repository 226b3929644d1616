"""`Labels`, which readers of all formats return, and their validation."""

from dataclasses import dataclass, replace

import numpy as np

from facemtl.data.checks import (
    INCOMPLETE,
    check_box,
    check_points_for_box,
    least_for_box,
)
from facemtl.data.convert.photos import FolderListing
from facemtl.data.faces import BadRows, Faces
from facemtl.data.place_checks import (
    BEYOND_BOX,
    MIDDLE_BEYOND_BOX,
    check_points_near,
)
from facemtl.errors import InputError, RowError
from facemtl.photos.decoding import UNREADABLE_IMAGE
from facemtl.photos.images import MISSING_IMAGE
from facemtl.tasks import Task, landmarks_task
from facemtl.words import valid_text


@dataclass(frozen=True)
class Labels:
    """N faces of another format.

    Attributes:
        faces: the faces; names are absolute paths with `/`, missing boxes NaN.
        splits: (N,) `"train"`, `"val"` or `"test"`; None if there is no split.
        visible: (N, P) 0 (missing), 1 (occluded) or 2 (visible); None if the
            format has no visibility.
        notes: lines for the user.
        mirror_unknown: whether points may swap in a mirrored photo, but the
            format has no mirror rule.
    """

    faces: Faces
    splits: np.ndarray | None = None
    visible: np.ndarray | None = None
    notes: tuple[str, ...] = ()
    mirror_unknown: bool = False

    def select(self, index: np.ndarray) -> "Labels":
        """Return the faces of `index` (integers or a (N,) bool mask)."""
        return replace(
            self,
            faces=self.faces.select(index),
            splits=None if self.splits is None else self.splits[index],
            visible=None if self.visible is None else self.visible[index],
        )

    @property
    def points_task(self) -> Task | None:
        """The landmarks task; None if the faces have only attributes."""
        return landmarks_task(self.faces.tasks)

    @property
    def has_box(self) -> np.ndarray:
        """Return (N,) bool: which faces have a box."""
        return np.isfinite(self.faces.boxes).all(axis=1)


def valid_labels(labels: Labels, bad: BadRows, photos_option: bool) -> Labels:
    """Return the faces that the CSV's reader accepts.

    Args:
        labels: the labels that a reader returned.
        bad: how to handle invalid rows.
        photos_option: whether the format has `--photos`, for the message.

    Raises:
        InputError: at an invalid row, or if no valid face is left.
    """
    wrong = _suspects(labels)
    listing = FolderListing()
    for i, name in enumerate(labels.faces.names.tolist()):
        if not wrong[i] and name in listing and name == valid_text(name):
            continue
        try:
            _check_face(labels, i)
            _check_photo(listing, name, photos_option)
            _check_name(name)
            wrong[i] = False
        except RowError as error:
            wrong[i] = True
            bad.report(labels.faces.where(i), error.reason, error.detail)
    if wrong.all():
        raise InputError(
            "Expected at least one face with a valid row. Received: none. "
            f"{bad.summary()}".rstrip()
        )
    return labels.select(~wrong) if wrong.any() else labels


def _check_photo(listing: FolderListing, name: str, option: bool) -> None:
    if name not in listing:
        advice = " (name their folder with --photos DIR)" if option else ""
        raise RowError(MISSING_IMAGE, f"{name}{advice}")


def _check_name(name: str) -> None:
    """Raise `RowError` for a name that cannot be written in a CSV."""
    if name != valid_text(name):
        raise RowError(
            UNREADABLE_IMAGE,
            f"{valid_text(name)}: a name that is no UTF-8; rename the photo",
        )


def _suspects(labels: Labels) -> np.ndarray:
    """Return (N,) bool: faces that may be invalid and need a closer check."""
    boxes, task = labels.faces.boxes, labels.points_task
    size = boxes[:, 2:] - boxes[:, :2]
    wrong = labels.has_box & ~(size > 0).all(axis=1)
    if task is None:
        return wrong
    points = labels.faces.labels[task.name]
    # Not nanmin, which warns about faces without points.
    low = np.where(np.isnan(points), np.inf, points).min(axis=1)
    high = np.where(np.isnan(points), -np.inf, points).max(axis=1)
    reach = BEYOND_BOX * size.max(axis=1, keepdims=True)
    far = (low < boxes[:, :2] - reach) | (high > boxes[:, 2:] + reach)
    is_known = np.isfinite(points).all(axis=2)
    known = is_known.sum(axis=1)
    total = np.where(is_known[..., np.newaxis], points, 0.0).sum(axis=1)
    middle = total / np.maximum(known, 1)[:, np.newaxis]
    beyond = np.maximum(boxes[:, :2] - middle, middle - boxes[:, 2:])
    far |= beyond > MIDDLE_BEYOND_BOX * size.max(axis=1, keepdims=True)
    # No box can be derived from few points, or from points at one place.
    few = (known < least_for_box(task.size)) | ~(high > low).any(axis=1)
    boxless = ~labels.has_box & few
    return np.logical_or.reduce([wrong, far.any(axis=1), boxless])


def _check_face(labels: Labels, i: int) -> None:
    """Raise `RowError` if box and points do not fit each other."""
    task, box = labels.points_task, labels.faces.boxes[i]
    points = labels.faces.labels[task.name][i] if task else None
    if labels.has_box[i]:
        check_box(box)
        if points is not None:
            check_points_near(points, box)
    elif points is not None:
        known = points[np.isfinite(points).all(axis=1)]
        if not len(known):
            raise RowError(INCOMPLETE, "neither box nor points")
        check_points_for_box(points)
