"""The common interface of runtimes."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from facemtl.arguments import checked_count
from facemtl.errors import InputError
from facemtl.geometry.box_convention import BoxConvention
from facemtl.geometry.crops import CropSpec
from facemtl.inference.sidecar import Sidecar
from facemtl.tasks import Task, no_predictions
from facemtl.tasks.sigma import SigmaFit

Answers = dict[str, np.ndarray]


class Network(Protocol):
    """A network that predicts crops: a `FaceNetwork` or a `Runtime`."""

    tasks: tuple[Task, ...]
    crop: CropSpec
    box_convention: BoxConvention | None

    def predict(
        self, x: np.ndarray, batch_size: int = ..., verbose: Any = ...
    ) -> Answers:
        """Return predictions for crops (N, S, S, C), by task."""
        ...


class Runtime(ABC):
    """A trained network in any file format.

    Args:
        tasks: tasks of the network; names and order of its predictions.
        crop: size, color and margin of its input.
        box_convention: convention of the training boxes; None if unknown.
        sigma: {landmarks task: fit}, of the tasks whose standard deviations
            it predicts.

    Attributes:
        sidecar: sidecar of the loaded file; None for a Keras network.
    """

    sidecar: Sidecar | None = None

    def __init__(
        self,
        tasks: tuple[Task, ...],
        crop: CropSpec,
        box_convention: BoxConvention | None = None,
        sigma: Mapping[str, SigmaFit] | None = None,
    ) -> None:
        self.tasks = tasks
        self.crop = crop
        self.box_convention = box_convention
        self.sigma = dict(sigma or {})

    @abstractmethod
    def answer(self, crops: np.ndarray) -> Mapping[str, np.ndarray]:
        """Return predictions for one batch (B, S, S, C) of uint8, by task."""

    def predict(
        self, x: np.ndarray, batch_size: int = 250, verbose: Any = 0
    ) -> Answers:
        """Return predictions for crops.

        Args:
            x: crops (N, S, S, C), uint8; the name is that of Keras.
            batch_size: largest number of faces per batch.
            verbose: ignored; accepted for compatibility with Keras.

        Returns:
            {task: array}: points (N, P, 2) in units of the window, class
            probabilities (N, K), values (N, 1); float32. For each task in
            `sigma`, also `<task>_sigma` (N, P): standard deviations per axis
            in units of the window.

        Raises:
            InputError: for crops of another shape or type, or predictions that
                are not finite numbers.

        Example:

            predictions = load_network("exported/model.onnx").predict(crops)
        """
        x = _checked_crops(x, self.crop)
        batch_size = checked_count("batch_size", batch_size)
        none = no_predictions(self.tasks, self.sigma)
        if not len(x):
            return none
        parts = [
            self.answer(x[i : i + batch_size])
            for i in range(0, len(x), batch_size)
        ]
        whole = joined(parts)
        return checked_finite({name: whole[name] for name in none})


def _checked_crops(x: Any, crop: CropSpec) -> np.ndarray:
    try:
        array = np.asarray(x)
        received = f"{array.shape} of {array.dtype}"
    except (ValueError, TypeError, RuntimeError):  # for example, ragged lists
        array, received = np.empty(0), type(x).__name__
    if array.shape[1:] != crop.shape or array.dtype != np.uint8:
        raise InputError(
            f"Expected crops (N, {', '.join(map(str, crop.shape))}) of uint8. "
            f"Received: {received}."
        )
    return array


def checked_finite(answers: Answers) -> Answers:
    """Return predictions, or raise if they are not finite.

    Raises:
        InputError: for NaN or infinity.
    """
    for task, answer in answers.items():
        if not np.isfinite(answer).all():
            raise InputError(
                f"Expected predictions for '{task}' that are finite numbers. "
                "Received: NaN or infinity: the network's weights are unusable."
            )
    return answers


def joined(parts: Sequence[Mapping[str, np.ndarray]]) -> Answers:
    """Return the concatenated predictions of parts; one part is not copied."""
    if len(parts) == 1:
        return dict(parts[0])
    return {k: np.concatenate([part[k] for part in parts]) for k in parts[0]}
