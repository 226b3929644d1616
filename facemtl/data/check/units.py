"""Check for points and boxes that are not in pixels of their photos."""

import numpy as np

from facemtl.data.check.seen import Finding, Seen

# If this share of the faces has all numbers in this range, they are fractions.
SHARES = (-0.5, 1.5)
MOST_FACES = 0.95
# Among this many faces, some should reach beyond this share of their photo.
FAR, FACES = 0.55, 30


def other_units(seen: Seen) -> list[Finding]:
    """Report points or boxes from 0 to 1, or of photos of another size."""
    # Check fractions first, since they also lie in one corner of the photo.
    return _shares(seen) or _other_photos(seen)


def _shares(seen: Seen) -> list[Finding]:
    """Report points and given boxes with all numbers from about 0 to 1."""
    boxes = np.where(seen.derived[:, None], np.nan, seen.faces.boxes)
    parts = {
        "points": seen.points.reshape(len(seen), -1),
        "boxes": boxes,
    }
    findings = []
    for name, numbers in parts.items():
        known = np.isfinite(numbers).any(axis=1)
        # NaN compares as False, so missing numbers are ignored.
        outside = (numbers < SHARES[0]) | (numbers > SHARES[1])
        small = known & ~outside.any(axis=1)
        if small.sum() <= MOST_FACES * known.sum() or not known.any():
            continue
        text = (
            f"The {name} lie between 0 and 1 in "
            f"{seen.of(small, int(known.sum()))}. facemtl reads pixels: if "
            "they are shares of the photo, multiply x by its width and y by "
            "its height."
        )
        findings.append(Finding(text, np.flatnonzero(small)))
    return findings


def _other_photos(seen: Seen) -> list[Finding]:
    """Report labels that all lie in one corner of their photos, or outside."""
    reach = np.fmax(_largest(seen.points), _box_reach(seen)) / seen.sizes
    known = np.isfinite(reach).all(axis=1)
    if known.sum() < FACES:
        return []
    middle = _middles(seen) / seen.sizes
    beyond = known & (middle > 1).any(axis=1)
    if beyond.sum() > known.sum() / 2:
        text = (
            f"Points or boxes lie beyond the photo in "
            f"{seen.of(beyond, int(known.sum()))}. If they are of larger "
            "versions of the photos, divide them by the same factor."
        )
        return [Finding(text, np.flatnonzero(beyond))]
    corner = known & (reach < FAR).all(axis=1)
    if corner.sum() < 0.99 * known.sum():
        return []
    text = (
        f"Points and boxes lie in the upper left quarter of the photo in "
        f"{seen.of(corner, int(known.sum()))}. If they are of smaller "
        "versions of the photos, multiply them by the same factor."
    )
    return [Finding(text, np.flatnonzero(corner))]


def _largest(points: np.ndarray) -> np.ndarray:
    """Return (N, 2) the largest x and y of each face's points, or NaN."""
    if not points.shape[1]:
        return np.full((len(points), 2), np.nan)
    largest = np.where(np.isfinite(points), points, -np.inf).max(axis=1)
    return np.where(np.isfinite(largest), largest, np.nan)


def _box_reach(seen: Seen) -> np.ndarray:
    """Return (N, 2) right and bottom of given boxes, without their margin."""
    boxes = seen.faces.boxes
    inner = boxes[:, 2:] - 0.15 * (boxes[:, 2:] - boxes[:, :2])
    return np.where(seen.derived[:, None], np.nan, inner)


def _middles(seen: Seen) -> np.ndarray:
    return (seen.faces.boxes[:, :2] + seen.faces.boxes[:, 2:]) / 2
