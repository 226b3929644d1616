"""All looks at labels together: the thorough one, and the quick one of `fit`."""

from collections.abc import Sequence

import numpy as np

from facemtl.crop_cache import Crops
from facemtl.data.check.classes import class_findings, label_findings
from facemtl.data.check.duplicates import (
    contradictions,
    near_duplicates,
    shared_photos,
)
from facemtl.data.check.extents import extents
from facemtl.data.check.pairs import near_pairs
from facemtl.data.check.places import constant_places
from facemtl.data.check.readings import box_readings
from facemtl.data.check.seen import (
    SPLITS,
    Finding,
    Seen,
    each_once,
    joined,
    seen_splits,
)
from facemtl.data.check.sides import sides, swapped_axes
from facemtl.data.check.thumbnails import thumbnails
from facemtl.data.check.turns import unturned_labels
from facemtl.data.check.units import other_units
from facemtl.data.check.values import value_findings
from facemtl.datasets.sources import Splits

MOST_WARNINGS = 8  # that `fit` prints


def all_findings(seen: Seen, images: np.ndarray, size: int) -> list[Finding]:
    """Everything that `facemtl data check` says.

    Args:
        seen: N faces.
        images: (N, 24, 24) uint8, as `read_thumbnails` makes them.
        size: pixels a side of the network's crop.
    """
    pairs = near_pairs(images)
    return [
        *_geometry(seen),
        # Labels in other units are tiny or outside, too: once is enough.
        *([] if other_units(seen) else extents(seen, size)),
        *class_findings(seen),
        *value_findings(seen),
        *shared_photos(seen),
        *near_duplicates(seen, images, pairs),
        *contradictions(seen, pairs),
    ]


def _geometry(seen: Seen) -> list[Finding]:
    """Findings about points and boxes; each fault by its cause alone."""
    units = other_units(seen)
    if units:
        return units
    turned = unturned_labels(seen)
    upright = np.ones(len(seen), bool)
    for finding in turned:
        upright[finding.faces] = False
    rest = np.flatnonzero(upright)
    some = seen.select(rest)
    swapped = swapped_axes(some)
    findings = [*constant_places(some), *swapped, *box_readings(some)]
    if not swapped:
        findings += sides(some)
    # Their faces are those of a part.
    return turned + [Finding(f.text, rest[f.faces]) if len(f.faces) else f
                     for f in findings]


def quick_findings(splits: Splits, crops: Sequence[Crops]) -> list[str]:
    """What `fit` says about its labels before it trains: a line each.

    Args:
        splits: the faces, as `load_splits` gives them.
        crops: of training, validation and, if at hand, test faces.

    Returns:
        At most 8 lines; none about faces that have nothing suspicious.
    """
    return [*label_warnings(splits), *photo_warnings(crops)][:MOST_WARNINGS]


def label_warnings(splits: Splits) -> list[str]:
    """The part of `quick_findings` that needs no decoded photo.

    `fit` stops at labels that leave their photo: what this says comes before.
    """
    seen = seen_splits(splits)
    findings = [
        *_geometry(seen),
        *label_findings(seen),
        *value_findings(seen),
        *shared_photos(seen),
    ]
    return [finding.text for finding in findings][:MOST_WARNINGS]


def photo_warnings(crops: Sequence[Crops]) -> list[str]:
    """The part of `quick_findings` about photos: the same in two splits.

    Args:
        crops: of training, validation and, if at hand, test faces.
    """
    once = [each_once(part.faces) for part in crops]
    images = [
        thumbnails(part, index)
        for part, index in zip(crops, once, strict=True)
    ]
    parts = [
        part.faces.select(index)
        for part, index in zip(crops, once, strict=True)
    ]
    splits = np.repeat(SPLITS[: len(parts)], [len(part) for part in parts])
    n = len(splits)
    seen = Seen(
        joined(parts),
        splits,
        np.zeros(n, bool),
        np.ones(n, int),
        np.full((n, 2), np.nan),
    )
    found = near_duplicates(seen, np.concatenate(images))
    return [finding.text for finding in found]
