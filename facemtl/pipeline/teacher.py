"""Distillation: predictions of a trained network as additional targets.

The teacher predicts every training face with the same augmentation as the
student, at the size of its own input.

Reference: Hinton, Vinyals, Dean, "Distilling the Knowledge in a Neural
Network", 2015; Beyer et al., "Knowledge distillation: A good teacher is patient
and consistent", CVPR 2022.
"""

from collections.abc import Mapping, Sequence

import keras
import numpy as np
import tensorflow as tf

from facemtl.errors import InputError
from facemtl.geometry.crops import CropSpec
from facemtl.inference.runtimes import (
    USE_TENSORFLOW,
    Runtime,
    format_of,
    load_network,
)
from facemtl.models import FaceNetwork
from facemtl.settings import DistillationSettings
from facemtl.tasks import Task

# The key of the predictions among a batch's labels; not a valid task name.
TEACHER = "of the teacher"


class Teacher:
    """A trained network that supplies targets in addition to the labels.

    Args:
        network: a `.tflite` or `.onnx` network from `load_network`, or a
            `FaceNetwork`.
        tasks: tasks of the student. Those that the teacher does not predict
            are learned from labels alone.
        crop: input of the student; the teacher's may differ in size, and have
            a smaller margin.

    Attributes:
        size: sides of the teacher's crops in pixels.
        zoom: side of the teacher's window, in sides of the student's.

    Raises:
        InputError: for a teacher with another color or a larger margin,
            without any of the tasks, or with other classes or points; for a
            `FaceNetwork` under another backend than TensorFlow.

    Example:

        teacher = Teacher(load_network("large"), MTFL_TASKS, CropSpec())
        batches = training_batches(..., teacher=teacher)
    """

    def __init__(
        self,
        network: Runtime | FaceNetwork,
        tasks: Sequence[Task],
        crop: CropSpec,
    ) -> None:
        _check_crop(network.crop, crop)
        backend = keras.backend.backend()
        # It predicts inside TensorFlow's pipeline.
        if isinstance(network, FaceNetwork) and backend != "tensorflow":
            raise InputError(
                "Expected Keras's backend tensorflow for a teacher that is a "
                f"Keras network (--keep). Received: {backend}. Set "
                "KERAS_BACKEND=tensorflow, or leave --keep out."
            )
        self.network = network
        self.size = network.crop.size
        self.zoom = (1 + 2 * network.crop.margin) / (1 + 2 * crop.margin)
        self.tasks = _in_common(network.tasks, tasks)

    def predictions(self, crops: tf.Tensor) -> dict[str, tf.Tensor]:
        """Return predictions for crops (B, S, S, C), 0 to 255, by task.

        Points are in units of the student's window.
        """
        found = self._found(tf.round(crops))
        out = {}
        for task, prediction in zip(self.tasks, found, strict=True):
            classes = task.kind == "classes"
            shape = (task.size,) if classes else task.label_shape
            # A value's (B, 1) becomes (B,), the shape of its labels.
            labels = tf.reshape(prediction, (-1, *shape))
            if task.kind == "landmarks":
                labels = 0.5 + self.zoom * (labels - 0.5)
            out[task.name] = labels
        return out

    def _found(self, crops: tf.Tensor) -> list[tf.Tensor]:
        """Return the predictions for whole pixel values, by task."""
        if isinstance(self.network, FaceNetwork):
            known = self.network(crops, training=False)
            return [known[task.name] for task in self.tasks]
        pixels = tf.cast(crops, tf.uint8)
        kinds = [tf.float32] * len(self.tasks)
        found: list[tf.Tensor] = tf.numpy_function(
            self._predict, [pixels], kinds, stateful=False
        )
        return found

    def _predict(self, pixels: np.ndarray) -> list[np.ndarray]:
        found = self.network.predict(pixels, verbose=0)
        return [found[task.name].astype(np.float32) for task in self.tasks]


def _check_crop(own: CropSpec, student: CropSpec) -> None:
    """Raise for crops that the student's crops do not contain."""
    if own.color != student.color or own.margin > student.margin:
        raise InputError(
            "Expected a distillation.teacher with data.color = "
            f"{student.color!r} and at most data.margin = {student.margin}, as "
            f"the student's. Received: {own.color!r} and {own.margin}."
        )


def _in_common(
    known: Sequence[Task], asked: Sequence[Task]
) -> tuple[Task, ...]:
    """Return the tasks of both networks; raise if their definitions differ."""
    own = {task.name: task for task in known}
    common = tuple(task for task in asked if task.name in own)
    if not common:
        raise InputError(
            "Expected a distillation.teacher that predicts one of "
            f"{[task.name for task in asked]}. Received: {list(own)}."
        )
    for task in common:
        if not task.learns_as(own[task.name]):
            mine, other = _first_difference(task, own[task.name])
            raise InputError(
                f"Expected a distillation.teacher whose '{task.name}' is the "
                f"student's, with {mine}. Received: {other}. To learn from "
                "labels alone: --set distillation.teacher=."
            )
    return common


def _first_difference(first: Task, second: Task) -> tuple[str, str]:
    """Return how two tasks differ, such as `names left eye, … (5)`."""
    if first.kind != second.kind:
        return f"kind {first.kind}", f"kind {second.kind}"
    key = "names" if first.names != second.names else "mirror"
    return _in_short(first, key), _in_short(second, key)


def _in_short(task: Task, key: str) -> str:
    """Return a task's names or mirror rule, shortened if there are many."""
    items = [str(item) for item in getattr(task, key)]
    shown = items[:3] + ["…"] * (len(items) > 3)
    return f"{key} {', '.join(shown)} ({len(items)})"


def build_teacher(
    settings: DistillationSettings, tasks: Sequence[Task], crop: CropSpec
) -> Teacher | None:
    """Return the teacher of `[distillation]`, or None if none is set.

    Raises:
        InputError: for a share over 1, a file that is not a network, one that
            needs TensorFlow, or a teacher that does not fit the student.
    """
    name, share = settings.teacher, settings.share
    if not name:
        return None
    if share > 1:
        raise InputError(
            f"Expected distillation.share in [0, 1]. Received: {share}."
        )
    # TensorFlow would deadlock inside its own pipeline.
    if format_of(name) in USE_TENSORFLOW:
        raise InputError(
            "Expected a distillation.teacher that is a preset, a .tflite or "
            f"an .onnx file. Received: {name}. facemtl export writes them."
        )
    return Teacher(load_network(name), tasks, crop)


def taught_losses(
    losses: Mapping[str, keras.losses.Loss], tasks: Sequence[Task]
) -> dict[str, keras.losses.Loss]:
    """Return the loss between student and teacher of each task.

    It is the loss of the labels, except for classes: the cross-entropy with
    the teacher's probabilities, without class weights, because the teacher was
    trained with them.
    """
    return {
        task.name: keras.losses.CategoricalCrossentropy()
        if task.kind == "classes"
        else losses[task.name]
        for task in tasks
    }
