"""The graph of a network, from pixels to predictions."""

from typing import Any

import keras

from facemtl.errors import InputError
from facemtl.layers import MeanOfMirror, WithMirror
from facemtl.models.blocks import build_stages
from facemtl.models.cross_stitch import cross_stitch
from facemtl.models.single import single
from facemtl.models.split import split
from facemtl.models.value_scale import Scales
from facemtl.settings import ARCHITECTURES
from facemtl.tasks import Task


def build_graph(
    image: Any,
    tasks: tuple[Task, ...],
    settings: dict[str, Any],
    scales: Scales,
) -> dict[str, Any]:
    """Build the predictions of a network for an image.

    Args:
        image: the symbolic input (B, S, S, C).
        tasks: the tasks to predict.
        settings: settings of the architecture, as `FaceNetwork` keeps them.
        scales: {value task: (shift, scale)} of the labels.

    Returns:
        {task: symbolic prediction}.

    Raises:
        InputError: for settings that Keras cannot build.
    """
    try:
        return _predictions(image, tasks, settings, scales)
    except InputError:
        raise
    except ValueError as error:  # Keras raises it for a crop too small.
        reason = str(error).splitlines()[0]
        raise InputError(
            "Expected settings of model and data.size that fit together. "
            f"Received: size = {image.shape[1]}, {settings}: {reason}"
        ) from None


def _predictions(
    image: Any,
    tasks: tuple[Task, ...],
    settings: dict[str, Any],
    scales: Scales,
) -> dict[str, Any]:
    """Return predictions, with values in the unit of their labels."""
    predictions = _mean_predictions(image, tasks, settings)
    for task, (shift, scale) in scales.items():
        # After the mirrored mean: a value that it negates has no shift.
        unit = keras.layers.Rescaling(
            scale, offset=shift, name=f"{task}_unit", dtype="float32"
        )
        predictions[task] = unit(predictions[task])
    return predictions


def _mean_predictions(
    image: Any, tasks: tuple[Task, ...], settings: dict[str, Any]
) -> dict[str, Any]:
    """Return predictions for a crop, or their mean with its mirror image."""
    if not settings["mirrored"]:
        return _plain_predictions(image, tasks, settings)
    both = _plain_predictions(WithMirror(name="mirror")(image), tasks, settings)
    return {
        task.name: MeanOfMirror(
            task.kind, task.mirror, name=f"{task.name}_mean", dtype="float32"
        )(both[task.name])
        for task in tasks
    }


def _plain_predictions(
    image: Any, tasks: tuple[Task, ...], settings: dict[str, Any]
) -> dict[str, Any]:
    # The network scales pixels, so that no caller can scale them wrongly.
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
