"""A folder that `facemtl export` wrote: which file to load, and of whom.

All formats in it are of one network. Where files were copied or written over
one another, the folder is refused: it would predict as one network and describe
another.
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
# The most exact and most widely usable first. A SavedModel is none of them: it
# is a program.
CHOSEN = ("model_float32_batch.tflite", ONNX, KERAS)
# How the text of a sidecar begins.
START = b'{\n "format": '


def in_export(path: Path) -> Path:
    """A file of an export's folder, if `path` is such a folder; else `path`.

    Raises:
        InputError: for a folder with files of several networks, or with a
            SavedModel alone.
    """
    if path.is_file() or not (path / NAME).is_file():
        return path
    check_one_export(path)
    files = [path / name for name in CHOSEN if (path / name).exists()]
    if not files and (path / SAVED_MODEL).exists():
        raise InputError(
            f"{path}: expected {', '.join(CHOSEN)}. Received a SavedModel "
            "alone, which is a program. If you trust whoever made it, name "
            f"its own folder: {path / SAVED_MODEL}"
        )
    return files[0] if files else path


def check_one_export(folder: Path) -> None:
    """Raise where a folder's files are not all of the network it describes.

    Raises:
        InputError: naming the first such file.
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
    """Raise where the network of an export's file is not the folder's.

    Args:
        tasks: of the network.
        crop: of the network.
        file: the file, in its folder.

    Raises:
        InputError: for other tasks or crops.
    """
    described = read_sidecar(file.parent / NAME)
    if (described.tasks, described.crop) != (tuple(tasks), crop):
        raise mixed(file.parent, file)


def mixed(folder: Path, file: Path) -> InputError:
    """What to say of a folder with a file of another network."""
    return InputError(
        f"{folder}: expected files of one network. Received: {file.name} of "
        f"another than {NAME} describes. Name the file itself, or export the "
        "network into a folder of its own."
    )


def _same(described: Sidecar, other: Sidecar) -> bool:
    """Whether two sidecars are of one network, as far as they tell."""
    if described.network and other.network:
        return described.network == other.network
    # An earlier facemtl wrote no digest. `describe` fills both alike.
    return all(
        getattr(described, key) == getattr(other, key)
        for key in ("tasks", "crop", "box_convention", "training")
    )


def _sidecars(folder: Path) -> Iterator[tuple[Path, Sidecar]]:
    """The sidecars inside the formats of a folder."""
    for file in sorted(folder.glob("model*.tflite")):
        yield file, read_associated(read_network(file), str(file))[0]
    file = folder / ONNX
    if file.exists():
        yield file, _sidecar_in_onnx(file)
    inner = folder / SAVED_MODEL / EXTRA / NAME
    if inner.exists():
        yield folder / SAVED_MODEL, read_sidecar(inner)


def _sidecar_in_onnx(file: Path) -> Sidecar:
    """The sidecar, whose text is in an ONNX file as it is."""
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
