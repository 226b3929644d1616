"""Run all checks: the thorough ones, and the quick ones of `fit`."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from facemtl.data.check.classes import class_findings, label_findings
from facemtl.data.check.duplicates import (
    contradictions,
    near_duplicates,
    shared_photos,
)
from facemtl.data.check.extents import extents
from facemtl.data.check.kept_warnings import kept_warnings, parts_of
from facemtl.data.check.pairs import near_pairs
from facemtl.data.check.places import constant_places, without_placeholders
from facemtl.data.check.readings import misplaced_boxes, misread_boxes
from facemtl.data.check.seen import (
    SPLITS,
    Finding,
    Seen,
    each_once,
    joined,
    seen_splits,
    without_headers,
)
from facemtl.data.check.sides import sides, swapped_axes
from facemtl.data.check.thumbnails import thumbnails
from facemtl.data.check.turns import unturned_labels
from facemtl.data.check.units import other_units
from facemtl.data.check.values import value_findings
from facemtl.data.mirror_rule import mirror_faults
from facemtl.data.one_source import Splits
from facemtl.pipeline.crop_cache import Crops
from facemtl.tasks import Task

MOST_WARNINGS = 8  # Warnings that `fit` prints.
# Least share of misplaced boxes that `fit` reports. One of 11,000 boxes of MTFL
# belongs to a neighbouring face.
FEW_BOXES = 0.01


def all_findings(seen: Seen, images: np.ndarray, size: int) -> list[Finding]:
    """Run all checks of `facemtl data check`.

    Args:
        seen: N faces.
        images: (N, 24, 24) uint8, from `read_thumbnails`.
        size: side of the network's crop in pixels.
    """
    pairs = near_pairs(images)
    geometry = _geometry(seen)
    # Labels in other units or of rotated photos lie outside; report them once.
    told = {int(i) for finding in geometry for i in finding.faces}
    rest = np.array([i for i in range(len(seen)) if i not in told], int)
    return [
        *geometry,
        *_renumbered(extents(seen.select(rest), size), rest),
        *class_findings(seen),
        *value_findings(seen),
        *_mirror_rules(seen.select(rest)),
        *shared_photos(seen),
        *near_duplicates(seen, images, pairs),
        *contradictions(seen, pairs),
    ]


def _mirror_rules(seen: Seen) -> list[Finding]:
    """Report mirror rules that do not fit; `fit` prints them in a note."""
    train = seen.faces.select(seen.splits == "train")
    return [Finding(text) for text in mirror_faults(train, train.tasks)]


def _geometry(seen: Seen, least_share: float = 0.0) -> list[Finding]:
    """Check points and boxes; report each fault by its cause only.

    Args:
        seen: the faces.
        least_share: the least share of misplaced boxes that is reported.
    """
    units = other_units(seen)
    if units:
        return units
    turned = unturned_labels(seen)
    upright = np.ones(len(seen), bool)
    for finding in turned:
        upright[finding.faces] = False
    rest = np.flatnonzero(upright)
    constant = constant_places(seen.select(rest))
    some = without_placeholders(seen.select(rest))
    swapped = swapped_axes(some)
    findings = [
        *constant,
        *(swapped or sides(some)),
        *(misread_boxes(some) or misplaced_boxes(some, least_share)),
    ]
    return turned + _renumbered(findings, rest)


def _renumbered(findings: Sequence[Finding], rows: np.ndarray) -> list[Finding]:
    """Convert findings about the faces `rows` to findings about all faces."""
    return [
        replace(finding, faces=rows[np.asarray(finding.faces, int)])
        for finding in findings
    ]


def label_warnings(
    splits: Splits, tasks: Sequence[Task], cache: str | Path = ""
) -> list[str]:
    """Return the warnings of `fit` about labels, before it reads photos.

    `fit` stops at labels outside their photo, so these warnings come first.

    Args:
        splits: faces of the run.
        tasks: the tasks to learn.
        cache: see `kept_warnings`.
    """
    parts = [splits.train, splits.validation, splits.test]
    depends = (
        part
        for faces in (faces and faces.only(tuple(tasks)) for faces in parts)
        for part in (parts_of(faces) if faces else [b"none"])
    )
    make = partial(_label_warnings, splits, tasks)
    return kept_warnings(cache, depends, make)


def _label_warnings(splits: Splits, tasks: Sequence[Task]) -> list[str]:
    seen = seen_splits(splits)
    seen = replace(seen, faces=seen.faces.only(tuple(tasks)))
    findings = [
        *_geometry(seen, FEW_BOXES),
        *label_findings(seen),
        *value_findings(seen),
        *shared_photos(seen),
    ]
    return [finding.text for finding in findings][:MOST_WARNINGS]


def photo_warnings(crops: Sequence[Crops], cache: str | Path = "") -> list[str]:
    """Return the warnings of `fit` about similar photos in two splits.

    Args:
        crops: of training, validation and, if available, test faces.
        cache: see `kept_warnings`. It keeps those of crops that it keeps.
    """
    make = partial(_photo_warnings, crops)
    if not all(part.key for part in crops):
        return make()
    rows = ("\n".join([x.key, *x.faces.rows.tolist(), ""]) for x in crops)
    return kept_warnings(cache, map(str.encode, rows), make)


def _photo_warnings(crops: Sequence[Crops]) -> list[str]:
    # Test faces may have labels of further tasks; only pictures are compared.
    once = [(part, each_once(part.faces)) for part in crops]
    images = np.concatenate([thumbnails(part, i) for part, i in once])
    parts = [part.faces.select(i).only(()) for part, i in once]
    splits = np.repeat(SPLITS[: len(parts)], [len(part) for part in parts])
    seen = without_headers(joined(parts), splits)
    return [finding.text for finding in near_duplicates(seen, images)]
