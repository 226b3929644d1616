"""How far the older TensorFlow's answers may be from today's."""

from collections.abc import Iterator
from typing import Any

SIGNATURES = ("serving_default", "serving_uint8", "faces", "faces_jpeg")
LAYER = "keras 2 layer"
VARY = "points vary by"  # from face to face, not from TensorFlow to TensorFlow
# Largest differences: points in pixels (of the crop for `serving_...`, of the
# photo for `faces...`), probabilities, and answers of tasks that are numbers.
ANSWERS = {"points": 0.01, "probabilities": 1e-4, "values": 1e-4}
# Pixels in grey levels of 255, inside the picture and where it is repeated
# beyond its border; points in pixels of the crop: by the inverse of the
# transform, and by where a bright dot is found.
AUGMENTATION = {
    "tfa transform, interior": 0.01,
    "tfa transform, border": 0.01,
    "tfa interpolation, interior": 0.01,
    "tfa interpolation, border": 0.01,
    "points": 0.01,
    "dots": 0.02,
}


def faults(result: dict[str, Any]) -> list[str]:
    """What in a result is missing or beyond its limit; [] where nothing is.

    Args:
        result: as `check.py` writes it.
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
        if not off <= limit:  # NaN, too
            yield f"{where}: {name} differ by {off:.3g}, more than {limit}"
