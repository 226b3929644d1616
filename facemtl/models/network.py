"""`FaceNetwork`: any of the architectures as one functional Keras model."""

from collections.abc import Mapping, Sequence
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
    checked_streams,
    checked_tasks,
)
from facemtl.process.forks import check_tensorflow_works
from facemtl.process.keras_settings import check_keras_settings
from facemtl.tasks import Task


@keras.saving.register_keras_serializable(package="facemtl")
class FaceNetwork(keras.Model):
    """A functional model: face crops in, an answer a task out.

    It carries what a caller must know to use it: its tasks, with the names of
    points and classes, and how faces are cropped for it.

    Args:
        tasks: the tasks, as `Task` objects or their dictionaries.
        crop: arguments of `CropSpec` (size, color, margin).
        architecture: `"single"`, `"split"` or `"cross_stitch"`.
        blocks: `"tcdcn"`, `"sun"`, `"residual"` or `"depthwise"`.
        width: factor on every layer's channels.
        channels: five of one's own instead, see `build_stages`.
        activation: a Keras activation, or `"abs_tanh"`.
        normalization: batch normalization after every convolution.
        fc_normalization: after the fully connected layer, too.
        landmarks: `"dense"`, as in the papers, or `"heatmap"`: where points
            come from, see `facemtl.models.heads`.
        streams, stitch, weight_regularization: of `cross_stitch` alone.
        mirrored: answer with the mean of what is answered about a crop and
            about its mirror image, for twice the multiply-adds.
        box_convention: how the boxes of the training faces lie, a
            `BoxConvention` or its dictionary; kept for whoever predicts.
        value_scales: {value task: (shift, scale)}: the network's last layer
            multiplies what was learned by the scale and adds the shift, see
            `facemtl.models.value_scale`. A task that is not named has 0 and 1.
        mirror_fault: why predictions about a mirror image are of no use (see
            `facemtl.data.mirror_rule`); `mirrored` is refused with this line.

    Input shape: (B, S, S, C), 0 to 255, uint8 or float.

    Output: {task: float32 tensor}: landmarks (B, P, 2) in units of the crop's
    window, classes (B, K) probabilities, value (B, 1).

    Raises:
        ValueError: for arguments of another type or range, or settings that do
            not fit together: an `InputError`, of one line. Also in a forked
            process where TensorFlow cannot work (see `facemtl.process.forks`).

    Example:

    >>> import numpy as np
    >>> from facemtl.tasks import LANDMARKS, SMILE
    >>> network = FaceNetwork((LANDMARKS, SMILE), architecture="split")
    >>> answer = network(np.zeros((1, 40, 40, 1), "uint8"))
    >>> {task: tuple(y.shape) for task, y in answer.items()}
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
        mirror_fault: str = "",
        **kwargs: Any,
    ) -> None:
        check_tensorflow_works()
        check_keras_settings()
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
            "streams": checked_streams(streams),
            **checked_sharing(stitch, weight_regularization),
            "mirrored": checked_mirrored(mirrored, mirror_fault),
        }
        image = keras.Input(spec.shape, name="image")
        answers = build_graph(image, known, settings, scales)
        try:
            super().__init__(inputs=image, outputs=answers, **kwargs)
        except ValueError as error:
            raise taken_name(error, known) or error from None
        check_numbered_names(self, known)
        self._settings = settings
        self.tasks, self.crop = known, spec
        self.box_convention = read_convention(box_convention, known)
        self.value_scales, self.mirror_fault = scales, mirror_fault

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
        }

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        # In `call`, Keras would add a page about the arguments.
        check_tensorflow_works()
        return super().__call__(*args, **kwargs)

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        # oneDNN's convolutions refuse an empty batch.
        if inputs.shape[0] == 0:
            return self._no_predictions()
        return super().call(inputs, training=training, mask=mask)

    def predict(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        """As Keras's; zero crops give predictions for zero faces."""
        check_tensorflow_works()
        if getattr(x, "shape", (None,))[0] == 0:
            return self._no_predictions()
        return super().predict(x, *args, **kwargs)

    def fit(self, *args: Any, **kwargs: Any) -> Any:
        """As Keras's."""
        check_tensorflow_works()
        return super().fit(*args, **kwargs)

    def evaluate(self, *args: Any, **kwargs: Any) -> Any:
        """As Keras's."""
        check_tensorflow_works()
        return super().evaluate(*args, **kwargs)

    def _no_predictions(self) -> dict[str, Any]:
        return {task.name: task.no_predictions() for task in self.tasks}

    def with_mirror(self) -> "FaceNetwork":
        """The same network, its predictions the mean with the mirror image's.

        Raises:
            InputError: where a task's mirror rule is wrong (`mirror_fault`).
        """
        return self._twin(mirrored=True)

    def standardized(self) -> "FaceNetwork":
        """The same network, its values in units of `value_scales`."""
        return self._twin(value_scales={})

    def _twin(self, **changes: Any) -> "FaceNetwork":
        twin = FaceNetwork.from_config({**self.get_config(), **changes})
        # Keras lists layers by their distance from the end, which changes.
        own = {weight.path: weight for weight in self.weights}
        for weight in twin.weights:
            weight.assign(own[weight.path])
        return twin

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Any = None
    ) -> "FaceNetwork":
        return cls(**config)
