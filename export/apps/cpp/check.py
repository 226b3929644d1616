"""Compare the predictions of face.cpp with those of Python.

    python -m facemtl.export.apps.cpp.check --program build/cpp/face

`check.sh` builds the program and calls this. Python crops as
`facemtl.geometry.reference` defines it, and predicts with LiteRT by the TFLite
file of the same export, so that crops and runtimes are independent.
"""

import argparse
import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from facemtl.errors import InputError
from facemtl.files.writing import write_json
from facemtl.geometry.crops import square_windows, to_photo
from facemtl.geometry.reference import reference_crop
from facemtl.process.cli import load_tensorflow, run

if TYPE_CHECKING:
    from facemtl.inference.runtimes.runtime import Runtime

HERE = Path(__file__).parent
SEED = 21
# Of points in pixels, probabilities and values; four digits are printed.
TOLERANCE = 2e-4
# Of the face's box: as it is, over the photo's edge, and wide.
SHIFTS = np.array([[0, 0, 0, 0], [-60, -40, -60, -40], [-9, 3, 30, 0]])


def main(argv: Sequence[str] | None = None) -> int:
    """Compare two networks, write the result, and return 1 if they differ."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=Path, required=True)
    parser.add_argument("--faces", type=int, default=20)
    parser.add_argument("--about", default="this machine", metavar="TEXT")
    parser.add_argument("--result", type=Path, default=HERE / "result.json")
    args = parser.parse_args(argv)
    if args.faces < 1:
        raise InputError(f"Expected --faces >= 1. Received: {args.faces}.")
    load_tensorflow()
    with TemporaryDirectory() as folder:
        found = _compare(args.program.absolute(), Path(folder), args.faces)
    known = json.loads(args.result.read_text()) if args.result.exists() else {}
    write_json({**known, args.about: found}, args.result)
    print(json.dumps(found, indent=2))
    return int(max(x["largest_difference"] for x in found) > TOLERANCE)


def _compare(program: Path, folder: Path, faces: int) -> list[dict[str, Any]]:
    """Compare a preset and a network of colors, a margin and a value."""
    from facemtl.export.apps.older_tensorflow.networks import mirrored

    networks: dict[str, str | Path] = {
        "base": "base",
        "color, own tasks": mirrored(folder),
    }
    return [
        {"network": name, **_difference(program, network, folder / name, faces)}
        for name, network in networks.items()
    ]


def _difference(
    program: Path, network: str | Path, folder: Path, count: int
) -> dict[str, Any]:
    """Return the largest difference over all boxes of drawn faces."""
    from facemtl import load_network, synthetic_faces
    from facemtl.export.formats import export_network

    export_network(
        network,
        folder,
        formats=["onnx", "tflite"],
        quantize=["none"],
        licence="of the check alone",
        verbose=0,
    )
    runtime = load_network(folder / "model_float32.tflite")
    faces, photo = synthetic_faces(count, seed=SEED), folder / "photo.ppm"
    differences = []
    for name, box in zip(faces.names, faces.boxes, strict=True):
        pixels = _noisy(faces.images.read(name))
        cv2.imwrite(str(photo), pixels[..., ::-1])
        for one in box + SHIFTS:
            words = [program, folder / "model.onnx", photo, *one.tolist()]
            both = [_printed(words), _predicted(runtime, pixels, one)]
            differences.append(np.ptp(both, axis=0).max())
    return {
        "predictions": len(differences),
        "largest_difference": round(float(max(differences)), 6),
    }


def _noisy(photo: np.ndarray) -> np.ndarray:
    """Add noise, as a camera does.

    Means of flat colors are often halfway between two levels, where the last
    bit decides how they are rounded.
    """
    noise = np.random.default_rng(SEED).integers(-9, 10, photo.shape)
    return np.clip(photo + noise, 0, 255).astype(np.uint8)


def _printed(words: Sequence[object]) -> list[float]:
    """Return the numbers that the program prints."""
    done = subprocess.run(
        [str(word) for word in words],
        check=True,
        capture_output=True,
        text=True,
    )
    lines = [line.rpartition(": ")[2] for line in done.stdout.splitlines()]
    return [float(x) for line in lines for x in line.split() if _is_number(x)]


def _is_number(word: str) -> bool:
    return word.lstrip("-").replace(".", "", 1).isdigit()


def _predicted(
    runtime: "Runtime", photo: np.ndarray, box: np.ndarray
) -> list[float]:
    """Return points, best probabilities and values, in the program's order."""
    spec = runtime.crop
    window = square_windows(box[None], spec.margin)
    crop = reference_crop(photo, window[0], spec.size, spec.color)
    answers = runtime.answer(np.rint(crop)[None].astype(np.uint8))
    numbers: list[float] = []
    for task in runtime.tasks:
        answer = answers[task.name]
        if task.kind == "landmarks":
            answer = to_photo(answer, window)
        elif task.kind == "classes":
            answer = answer.max(axis=1)
        numbers += answer.ravel().tolist()
    return numbers


if __name__ == "__main__":
    run(main)
