"""The graph of a network, from pixels to predictions."""

from typing import Any

import keras

from facemtl.errors import InputError
from facemtl.geometry.crops import CropSpec
from facemtl.layers import MeanOfMirror, PointSigma, WithMirror
from facemtl.models.blocks import build_stages
from facemtl.models.cross_stitch import cross_stitch
from facemtl.models.mmoe import mmoe
from facemtl.models.mtan import mtan
from facemtl.models.single import single
from facemtl.models.split import split
from facemtl.models.units import channel_multiple
from facemtl.models.value_scale import Scales
from facemtl.settings import ARCHITECTURES
from facemtl.tasks import Task, sigma_name, spread_name
from facemtl.tasks.sigma import Sigma


def build_graph(
    crop: CropSpec,
    tasks: tuple[Task, ...],
    settings: dict[str, Any],
    scales: Scales,
    sigma: Sigma,
) -> tuple[Any, dict[str, Any]]:
    """Build the input and the predictions of a network.

    Args:
        crop: size and color of the input.
        tasks: the tasks to predict.
        settings: settings of the architecture, as `FaceNetwork` keeps them.
        scales: {value task: (shift, scale)} of the labels.
        sigma: {landmarks task: how to convert the spread of its maps}.

    Returns:
        The symbolic input (B, S, S, C), and {task: symbolic prediction} with
        `sigma_name(task)` of the tasks in `sigma`.

    Raises:
        InputError: for settings that Keras cannot build.
    """
    if not tasks:
        raise InputError("Expected one or more tasks. Received: none.")
    image = keras.Input(crop.shape, name="image")
    if sigma and settings["landmarks"] != "heatmap":
        raise InputError(
            "Expected sigma with landmarks = 'heatmap' only. "
            f"Received: landmarks = {settings['landmarks']!r}."
        )
    try:
        return image, _predictions(image, tasks, settings, scales, sigma)
    except InputError:
        raise
    except ValueError as error:  # Keras raises it for a crop too small.
        reason = str(error).splitlines()[0]
        raise InputError(
            "Expected settings of model and data.size that fit together. "
            f"Received: size = {crop.size}, {settings}: {reason}"
        ) from None


def _predictions(
    image: Any,
    tasks: tuple[Task, ...],
    settings: dict[str, Any],
    scales: Scales,
    sigma: Sigma,
) -> dict[str, Any]:
    """Return predictions, with values in the unit of their labels."""
    found = _mean_predictions(image, tasks, settings)
    predictions = {task.name: found[task.name] for task in tasks}
    for name, (shift, scale) in scales.items():
        # After the mirrored mean: a value that it negates has no shift.
        unit = keras.layers.Rescaling(
            scale, offset=shift, name=f"{name}_unit", dtype="float32"
        )
        predictions[name] = unit(predictions[name])
    for task in tasks:
        if task.name in sigma:
            name, fit = sigma_name(task), sigma[task.name]
            numbers = (fit.offset, fit.own, fit.face)
            layer = PointSigma(*numbers, name=name, dtype="float32")
            predictions[name] = layer(found[spread_name(task)])
    return predictions


def _mean_predictions(
    image: Any, tasks: tuple[Task, ...], settings: dict[str, Any]
) -> dict[str, Any]:
    """Return predictions for a crop, or their mean with its mirror image."""
    if not settings["mirrored"]:
        return _plain_predictions(image, tasks, settings)
    both = _plain_predictions(WithMirror(name="mirror")(image), tasks, settings)
    rules = {task.name: (task.kind, task.mirror) for task in tasks}
    # A spread has no sides: it only belongs to another point.
    rules |= {spread_name(t): ("classes", t.mirror) for t in tasks}
    return {
        name: MeanOfMirror(*rules[name], name=f"{name}_mean", dtype="float32")(
            y
        )
        for name, y in both.items()
    }


def _plain_predictions(
    image: Any, tasks: tuple[Task, ...], settings: dict[str, Any]
) -> dict[str, Any]:
    # The network scales pixels, so that no caller can scale them wrongly.
    x = keras.layers.Rescaling(1 / 127.5, offset=-1.0, name="scale")(image)
    stitched = settings["architecture"] == "cross_stitch"
    stages = build_stages(
        settings["blocks"],
        settings["width"],
        settings["activation"],
        settings["normalization"],
        settings["channels"],
        settings["fc_normalization"],
        channel_multiple(settings["stitch"]) if stitched else 1,
    )
    name, form = settings["architecture"], settings["landmarks"]
    if name == "single":
        return single(x, tasks, stages, form)
    if name == "split":
        return split(x, tasks, stages, form)
    if name == "mtan":
        return mtan(x, tasks, stages, form, settings["normalization"])
    if name == "mmoe":
        return mmoe(x, tasks, stages, settings["experts"], form)
    if stitched:
        parts = (
            *("streams", "stitch", "weight_regularization"),
            *("landmarks", "normalization"),
        )
        given = {part: settings[part] for part in parts}
        return cross_stitch(x, tasks, stages, **given)
    raise InputError(
        f"Expected model.architecture in {list(ARCHITECTURES)}. "
        f"Received: {name!r}."
    )
