"""Selection and checks of the files in a folder of `facemtl export`.

All formats in a folder belong to one network. A folder with copied or
overwritten files of another network raises an error, because it would predict
with one network and describe another.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from facemtl.errors import InputError
from facemtl.files.checksums import checksum
from facemtl.files.network_files import read_network
from facemtl.geometry.crops import CropSpec
from facemtl.inference.runtimes.associated import read_associated
from facemtl.inference.sidecar import EXTRA, NAME, Sidecar, read_sidecar
from facemtl.tasks import Task

KERAS, SAVED_MODEL, ONNX = "model.keras", "saved_model", "model.onnx"
# Most exact and most widely usable first. A SavedModel is a program, and is
# not selected.
CHOSEN = ("model_float32_batch.tflite", ONNX, KERAS)
# How the text of a sidecar begins.
START = b'{\n "format": '


def in_export(path: Path) -> Path:
    """Return a file of an export's folder, or `path` if it is not a folder.

    Raises:
        InputError: for a folder with files of several networks, or with only a
            SavedModel.
    """
    if path.is_file() or not (path / NAME).is_file():
        return path
    check_one_export(path)
    files = [path / name for name in CHOSEN if (path / name).exists()]
    if not files and (path / SAVED_MODEL).exists():
        raise InputError(
            f"{path}: expected {', '.join(CHOSEN)}. Received a SavedModel "
            "alone, which is a program. If you trust its author, give "
            f"its own folder: {path / SAVED_MODEL}"
        )
    return files[0] if files else path


def check_one_export(folder: Path) -> None:
    """Raise unless all files of a folder belong to the described network.

    Raises:
        InputError: if a file does not; the message names the first one.
    """
    described = read_sidecar(folder / NAME)
    for file, sidecar in _sidecars(folder):
        if not _same(described, sidecar):
            raise mixed(folder, file)
    keras, expected = folder / KERAS, described.checksum
    if not expected or not keras.exists():
        return
    if checksum([read_network(keras)]) != expected:
        raise mixed(folder, keras)


def check_described(tasks: Sequence[Task], crop: CropSpec, file: Path) -> None:
    """Raise if an export's file holds another network than its folder.

    Args:
        tasks: tasks of the network.
        crop: crop of the network.
        file: the file in the folder.

    Raises:
        InputError: for other tasks or another crop.
    """
    described = read_sidecar(file.parent / NAME)
    if (described.tasks, described.crop) != (tuple(tasks), crop):
        raise mixed(file.parent, file)


def mixed(folder: Path, file: Path) -> InputError:
    """Return the error for a folder with a file of another network."""
    return InputError(
        f"{folder}: expected files of one network. Received: {file.name}, "
        f"whose network {NAME} does not describe. Give the file itself, or "
        "export the network into another folder."
    )


def _same(described: Sidecar, other: Sidecar) -> bool:
    """Return whether two sidecars describe the same network."""
    if described.network and other.network:
        return described.network == other.network
    # An earlier facemtl wrote no digest. `describe` completes both equally.
    return all(
        getattr(described, key) == getattr(other, key)
        for key in ("tasks", "crop", "box_convention", "training")
    )


def _sidecars(folder: Path) -> Iterator[tuple[Path, Sidecar]]:
    """Yield the sidecars inside the formats of a folder."""
    for file in sorted(folder.glob("model*.tflite")):
        yield file, read_associated(read_network(file), str(file))[0]
    file = folder / ONNX
    if file.exists():
        yield file, _sidecar_in_onnx(file)
    inner = folder / SAVED_MODEL / EXTRA / NAME
    if inner.exists():
        yield folder / SAVED_MODEL, read_sidecar(inner)


def _sidecar_in_onnx(file: Path) -> Sidecar:
    """Return the sidecar of an ONNX file, which contains its plain text."""
    content = read_network(file)
    text = content[max(content.rfind(START), 0) :].decode("utf-8", "replace")
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        raise InputError(
            f"{file}: expected a whole file of facemtl export. Received: one "
            f"without {NAME} in its metadata."
        ) from None
    return Sidecar.from_json(text[:end], f"{NAME} in {file}")
