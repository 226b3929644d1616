"""Run a SavedModel on the same inputs in either TensorFlow.

This file needs no facemtl, which the older environment does not have.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

SAVED_MODEL = "exported/saved_model"
QUESTIONS = "questions.npz"
PHOTOS = "photos"
Answers = dict[str, dict[str, np.ndarray]]


def ask(signatures: Mapping[str, Any], folder: Path) -> Answers:
    """Run every signature on the inputs in a folder.

    Args:
        signatures: signatures of a loaded SavedModel.
        folder: contains `questions.npz` with `crops` (N, S, S, C), `pixels`
            (P, H, W, 3), both uint8, and `boxes` (P, K, 4); and `photos/`, the
            same P photos as JPEG and PNG files.

    Returns:
        {signature: {task: (N, ...) or (P, K, ...)}}.
    """
    with np.load(folder / QUESTIONS) as asked:
        crops, pixels, boxes = (asked[k] for k in ("crops", "pixels", "boxes"))
    files = sorted((folder / PHOTOS).iterdir())
    floats = tf.constant(crops, tf.float32)
    on_pixels = [
        signatures["faces"](photo=tf.constant(x), boxes=tf.constant(b))
        for x, b in zip(pixels, boxes, strict=True)
    ]
    on_files = [
        signatures["faces_jpeg"](
            jpeg=tf.constant(file.read_bytes()), boxes=tf.constant(b)
        )
        for file, b in zip(files, boxes, strict=True)
    ]
    return {
        "serving_default": _numpy(signatures["serving_default"](crops=floats)),
        "serving_uint8": _numpy(
            signatures["serving_uint8"](crops=tf.constant(crops))
        ),
        "faces": _stacked(on_pixels),
        "faces_jpeg": _stacked(on_files),
    }


def _numpy(answers: Mapping[str, tf.Tensor]) -> dict[str, np.ndarray]:
    return {task: answer.numpy() for task, answer in answers.items()}


def _stacked(
    answers: list[Mapping[str, tf.Tensor]],
) -> dict[str, np.ndarray]:
    return {
        task: np.stack([answer[task].numpy() for answer in answers])
        for task in answers[0]
    }


def save_answers(answers: Answers, file: Path) -> None:
    """Write predictions to an .npz, each as `signature/task`."""
    arrays = {
        f"{signature}/{task}": answer
        for signature, by_task in answers.items()
        for task, answer in by_task.items()
    }
    np.savez(file, **arrays)  # type: ignore[arg-type]


def read_answers(file: Path) -> Answers:
    """Read the predictions that `save_answers` wrote."""
    answers: Answers = {}
    with np.load(file) as kept:
        for name in kept.files:
            signature, task = name.split("/")
            answers.setdefault(signature, {})[task] = kept[name]
    return answers
