"""The part of the check in the current TensorFlow: exports and predictions.

    python -m facemtl.export.apps.older_tensorflow.reference --out DIR

`check.sh` calls it with the project's Python.
"""

import argparse
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

from facemtl.errors import InputError
from facemtl.files.destinations import check_folder
from facemtl.files.writing import write_json
from facemtl.process.cli import load_tensorflow, run, verbosity

ABOUT = "about.json"
ANSWERS = "answers.npz"
AUGMENTATION = "augmentation.npz"
CROPS, PHOTOS, SEED = 50, 8, 11  # the seed differs from that of training


def main(argv: Sequence[str] | None = None) -> int:
    """Write the reference for given networks, or for the default ones."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", help="run folders, .keras files")
    parser.add_argument("--out", required=True)
    args = parser.parse_args(argv)
    args.out = check_folder(args.out, "--out")
    _check_own(args.out)
    load_tensorflow()
    from .networks import default_networks

    models = {
        f"{i}, {Path(model).name}": Path(model)
        for i, model in enumerate(args.models, 1)
    }
    write_reference(
        models or default_networks(args.out.parent / "networks", verbosity()),
        args.out,
    )
    return 0


def _check_own(out: Path) -> None:
    """Raise `InputError` if the folder, which is replaced, has other files."""
    if out.exists() and any(out.iterdir()) and not (out / ABOUT).is_file():
        raise InputError(
            "Expected --out as a new folder, or a reference of before, which "
            f"is replaced. Received: {out}, which holds other files."
        )


def write_reference(models: Mapping[str, Path], out: Path) -> None:
    """Write a folder per network, `augmentation.npz` and `about.json`.

    Args:
        models: {name: run folder or `.keras` file}.
        out: the output folder; an existing one is replaced.
    """
    from facemtl.process.environment import machine, versions

    from .movements import augmentation_case

    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    for name, model in models.items():
        write_answers(model, out / name)
    np.savez(out / AUGMENTATION, **augmentation_case())  # type: ignore[arg-type]
    about = {
        "networks": list(models),
        "machine": machine(),
        "versions": versions("numpy"),
    }
    write_json(about, out / ABOUT)


def write_answers(model: Path, folder: Path) -> None:
    """Export a network; write inputs and its SavedModel's predictions."""
    import tensorflow as tf

    from facemtl.export.formats import export_network

    from .ask import SAVED_MODEL, ask, save_answers

    export_network(
        model,
        folder / "exported",
        formats=["saved_model"],
        licence="of the check alone",
        verbose=0,
    )
    write_questions(folder)
    loaded = tf.saved_model.load(folder / SAVED_MODEL)
    save_answers(ask(loaded.signatures, folder), folder / ANSWERS)


def write_questions(folder: Path) -> None:
    """Write crops for the exported network, and photos with boxes."""
    from facemtl.data.synthetic.faces import synthetic_faces
    from facemtl.inference.sidecar import NAME, read_sidecar
    from facemtl.pipeline.crop_cache import CachePlan, crop_faces

    from .ask import QUESTIONS

    faces = synthetic_faces(CROPS, seed=SEED)
    spec = read_sidecar(folder / "exported" / NAME).crop
    crops = crop_faces(faces, CachePlan(spec), verbose=0).images
    pixels = [
        _photo(folder, i, faces.images.read(faces.names[i]))
        for i in range(PHOTOS)
    ]
    # The face's box, one that leaves the photo, and one that is low and wide.
    more = np.array([[0, 0, 0, 0], [-60, -40, -60, -40], [30, 9, 70, 29]])
    boxes = (faces.boxes[:PHOTOS, None] + more).astype(np.float32)
    np.savez(folder / QUESTIONS, crops=crops, pixels=pixels, boxes=boxes)


def _photo(folder: Path, i: int, photo: np.ndarray) -> np.ndarray:
    """Write a photo as JPEG or PNG, in turn; return OpenCV's decoded pixels."""
    from facemtl.photos.decoding import decode

    from .ask import PHOTOS as PLACE

    file = folder / PLACE / f"{i:02d}.{'png' if i % 2 else 'jpg'}"
    file.parent.mkdir(exist_ok=True)
    cv2.imwrite(str(file), photo[..., ::-1])
    return decode(file.read_bytes(), str(file))


if __name__ == "__main__":
    run(main)
