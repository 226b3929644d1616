"""The folder of an export: a new one, or one of the same network."""

import shutil
from pathlib import Path

from facemtl.errors import InputError
from facemtl.inference.runtimes.export_folder import (
    KERAS,
    ONNX,
    SAVED_MODEL,
    check_one_export,
)
from facemtl.inference.sidecar import NAME, read_sidecar
from facemtl.models import load_model
from facemtl.models.identity import network_digest

# Files that only a run folder contains.
RUN = ("state.npz", "report.json", "config.toml")
CHECKS = ("check.json", "check.md")


def prepare_folder(folder: Path, network: str, overwrite: bool) -> None:
    """Create the folder of an export, or check that its network is the same.

    Args:
        folder: the output folder.
        network: digest of the exported network.
        overwrite: whether to remove the export of another network.

    Raises:
        InputError: if the folder holds another network and `overwrite` is
            False, or the folder is another network's run.
    """
    there = _exported(folder)
    if there and _network_of(folder) != network:
        keras = folder / KERAS
        trained = keras.exists() and _digest(keras) != network
        if trained and any((folder / name).exists() for name in RUN):
            raise _refused(folder, there, "the folder of a run")
        if not overwrite:
            raise _refused(folder, there, "of another network")
        for path in there:
            if path != keras or trained:
                _remove(path)
    folder.mkdir(parents=True, exist_ok=True)


def _refused(folder: Path, there: list[Path], what: str) -> InputError:
    more = "" if what.endswith("run") else ", or --overwrite to replace it"
    return InputError(
        f"Expected --out as a new folder, or one with an export of the same "
        f"network. Received: {folder}, with {there[0].name}, {what}. Give "
        f"another folder{more}."
    )


def _exported(folder: Path) -> list[Path]:
    """Return possible files of an export in a folder, checks last."""
    names = (KERAS, SAVED_MODEL, ONNX)
    paths = [folder / name for name in names]
    paths += [*sorted(folder.glob("model*.tflite")), folder / NAME]
    there = [path for path in paths if path.exists()]
    checks = [folder / name for name in CHECKS]
    return there + [path for path in checks if there and path.exists()]


def _network_of(folder: Path) -> str:
    """Return the digest of a folder's only network; "" if unknown."""
    described = ""
    if (folder / NAME).exists():
        try:
            check_one_export(folder)
        except InputError:  # several networks, or an incomplete one
            return ""
        described = read_sidecar(folder / NAME).network
    keras = folder / KERAS
    return described or (_digest(keras) if keras.exists() else "")


def _digest(keras: Path) -> str:
    try:
        return network_digest(load_model(keras))
    except InputError:  # an earlier version of facemtl, or damaged
        return ""


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
