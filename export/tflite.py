"""Export a network as TFLite files with built-in operations only."""

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
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
    with whole_file(file) as part:
        _write(network, sidecar, part, batch, _settings(quantize, calibration))


def _write(
    network: FaceNetwork,
    sidecar: Sidecar,
    part: Path,
    batch: int | None,
    settings: dict[str, Any],
) -> None:
    shape = (batch, *network.crop.shape)
    crops = keras.InputSpec(shape=shape, dtype="float32", name=INPUT)
    # The int8 quantizer prints its settings.
    without_native_words(
        network.standardized().export,
        part,
        format="litert",
        verbose=False,
        input_signature=[crops],
        **settings,
    )
    if "representative_dataset" in settings:
        quantize_calibrated(part)
    write_in_units(part, network.value_scales)
    sidecar = replace(sidecar, checksum=checksum([part.read_bytes()]))
    with zipfile.ZipFile(part, "a", zipfile.ZIP_DEFLATED) as associated:
        associated.writestr(NAME, sidecar.to_json())


def _settings(quantize: str, calibration: np.ndarray | None) -> dict[str, Any]:
    """Return the settings of TFLite's converter."""
    ops = tf.lite.OpsSet
    target = {"supported_ops": [ops.TFLITE_BUILTINS]}
    if quantize == "none":
        return {"target_spec": target}
    smaller = {"optimizations": [tf.lite.Optimize.DEFAULT]}
    if quantize == "float16":
        target["supported_types"] = [tf.float16]
    if quantize != "int8":
        return {"target_spec": target, **smaller}
    if calibration is None:
        raise InputError(NO_CALIBRATION)
    return {
        "target_spec": {"supported_ops": [ops.TFLITE_BUILTINS_INT8]},
        "representative_dataset": lambda: _one_by_one(calibration),
        **CALIBRATE_ONLY,
        **smaller,
    }


def _one_by_one(crops: np.ndarray) -> Iterator[list[np.ndarray]]:
    for i in range(len(crops)):
        yield [crops[i : i + 1].astype(np.float32)]
