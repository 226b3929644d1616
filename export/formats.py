"""Export one network in all formats to one folder."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from facemtl.errors import InputError
from facemtl.export.description import describe
from facemtl.export.destination import prepare_folder
from facemtl.export.onnx import write_onnx
from facemtl.export.saved_model import write_saved_model
from facemtl.export.tflite import NO_CALIBRATION, QUANTIZATIONS, write_tflite
from facemtl.files.checksums import checksum
from facemtl.files.destinations import check_folder
from facemtl.files.lock import locked
from facemtl.files.writing import whole_file
from facemtl.inference.runtimes.export_folder import KERAS, ONNX, SAVED_MODEL
from facemtl.inference.sidecar import Sidecar, write_sidecar
from facemtl.models import FaceNetwork, load_model
from facemtl.process.packages import WRITE_ONNX, check_packages

FORMATS = ("saved_model", "tflite", "onnx")
ALL = "all"  # quantizations: each, and int8 if there are faces for it
Calibration = Callable[[FaceNetwork], np.ndarray]
Writers = dict[str, Callable[[Path], None]]


def export_network(
    model: str | Path,
    out: str | Path,
    formats: Sequence[str] = FORMATS,
    quantize: Sequence[str] = (ALL,),
    calibration: Calibration | None = None,
    licence: str = "",
    mirrored: bool = False,
    verbose: int = 1,
    overwrite: bool = False,
) -> Path:
    """Write a trained network in several formats, each with its sidecar.

    Args:
        model: a preset's name, a run folder or a `.keras` file.
        out: the output folder; `export/README.md` lists its files.
        formats: any of `"saved_model"`, `"tflite"` and `"onnx"`.
        quantize: for TFLite: `"none"`, `"float16"`, `"dynamic"`, `"int8"`, or
            `"all"`, which has int8 only with `calibration`.
        calibration: maps the network to crops of real faces, for `"int8"`.
        licence: licence of training data that facemtl does not know.
        mirrored: whether to predict the mean of a face and its mirror image.
        verbose: 1 prints each written file.
        overwrite: whether to remove another network's export, never a run's.

    Returns:
        The folder.

    Raises:
        InputError: if an argument is invalid, a package for ONNX is missing,
            or the folder is unwritable or of another network.

    Example:

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     export_network("tiny", f"{folder}/app", ["onnx"], verbose=0).name
    'app'
    """
    _check_asked(formats, quantize, calibration)
    folder = check_folder(out, "the folder of an export")
    network = load_model(model)
    network = network.with_mirror() if mirrored else network
    sidecar = describe(network, model, licence)
    with locked(folder):
        prepare_folder(folder, sidecar.network, overwrite)
        writers = _writers(network, sidecar, formats, quantize, calibration)
        _write(network, sidecar, folder, writers, verbose)
    return folder


def _check_asked(
    formats: Sequence[str],
    quantize: Sequence[str],
    calibration: Calibration | None,
) -> None:
    """Raise for unknown words, int8 without crops, or a missing package."""
    _check_words("format", formats, FORMATS)
    _check_words("quantization", quantize, (*QUANTIZATIONS, ALL))
    if "int8" in quantize and not calibration:
        raise InputError(NO_CALIBRATION)
    if "onnx" in formats:
        check_packages("The format onnx", *WRITE_ONNX)


def _kinds(
    quantize: Sequence[str], calibration: Calibration | None
) -> list[str]:
    """Return the quantizations to write, without the word "all"."""
    if ALL not in quantize:
        return list(quantize)
    return [kind for kind in QUANTIZATIONS if calibration or kind != "int8"]


def _write(
    network: FaceNetwork,
    sidecar: Sidecar,
    folder: Path,
    writers: Writers,
    verbose: int,
) -> None:
    """Write the network, its sidecar, then all other formats."""
    _write_keras(network, folder / KERAS)
    content = (folder / KERAS).read_bytes()
    write_sidecar(replace(sidecar, checksum=checksum([content])), folder)
    for name in (KERAS, *writers):
        if name in writers:
            writers[name](folder / name)
        if verbose:
            size = size_of(folder / name) / 1000
            print(f"{folder / name}: {size:,.0f} kB")


def _writers(
    network: FaceNetwork,
    sidecar: Sidecar,
    formats: Sequence[str],
    quantize: Sequence[str],
    calibration: Calibration | None,
) -> Writers:
    """Return {file: function that writes it} for all other formats."""
    writers: Writers = {}
    if "saved_model" in formats:
        writers[SAVED_MODEL] = partial(write_saved_model, network, sidecar)
    if "onnx" in formats:
        writers[ONNX] = partial(write_onnx, network, sidecar)
    if "tflite" in formats:
        writers |= _tflite_writers(network, sidecar, quantize, calibration)
    return writers


def _tflite_writers(
    network: FaceNetwork,
    sidecar: Sidecar,
    quantize: Sequence[str],
    calibration: Calibration | None,
) -> Writers:
    """Return {file: function that writes it}, for one face and for batches."""
    kinds = _kinds(quantize, calibration)
    crops = None
    if "int8" in kinds and calibration:
        crops = calibration(network)
    return {
        f"model_{QUANTIZATIONS[kind]}{ending}.tflite": partial(
            write_tflite,
            network,
            sidecar,
            quantize=kind,
            batch=batch,
            calibration=crops,
        )
        for kind in kinds
        for batch, ending in ((1, ""), (None, "_batch"))
    }


def _write_keras(network: FaceNetwork, file: Path) -> None:
    """Write the network, unless the file exists: a run keeps its own file."""
    if file.exists():
        return
    with whole_file(file) as part:
        network.save(part)


def _check_words(what: str, given: Sequence[str], known: Sequence[str]) -> None:
    unknown = [word for word in given if word not in known]
    if unknown or not given:
        raise InputError(
            f"Expected each {what} out of {', '.join(known)}. "
            f"Received: {', '.join(unknown) or 'none'}."
        )


def size_of(path: Path) -> int:
    """Return the bytes of a file, or of all files of a folder."""
    files = [path] if path.is_file() else path.rglob("*")
    return sum(file.stat().st_size for file in files if file.is_file())
