"""Check for tiny faces, labels outside their photos, and constant boxes."""

import numpy as np

from facemtl.data.check.seen import Finding, Seen
from facemtl.data.place_checks import check_points_in_photo
from facemtl.errors import RowError

TINY = 10  # Pixels of a box's larger side.
INSIDE = 0.5  # Least share of a box inside its photo.
ALIKE = 0.9  # Share of the boxes that are equal.


def extents(seen: Seen, size: int) -> list[Finding]:
    """Report tiny faces and photos, and labels outside their photos.

    Args:
        seen: the faces.
        size: side of the network's crop in pixels.
    """
    return [
        *_points_outside(seen),
        *_boxes_outside(seen),
        *_tiny(seen, size),
        *_one_box(seen),
    ]


def _points_outside(seen: Seen) -> list[Finding]:
    """Report points so far outside their photo that `fit` stops there."""
    points, reasons = seen.points, {}
    known = np.isfinite(points).all(axis=2)
    for i in np.flatnonzero(np.isfinite(seen.sizes[:, 0]) & known.any(axis=1)):
        width, height = seen.sizes[i]
        try:
            check_points_in_photo(
                points[i][known[i]], seen.faces.boxes[i], height, width
            )
        except RowError as error:
            reasons[int(i)] = error.detail
    if not reasons:
        return []
    found = np.array(list(reasons))
    text = (
        f"Points lie far outside the photo, where `fit` stops, in "
        f"{seen.of(found, int(known.any(axis=1).sum()))}: "
        f"{reasons[int(found[0])]}. Correct or remove those rows."
    )
    return [Finding(text, found)]


def _boxes_outside(seen: Seen) -> list[Finding]:
    """Report boxes that lie mostly outside the photo."""
    boxes = seen.faces.boxes
    low = np.maximum(boxes[:, :2], -0.5)
    high = np.minimum(boxes[:, 2:], seen.sizes - 0.5)
    inside = np.prod(np.maximum(high - low, 0), axis=1)
    area = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    outside = ~seen.derived & (inside < INSIDE * area)
    if not outside.any():
        return []
    text = (
        f"More than half of the box lies outside the photo in "
        f"{seen.of(outside, int((~seen.derived).sum()))}. Is it a box of that "
        "photo, as displayed, in pixels?"
    )
    return [Finding(text, np.flatnonzero(outside))]


def _tiny(seen: Seen, size: int) -> list[Finding]:
    """Report faces of a few pixels, and photos smaller than the crop."""
    boxes = seen.faces.boxes
    tiny = (boxes[:, 2:] - boxes[:, :2]).max(axis=1) < TINY
    small = seen.sizes.min(axis=1) < size
    findings = []
    if tiny.any():
        text = (
            f"The box is smaller than {TINY} pixels in "
            f"{seen.of(tiny, len(seen))}. Nothing can be learned from so few "
            "pixels: remove those rows, or correct the boxes."
        )
        findings.append(Finding(text, np.flatnonzero(tiny)))
    if small.any():
        text = (
            f"The photo is smaller than the network's crop ({size} pixels, "
            f"data.size) in {seen.of(small, len(seen))}. Use larger photos if "
            "there are any, or a smaller data.size."
        )
        findings.append(Finding(text, np.flatnonzero(small)))
    return findings


def _one_box(seen: Seen) -> list[Finding]:
    """Report the same box in photos of different sizes."""
    given = np.flatnonzero(~seen.derived & np.isfinite(seen.sizes[:, 0]))
    if len(given) < 2:
        return []
    boxes, which = np.unique(
        seen.faces.boxes[given], axis=0, return_inverse=True
    )
    counts = np.bincount(which.ravel())
    same = given[which.ravel() == counts.argmax()]
    sizes = seen.sizes[same]
    if (
        len(same) < max(2, ALIKE * len(given))
        or not np.ptp(sizes, axis=0).any()
    ):
        return []
    left, top, right, bottom = boxes[counts.argmax()]
    text = (
        f"The box is always left {left:g}, top {top:g}, right {right:g}, "
        f"bottom {bottom:g}, in photos of different sizes, in "
        f"{seen.of(same, len(given))}. Is it where the faces are?"
    )
    return [Finding(text, same)]
