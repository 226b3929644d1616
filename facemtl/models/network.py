"""`FaceNetwork`: all architectures as one functional Keras model."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras

from facemtl.geometry.box_convention import BoxConvention, read_convention
from facemtl.layers.streams import is_sequence
from facemtl.models.graph import build_graph
from facemtl.models.names import check_numbered_names, taken_name
from facemtl.models.settings import (
    check_known,
    checked_crop,
    checked_mirrored,
    checked_scales,
    checked_sharing,
    checked_tasks,
)
from facemtl.process.forks import check_tensorflow_works
from facemtl.process.keras_settings import BACKENDS, check_keras_settings
from facemtl.tasks import Task, no_predictions
from facemtl.tasks.sigma import checked_sigma, dictionaries


@keras.saving.register_keras_serializable(package="facemtl")
class FaceNetwork(keras.Model):
    """Predict several tasks from face crops, as a functional Keras model.

    The network stores its tasks, with the names of points and classes, and
    how to crop faces for it.

    Args:
        tasks: the tasks, as `Task` objects or their dictionaries.
        crop: arguments of `CropSpec` (size, color, margin).
        architecture: one of `facemtl.models.ARCHITECTURES`.
        blocks: `"tcdcn"`, `"sun"`, `"residual"` or `"depthwise"`.
        width: factor on every layer's channels.
        channels: five integers that replace `width`, see `build_stages`.
        activation: a Keras activation, or `"abs_tanh"`.
        normalization: whether to use batch normalization after convolutions.
        fc_normalization: whether to use batch normalization after the fully
            connected layer.
        landmarks: `"dense"`, as in the papers, or `"heatmap"`: the form of the
            landmark heads, see `facemtl.models.heads`.
        streams, stitch, weight_regularization: settings of `"cross_stitch"`.
        experts: the number of experts of `"mmoe"`, at least 2.
        mirrored: whether to average the predictions for a crop and its mirror
            image, at twice the multiply-adds.
        box_convention: position of the boxes of the training faces, a
            `BoxConvention` or its dictionary; predictors use it.
        value_scales: {value task: (shift, scale)}. The last layer multiplies
            by the scale and adds the shift, see `facemtl.models.value_scale`.
            The default of a task is (0, 1).
        sigma: {landmarks task: `SigmaFit` or its dictionary} of heat maps.
        mirror_fault: why predictions for mirror images are wrong (see
            `facemtl.data.mirror_rule`). `mirrored` then raises an error with
            this text.

    Input shape: (B, S, S, C), 0 to 255, uint8 or float.

    Output: {task: float32 tensor}: landmarks (B, P, 2) in units of the crop's
    window, classes (B, K) probabilities, value (B, 1). With `sigma`, also
    `<task>_sigma` (B, P): standard deviations per axis in the same units.

    Raises:
        ValueError: an `InputError` of one line, for arguments of the wrong
            type or out of range, settings that do not fit together, or a
            forked process where TensorFlow cannot work (see
            `facemtl.process.forks`).

    Example:

    >>> import numpy as np
    >>> from facemtl.tasks import LANDMARKS, SMILE
    >>> network = FaceNetwork((LANDMARKS, SMILE), architecture="split")
    >>> prediction = network(np.zeros((1, 40, 40, 1), "uint8"))
    >>> {task: tuple(y.shape) for task, y in prediction.items()}
    {'landmarks': (1, 5, 2), 'smile': (1, 2)}
    """

    def __init__(
        self,
        tasks: Sequence[Task | Mapping[str, Any]],
        crop: Mapping[str, Any] | None = None,
        architecture: str = "split",
        blocks: str = "tcdcn",
        width: float = 1.0,
        channels: Sequence[int] = (),
        activation: str = "relu",
        normalization: bool = True,
        fc_normalization: bool = False,
        landmarks: str = "dense",
        streams: Sequence[Sequence[str]] = (),
        stitch: Mapping[str, Any] | None = None,
        weight_regularization: Mapping[str, Any] | None = None,
        mirrored: bool = False,
        box_convention: BoxConvention | Mapping[str, Any] | None = None,
        value_scales: Mapping[str, Sequence[float]] | None = None,
        sigma: Mapping[str, Any] | None = None,
        mirror_fault: str = "",
        experts: int = 4,
        **kwargs: Any,
    ) -> None:
        check_tensorflow_works()
        check_keras_settings(BACKENDS)
        check_known(kwargs)
        spec, known = checked_crop(crop), checked_tasks(tasks)
        scales = checked_scales(value_scales, known)
        settings = {
            "architecture": architecture,
            "blocks": blocks,
            "width": width,
            "channels": list(channels) if is_sequence(channels) else channels,
            "activation": activation,
            "normalization": normalization,
            "fc_normalization": fc_normalization,
            "landmarks": landmarks,
            **checked_sharing(streams, stitch, weight_regularization, experts),
            "mirrored": checked_mirrored(mirrored, mirror_fault),
        }
        fits = checked_sigma(sigma, known)
        image, graph = build_graph(spec, known, settings, scales, fits)
        try:
            super().__init__(inputs=image, outputs=graph, **kwargs)
        except ValueError as error:
            raise taken_name(error, known) or error from None
        check_numbered_names(self, known)
        self._settings, self.tasks, self.value_scales = settings, known, scales
        self.crop, self.sigma, self.mirror_fault = spec, fits, mirror_fault
        self.box_convention = read_convention(box_convention, known)

    def get_config(self) -> dict[str, Any]:
        boxes = self.box_convention
        return {
            "name": self.name,
            "tasks": [task.to_dict() for task in self.tasks],
            "crop": self.crop.to_dict(),
            "box_convention": boxes and boxes.to_dict(),
            "value_scales": {k: list(x) for k, x in self.value_scales.items()},
            "mirror_fault": self.mirror_fault,
            **self._settings,
            **dictionaries(self.sigma),
        }

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        # Keras would add a long description of the arguments in `call`.
        check_tensorflow_works()
        return super().__call__(*args, **kwargs)

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        # oneDNN's convolutions refuse an empty batch.
        if inputs.shape[0] == 0:
            return no_predictions(self.tasks, self.sigma)
        return super().call(inputs, training=training, mask=mask)

    def predict(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        """Predict as in Keras; zero crops give predictions for zero faces."""
        check_tensorflow_works()
        if getattr(x, "shape", (None,))[0] == 0:
            return no_predictions(self.tasks, self.sigma)
        return super().predict(x, *args, **kwargs)

    def fit(self, *args: Any, **kwargs: Any) -> Any:
        """Train as in Keras."""
        check_tensorflow_works()
        return super().fit(*args, **kwargs)

    def evaluate(self, *args: Any, **kwargs: Any) -> Any:
        """Evaluate as in Keras."""
        check_tensorflow_works()
        return super().evaluate(*args, **kwargs)

    def with_mirror(self) -> "FaceNetwork":
        """Return this network with predictions averaged over the mirror image.

        Raises:
            InputError: if a mirror rule is wrong (`mirror_fault`).
        """
        return self.with_settings(mirrored=True)

    def without_mirror(self) -> "FaceNetwork":
        """Return this network with predictions for the given crop only."""
        return self.with_settings(mirrored=False)

    def standardized(self) -> "FaceNetwork":
        """Return this network with values in units of `value_scales`."""
        return self.with_settings(value_scales={})

    def with_settings(self, **changes: Any) -> "FaceNetwork":
        """Return this network with its weights and other arguments."""
        twin = FaceNetwork.from_config({**self.get_config(), **changes})
        # The order of `weights` differs between the networks.
        own = {weight.path: weight for weight in self.weights}
        for weight in twin.weights:
            weight.assign(own[weight.path])
        return twin

    @classmethod
    def from_preset(
        cls,
        preset: str | Path,
        tasks: Sequence[Task | Mapping[str, Any]] | None = None,
        margin: float | None = None,
    ) -> "FaceNetwork":
        """Return a network with a trained network's weights, for other tasks.

        Args:
            preset: a preset's name, a run folder or a `.keras` file.
            tasks: the tasks to predict; by default those of the preset. Heads
                of tasks with equal names, points and classes are kept.
            margin: margin of the crop; by default that of the preset.

        Raises:
            InputError: for a missing or damaged network.

        Example:

        >>> from facemtl.tasks import SMILE
        >>> mood = Task("mood", "classes", ("happy", "sad", "other"))
        >>> network = FaceNetwork.from_preset("tiny", (SMILE, mood))
        >>> predictions = network(keras.ops.zeros((2, 40, 40, 1)))
        >>> {task: tuple(y.shape) for task, y in predictions.items()}
        {'smile': (2, 2), 'mood': (2, 3)}
        """
        # These modules import this one.
        from facemtl.models.transfer import load_start, transfer

        source = load_start(preset)
        config = source.get_config() | {"mirror_fault": "", "sigma": None}
        if tasks is not None:
            config |= {"tasks": tasks, "box_convention": None}
            names = {task.name for task in checked_tasks(tasks)}
            scales = config["value_scales"].items()
            config["value_scales"] = {k: v for k, v in scales if k in names}
        if margin is not None:
            config["crop"] = {**config["crop"], "margin": margin}
        network = cls.from_config(config)
        transfer(source, network)
        return network

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Any = None
    ) -> "FaceNetwork":
        return cls(**config)
