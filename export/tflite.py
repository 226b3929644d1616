"""Export a network as TFLite files with built-in operations only."""

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from facemtl.errors import InputError
from facemtl.export.tflite_int8 import CALIBRATE_ONLY, quantize_calibrated
from facemtl.export.tflite_values import write_in_units
from facemtl.files.checksums import checksum
from facemtl.files.writing import whole_file
from facemtl.inference.sidecar import INPUT, NAME, Sidecar
from facemtl.models import FaceNetwork
from facemtl.process.native_words import without_native_words

# Values of --quantize and their names in files.
QUANTIZATIONS = {
    "none": "float32",
    "float16": "float16",
    "dynamic": "dynamic",
    "int8": "int8",
}
NO_CALIBRATION = (
    "Expected real faces to calibrate int8 with (calibration=, --data on the "
    "command line): the ranges of its activations are measured on them, and "
    "guessed ones cost accuracy. Received none."
)


def write_tflite(
    network: FaceNetwork,
    sidecar: Sidecar,
    file: Path,
    quantize: str = "none",
    batch: int | None = 1,
    calibration: np.ndarray | None = None,
) -> None:
    """Write a TFLite file with the signature `serving_default`.

    `facemtl.json` is an associated file in it: LiteRT ignores it, and unzip
    extracts it.

    Args:
        network: the network.
        sidecar: content of `facemtl.json`.
        file: the output file, written atomically.
        quantize: `"none"`, `"float16"` (weights), `"dynamic"` (8-bit weights)
            or `"int8"` (weights and activations up to a softmax, which is
            float32; the input is uint8).
        batch: faces per call; None for any number.
        calibration: (N, S, S, C) real crops, for `"int8"`.

    Raises:
        InputError: if `"int8"` has no crops.
    """
    if quantize == "int8" and calibration is None:
        raise InputError(NO_CALIBRATION)
    with whole_file(file) as part:
        converter = _converter(network.standardized(), batch)
        _set(converter, quantize, calibration)
        # The int8 quantizer prints its settings.
        part.write_bytes(without_native_words(converter.convert))
        if quantize == "int8":
            quantize_calibrated(part)
        write_in_units(part, network.value_scales)
        _append(replace(sidecar, checksum=checksum([part.read_bytes()])), part)


def _converter(network: FaceNetwork, batch: int | None) -> Any:
    """Return TFLite's converter of a network.

    `network.export(format="litert")` makes the same file in three times the
    time: it writes and reads a SavedModel of every layer.
    """
    crops = tf.TensorSpec((batch, *network.crop.shape), tf.float32, INPUT)
    predict = tf.function(
        lambda crops: network(crops, training=False),
        input_signature=[crops],
        autograph=False,
    ).get_concrete_function()
    program = tf.Module()
    program.used = predict.variables
    return tf.lite.TFLiteConverter.from_concrete_functions([predict], program)


def _set(converter: Any, quantize: str, calibration: np.ndarray | None) -> None:
    """Make the settings of TFLite's converter."""
    ops, target = tf.lite.OpsSet, converter.target_spec
    target.supported_ops = [ops.TFLITE_BUILTINS]
    if quantize != "none":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if quantize == "float16":
        target.supported_types = [tf.float16]
    if calibration is not None and quantize == "int8":
        target.supported_ops = [ops.TFLITE_BUILTINS_INT8]
        converter.representative_dataset = partial(_one_by_one, calibration)
        setattr(converter, CALIBRATE_ONLY, True)


def _one_by_one(crops: np.ndarray) -> Iterator[list[np.ndarray]]:
    for i in range(len(crops)):
        yield [crops[i : i + 1].astype(np.float32)]


def _append(sidecar: Sidecar, part: Path) -> None:
    """Associate a sidecar with a TFLite file."""
    with zipfile.ZipFile(part, "a", zipfile.ZIP_DEFLATED) as associated:
        associated.writestr(NAME, sidecar.to_json())
