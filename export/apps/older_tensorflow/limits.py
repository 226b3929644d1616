"""Limits on the differences between the TensorFlow versions."""

from collections.abc import Iterator
from typing import Any

SIGNATURES = ("serving_default", "serving_uint8", "faces", "faces_jpeg")
LAYER = "keras 2 layer"
VARY = "points vary by"  # over faces, not between TensorFlow versions
# Largest differences: points in pixels (of the crop for `serving_...`, of the
# photo for `faces...`), probabilities, and values.
ANSWERS = {"points": 0.01, "probabilities": 1e-4, "values": 1e-4}
# Pixels in grey levels of 255, inside the image and at its repeated border;
# points in pixels of the crop, from the inverse transform and from the
# detected position of a bright dot.
AUGMENTATION = {
    "tfa transform, interior": 0.01,
    "tfa transform, border": 0.01,
    "tfa interpolation, interior": 0.01,
    "tfa interpolation, border": 0.01,
    "points": 0.01,
    "dots": 0.02,
}


def faults(result: dict[str, Any]) -> list[str]:
    """Return missing parts and exceeded limits of a result; [] if none.

    Args:
        result: content of the file from `check.py`.
    """
    found = [] if result["networks"] else ["Expected a network."]
    for network, parts in result["networks"].items():
        for part in (*SIGNATURES, LAYER):
            measured = parts["signatures"].get(part, {})
            known = {k: v for k, v in ANSWERS.items() if k in measured}
            if "points" not in known:
                found.append(f"{network}, {part}: no points were compared")
            found += _beyond(f"{network}, {part}", measured, known)
    measured = result["augmentation"]["largest differences"]
    return found + list(_beyond("augmentation", measured, AUGMENTATION))


def _beyond(
    where: str, measured: dict[str, float], limits: dict[str, float]
) -> Iterator[str]:
    for name, limit in limits.items():
        off = measured.get(name, float("nan"))
        if not off <= limit:  # also true for NaN
            yield f"{where}: {name} differ by {off:.3g}, more than {limit}"
