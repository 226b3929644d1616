"""Train networks on boxes of different sizes, and use detector boxes.

    python benchmarks/box_conventions.py --data data/MTFL

The command trains `split` on faces whose boxes are 0.7, 1.0 and 1.5 times as
large, on three seeds. It compares NME-box on the same validation faces with one
and two passes, in the given boxes and in detector boxes, which are converted by
each network's box convention. `misplaced` boxes are given boxes moved by up to
15 % and resized by up to 28 %. Test faces are not used. The result is
`benchmarks/box_conventions.json`.
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from facemtl.process.cli import load_tensorflow, run

FILE = Path(__file__).with_suffix(".json")
FACTORS = (0.7, 1.0, 1.5)
SEEDS = (0, 1, 2)
FACES, EPOCHS, SCORED = 1000, 8, 250
MOVED, RESIZED = 0.15, 0.25


def rescaled(faces: Any, factor: float, seed: int | None = None) -> Any:
    """Scale the boxes of faces by a factor; with a seed, misplace them too."""
    middle = (faces.boxes[:, :2] + faces.boxes[:, 2:]) / 2
    half = factor * (faces.boxes[:, 2:] - faces.boxes[:, :2]) / 2
    if seed is not None:
        random = np.random.default_rng(seed)
        middle = middle + 2 * half * random.uniform(-MOVED, MOVED, half.shape)
        half = half * np.exp(random.uniform(-RESIZED, RESIZED, (len(half), 1)))
    boxes = np.concatenate([middle - half, middle + half], axis=1)
    return replace(faces, boxes=boxes)


def trained(train: Any, validation: Any, settings: Sequence[str]) -> Any:
    """Train a `split` network with the box convention of its training faces."""
    from facemtl.config import load_settings
    from facemtl.data.convention_fit import fit_convention
    from facemtl.data.faces import BadRows
    from facemtl.data.one_source import Splits
    from facemtl.inference.runtimes.keras import KerasRuntime
    from facemtl.models import load_model
    from facemtl.training.preparation import build_network, crop_splits
    from facemtl.training.run_process import reproducible, set_threads
    from facemtl.training.trainer import fit_network

    known = load_settings("split", settings=settings)
    set_threads(known.train)
    splits = Splits(train, validation, None)
    crops = crop_splits(splits, known, train.tasks, BadRows(), verbose=0)
    with reproducible(known.train), TemporaryDirectory() as folder:
        network = build_network(known, train.tasks)
        network.box_convention = fit_convention(crops[0].faces, train.tasks)
        fit_network(network, *crops, known, Path(folder), verbose=0)
        return KerasRuntime(load_model(folder))


def on_photos(network: Any, faces: Any, twice: bool) -> np.ndarray:
    """Return (N, P, 2) points of `Predictor`; NaN for undetected faces."""
    from facemtl.inference.predictor import Predictor

    predictor = Predictor(network, second_look=twice)
    points = np.full(faces.labels["landmarks"].shape, np.nan)
    for i, name in enumerate(faces.names):
        left, top, right, bottom = faces.boxes[i]
        middle, side = ((left + right) / 2, (top + bottom) / 2), right - left
        for face in predictor(faces.images.read(name)):
            box = np.reshape(face.box, (2, 2)).mean(axis=0)
            if np.abs(box - middle).max() < 0.4 * side:
                points[i] = list(face.points.values())
                break
    return points


def in_boxes(network: Any, faces: Any, twice: bool) -> np.ndarray:
    """Return (N, P, 2) points in the boxes of the faces."""
    from facemtl.evaluation.faces import predict_faces

    _, found = predict_faces(network, faces, verbose=0, second_look=twice)
    return found["landmarks"]


def compared(network: Any, faces: Any, factor: float) -> dict[str, float]:
    """Return NME-box of all variants on the detected faces."""
    given = rescaled(faces, factor)
    misplaced = rescaled(given, 1.0, seed=0)
    side = given.boxes[:, 2] - given.boxes[:, 0]
    errors = {}
    for passes, twice in (("one pass", False), ("two passes", True)):
        points = {
            "given": in_boxes(network, given, twice),
            "detector": on_photos(network, given, twice),
            "misplaced": in_boxes(network, misplaced, twice),
        }
        for way, some in points.items():
            off = np.linalg.norm(some - given.labels["landmarks"], axis=-1)
            errors[f"{way}, {passes}"] = 100 * off.mean(axis=1) / side
    found = np.isfinite(errors["detector, one pass"])
    means = {k: round(float(y[found].mean()), 3) for k, y in errors.items()}
    return {"found": round(100 * float(found.mean()), 1), **means}


def rows(train: Any, validation: Any, name: str) -> list[dict[str, Any]]:
    """Return a row per factor: means and standard deviations over seeds."""
    half = len(validation) // 2
    chosen = validation.select(np.arange(half))
    scored = validation.select(np.arange(half, len(validation)))
    result = []
    for factor in FACTORS:
        parts = []
        for seed in SEEDS:
            settings = [f"train.epochs={EPOCHS}", f"train.seed={seed}"]
            own = rescaled(train, factor), rescaled(chosen, factor)
            parts.append(compared(trained(*own, settings), scored, factor))
        row: dict[str, Any] = {"faces": name, "boxes": factor}
        for key in parts[0]:
            values = [part[key] for part in parts]
            row[key] = [
                round(float(np.mean(values)), 3),
                round(float(np.std(values, ddof=1)), 3),
            ]
        print(row, flush=True)
        result.append(row)
    return result


def main(argv: Sequence[str] | None = None) -> int:
    """Train, compare, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, help="folder of MTFL")
    args = parser.parse_args(argv)
    load_tensorflow()
    from facemtl.data.faces import BadRows
    from facemtl.data.sources import load_split
    from facemtl.data.synthetic.faces import synthetic_faces
    from facemtl.files.writing import write_json
    from facemtl.process.environment import machine, versions
    from facemtl.tasks import MTFL_TASKS

    train, validation = (
        load_split(args.data, split, MTFL_TASKS, BadRows())
        for split in ("train", "val")
    )
    some = np.random.default_rng(0).permutation(len(train))[:FACES]
    drawn = synthetic_faces(FACES, seed=0), synthetic_faces(2 * SCORED, seed=1)
    result = {
        "command": "python benchmarks/box_conventions.py --data data/MTFL",
        "machine": machine(),
        "versions": versions(),
        "epochs": EPOCHS,
        "training faces": FACES,
        "seeds": list(SEEDS),
        "rows": [
            *rows(train.select(some), validation, "MTFL"),
            *rows(*drawn, "drawn"),
        ],
    }
    write_json(result, FILE)
    return 0


if __name__ == "__main__":
    run(main)
