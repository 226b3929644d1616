"""`FaceNetwork`: any of the architectures as one functional Keras model."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras

from facemtl.box_convention import BoxConvention, read_convention
from facemtl.crops import CropSpec
from facemtl.errors import InputError
from facemtl.layers import MeanOfMirror, WithMirror
from facemtl.models.blocks import build_stages
from facemtl.models.cross_stitch import cross_stitch
from facemtl.models.single import single
from facemtl.models.split import split
from facemtl.tasks import Task

ARCHITECTURES = ("single", "split", "cross_stitch")


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

    Input shape: (B, S, S, C), 0 to 255, uint8 or float.

    Output: {task: float32 tensor}: landmarks (B, P, 2) in units of the crop's
    window, classes (B, K) probabilities, value (B, 1).

    Raises:
        InputError: for settings that do not fit together.

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
        **kwargs: Any,
    ) -> None:
        spec = CropSpec(**(crop or {}))
        known = tuple(
            t if isinstance(t, Task) else Task.from_dict(t) for t in tasks
        )
        settings = {
            "architecture": architecture,
            "blocks": blocks,
            "width": width,
            "channels": list(channels),
            "activation": activation,
            "normalization": normalization,
            "fc_normalization": fc_normalization,
            "landmarks": landmarks,
            "streams": [list(stream) for stream in streams],
            "stitch": {"stages": "all", **(stitch or {})},
            "weight_regularization": {
                "form": "none",
                "layers": "all",
                **(weight_regularization or {}),
            },
            "mirrored": mirrored,
        }
        image = keras.Input(spec.shape, name="image")
        answers = _checked_answers(image, known, settings)
        super().__init__(inputs=image, outputs=answers, **kwargs)
        self._settings = settings
        self.tasks = known
        self.crop = spec
        self.box_convention = read_convention(box_convention, known)

    def get_config(self) -> dict[str, Any]:
        boxes = self.box_convention
        return {
            "name": self.name,
            "tasks": [task.to_dict() for task in self.tasks],
            "crop": self.crop.to_dict(),
            "box_convention": boxes and boxes.to_dict(),
            **self._settings,
        }

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        # oneDNN's convolutions refuse an empty batch.
        if inputs.shape[0] == 0:
            return self._no_predictions()
        return super().call(inputs, training=training, mask=mask)

    def predict(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        """As Keras's; zero crops give predictions for zero faces."""
        if getattr(x, "shape", (None,))[0] == 0:
            return self._no_predictions()
        return super().predict(x, *args, **kwargs)

    def _no_predictions(self) -> dict[str, Any]:
        return {task.name: task.no_predictions() for task in self.tasks}

    def with_mirror(self) -> "FaceNetwork":
        """The same network, its answers the mean with the mirror image's."""
        twin = FaceNetwork.from_config({**self.get_config(), "mirrored": True})
        twin.set_weights(self.get_weights())
        return twin

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Any = None
    ) -> "FaceNetwork":
        return cls(**config)


def _checked_answers(
    image: Any, tasks: tuple[Task, ...], settings: dict[str, Any]
) -> dict[str, Any]:
    """`_answers`; what Keras cannot build is an `InputError`."""
    try:
        return _answers(image, tasks, settings)
    except InputError:
        raise
    except ValueError as error:  # Keras's own, as for a crop too small
        reason = str(error).splitlines()[0]
        raise InputError(
            "Expected settings of model and data.size that fit together. "
            f"Received: size = {image.shape[1]}, {settings}: {reason}"
        ) from None


def _answers(
    image: Any, tasks: tuple[Task, ...], settings: dict[str, Any]
) -> dict[str, Any]:
    """The graph from pixels to answers."""
    if not settings["mirrored"]:
        return _plain_answers(image, tasks, settings)
    both = _plain_answers(WithMirror(name="mirror")(image), tasks, settings)
    return {
        task.name: MeanOfMirror(
            task.kind, task.mirror, name=f"{task.name}_mean", dtype="float32"
        )(both[task.name])
        for task in tasks
    }


def _plain_answers(
    image: Any, tasks: tuple[Task, ...], settings: dict[str, Any]
) -> dict[str, Any]:
    # Scaling is the first layer, so that no caller can get it wrong.
    x = keras.layers.Rescaling(1 / 127.5, offset=-1.0, name="scale")(image)
    stages = build_stages(
        settings["blocks"],
        settings["width"],
        settings["activation"],
        settings["normalization"],
        settings["channels"],
        settings["fc_normalization"],
    )
    name, form = settings["architecture"], settings["landmarks"]
    if name == "single":
        return single(x, tasks, stages, form)
    if name == "split":
        return split(x, tasks, stages, form)
    if name == "cross_stitch":
        parts = ("streams", "stitch", "weight_regularization", "landmarks")
        given = {part: settings[part] for part in parts}
        return cross_stitch(x, tasks, stages, **given)
    raise InputError(
        f"Expected model.architecture in {list(ARCHITECTURES)}. "
        f"Received: {name!r}."
    )
