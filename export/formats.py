"""All formats of one network, in one folder."""

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

FORMATS = ("saved_model", "tflite", "onnx")
Calibration = Callable[[FaceNetwork], np.ndarray]
Writers = dict[str, Callable[[Path], None]]


def export_network(
    model: str | Path,
    out: str | Path,
    formats: Sequence[str] = FORMATS,
    quantize: Sequence[str] = ("none",),
    calibration: Calibration | None = None,
    licence: str = "",
    mirrored: bool = False,
    verbose: int = 1,
    overwrite: bool = False,
) -> Path:
    """Write a trained network in several formats, each with its sidecar.

    Args:
        model: a run folder or a `.keras` file.
        out: the folder to write; `export/README.md` lists its files.
        formats: out of `"saved_model"`, `"tflite"` and `"onnx"`.
        quantize: of TFLite: `"none"`, `"float16"`, `"dynamic"`, `"int8"`.
        calibration: gives the network's crops of real faces, for `"int8"`.
        licence: of the training data, where facemtl does not know it.
        mirrored: predict with the mean of a face and its mirror image.
        verbose: 1 prints each file that is written.
        overwrite: remove another network's export, but never a run's network.

    Returns:
        The folder.

    Raises:
        InputError: for an unknown word, `"int8"` without crops, a folder that
            cannot be written or another network's folder.

    Example:

    >>> import facemtl, tempfile
    >>> network = facemtl.FaceNetwork(facemtl.MTFL_TASKS, width=0.1)
    >>> with tempfile.TemporaryDirectory() as run:
    ...     network.save(f"{run}/model.keras")
    ...     export_network(run, f"{run}/app", ["onnx"], verbose=0).name
    'app'
    """
    _check_asked(formats, quantize, calibration)
    folder = check_folder(out, "the folder of an export")
    network = load_model(model)
    network = network.with_mirror() if mirrored else network
    sidecar = describe(network, Path(model), licence)
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
    """Raise `InputError` for what cannot be written."""
    _check_words("format", formats, FORMATS)
    _check_words("quantization", quantize, tuple(QUANTIZATIONS))
    if "int8" in quantize and not calibration:
        raise InputError(NO_CALIBRATION)


def _write(
    network: FaceNetwork,
    sidecar: Sidecar,
    folder: Path,
    writers: Writers,
    verbose: int,
) -> None:
    """Write the network, its sidecar, then all further formats."""
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
    """{file: what writes it}, of all further formats."""
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
    """{file: what writes it}, for one face a call and for any number."""
    crops = None
    if "int8" in quantize and calibration:
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
        for kind in quantize
        for batch, ending in ((1, ""), (None, "_batch"))
    }


def _write_keras(network: FaceNetwork, file: Path) -> None:
    """Write the network, unless it is there: a run keeps its own file."""
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
    """Bytes of a file, or of all files of a folder."""
    files = [path] if path.is_file() else path.rglob("*")
    return sum(file.stat().st_size for file in files if file.is_file())
