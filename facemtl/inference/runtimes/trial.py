"""Trial predictions, which check that a network fits its sidecar."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from facemtl.errors import InputError
from facemtl.inference.runtimes.runtime import Runtime
from facemtl.tasks import no_predictions


def check_input(
    shape: Sequence[Any], dtype: Any, expected: tuple[int, ...], where: str
) -> None:
    """Raise if the input of a network differs from its sidecar.

    Runtimes would resize their input silently.

    Args:
        shape: (B, S, S, C) in the file, for any B.
        dtype: dtype in the file.
        expected: (S, S, C) in the sidecar.
        where: name of the file, for the message.

    Raises:
        InputError: for another size, color or type.
    """
    if tuple(shape[1:]) != expected:
        _refuse(where, f"crops of {expected}", f"{tuple(shape[1:])}")
    if np.dtype(dtype) not in (np.dtype("float32"), np.dtype("uint8")):
        _refuse(where, "crops of float32 or uint8", str(np.dtype(dtype)))


def check_predictions(runtime: Runtime, where: str) -> None:
    """Predict two crops and check names, shapes, types and numbers.

    Args:
        runtime: the network.
        where: name of its file, for the message.

    Raises:
        InputError: for a missing, additional or differently shaped prediction,
            one that is not float32 or holds NaN, or a network that fails.
    """
    try:
        predictions = runtime.answer(_two_crops(runtime.crop.shape))
    except Exception as error:  # Each runtime has its own exceptions.
        reason = next(iter(str(error).splitlines()), "")[:200]
        raise InputError(
            f"{where}: expected a network that predicts. Received: "
            f"{type(error).__name__}: {reason}"
        ) from None
    none = no_predictions(runtime.tasks, runtime.sigma)
    _check_names(none, predictions, where)
    for name, empty in none.items():
        answer = predictions[name]
        expected = (2, *empty.shape[1:])
        if answer.shape != expected:
            what = f"predictions of {expected} for '{name}' of 2 faces"
            _refuse(where, what, f"{answer.shape}")
        if answer.dtype != np.float32:
            what = f"predictions of float32 for '{name}'"
            _refuse(where, what, str(answer.dtype))
        if not np.isfinite(answer).all():
            what = f"predictions that are numbers for '{name}'"
            _refuse(where, what, "NaN or infinity: its weights are unusable")


def _two_crops(shape: tuple[int, int, int]) -> np.ndarray:
    """Return a blank crop, and one that contains every gray level."""
    ramp = np.arange(np.prod(shape)).reshape(shape) % 256
    return np.stack([np.zeros(shape), ramp]).astype(np.uint8)


def _check_names(
    expected: Iterable[str], predictions: Mapping[str, Any], where: str
) -> None:
    known = list(expected)
    if set(predictions) != set(known):
        what = f"predictions of the tasks {known}"
        _refuse(where, what, str(sorted(predictions)))


def _refuse(where: str, expected: str, received: str) -> None:
    raise InputError(
        f"{where}: expected {expected}, as its sidecar says. Received: "
        f"{received}."
    )
