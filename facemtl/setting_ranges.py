"""What the numbers of a configuration may be.

Every number is finite and of at most ten digits: no setting has a use for more,
and 10³⁰⁸ becomes infinite at the first step. The ranges here are those beyond
which a setting means nothing; what else can be wrong is said where it is used.
"""

from collections.abc import Mapping
from typing import Any

from facemtl.errors import InputError

ARCHITECTURES = ("single", "split", "cross_stitch")
MOST = 2**32 - 1  # also the largest seed that NumPy takes
_SHARE = (0, 1)
# (least, most), both included.
RANGES: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "data": {
        "faces": (20, 10**7),
        "validation": (1, 10**7),
        "train_share": _SHARE,
        "size": (8, 1024),
    },
    "augment": {
        "shift": _SHARE,
        "scale": (0, 10),
        "rotation": (0, 180),
        "light": (0, 10),
        "blur": _SHARE,
        "occlusion": _SHARE,
        "noise": (0, 10),
        "saturation": (0, 10),
    },
    "model": {"width": (0, 32)},
    "distillation": {"share": _SHARE},
    "stopping": {
        "window": (1, MOST),
        "epsilon": (0, MOST),
        "threshold": (0, MOST),
    },
    "train": {
        "epochs": (1, 10**6),
        "batch_size": (1, 10**6),
        "learning_rate": (0, MOST),
        "warm_up": _SHARE,
        "weight_decay": (0, MOST),
        # A decay of 1 would keep the weights of the start.
        "average": (0, 1 - 1e-9),
        "stitch_rate": (0, MOST),
        "alone_epochs": (0, 10**6),
        "lambda_w_warm_up": _SHARE,
        "threads": (0, 1024),
        "seed": (0, MOST),
    },
}


def check_ranges(config: Mapping[str, Any]) -> None:
    """Raise `InputError` for a number beyond the range of its setting.

    So for an architecture of no network: runs are kept in folders that have its
    name.
    """
    architecture = config["model"]["architecture"]
    if architecture not in ARCHITECTURES:
        raise InputError(
            f"Expected model.architecture in {list(ARCHITECTURES)}. "
            f"Received: {architecture!r}."
        )
    for section, ranges in RANGES.items():
        for key, (least, most) in ranges.items():
            value = config[section][key]
            if value < least:
                raise InputError(
                    f"Expected {section}.{key} >= {least}. Received: {value}."
                )
            if value > most:
                raise InputError(
                    f"Expected {section}.{key} <= {most}. Received: {value}."
                )


def check_finite(value: Any, where: str) -> None:
    """Raise `InputError` for a number, also in a list, that is too large.

    Example:

    >>> check_finite([0.5, float("nan")], "'model.stitch.alpha'")
    Traceback (most recent call last):
        ...
    facemtl.errors.InputError: 'model.stitch.alpha': expected a finite number...
    """
    if isinstance(value, list | tuple):
        for item in value:
            check_finite(item, where)
    # NaN is not within these limits either.
    elif isinstance(value, int | float) and not -MOST <= value <= MOST:
        raise InputError(
            f"{where}: expected a finite number of at most {MOST:,}. "
            f"Received: {_shown(value)}."
        )


def _shown(value: float) -> str:
    """A number for a message; Python writes none of 5,000 digits."""
    if isinstance(value, int) and abs(value) > 10**30:
        return f"an integer of {value.bit_length():,} bits"
    return f"{value}"
