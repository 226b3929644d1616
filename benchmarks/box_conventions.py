"""Networks trained on boxes of other sizes, used with detector boxes.

    python benchmarks/box_conventions.py --data data/MTFL

Trains `split` on faces whose boxes are 0.7, 1.0 and 1.5 times as large, on
three seeds, and compares NME-box on the same validation faces: one and two
passes, with the given boxes and with those of the detector, which follow the
box convention that each network carries. `misplaced` are given boxes moved by
up to 15 % and resized by up to 28 %. No test face is used. Results:
`benchmarks/box_conventions.json`.
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from facemtl.cli import load_tensorflow, run

FILE = Path(__file__).with_suffix(".json")
FACTORS = (0.7, 1.0, 1.5)
SEEDS = (0, 1, 2)
FACES, EPOCHS, SCORED = 3000, 12, 500
MOVED, RESIZED = 0.15, 0.25


def rescaled(faces: Any, factor: float, seed: int | None = None) -> Any:
    """The faces with boxes larger by a factor; with a seed, misplaced too."""
    middle = (faces.boxes[:, :2] + faces.boxes[:, 2:]) / 2
    half = factor * (faces.boxes[:, 2:] - faces.boxes[:, :2]) / 2
    if seed is not None:
        random = np.random.default_rng(seed)
        middle = middle + 2 * half * random.uniform(-MOVED, MOVED, half.shape)
        half = half * np.exp(random.uniform(-RESIZED, RESIZED, (len(half), 1)))
    boxes = np.concatenate([middle - half, middle + half], axis=1)
    return replace(faces, boxes=boxes)


def trained(train: Any, validation: Any, settings: Sequence[str]) -> Any:
    """A `split` network with the box convention of its training faces."""
    from facemtl.config import load_config
    from facemtl.convention_fit import fit_convention
    from facemtl.datasets.faces import BadRows
    from facemtl.datasets.sources import Splits
    from facemtl.models import load_model
    from facemtl.preparation import build_network, crop_splits, set_runtime
    from facemtl.runtimes.keras import KerasRuntime
    from facemtl.training import fit_network

    config = load_config("split", settings=settings)
    set_runtime(config["train"])
    splits = Splits(train, validation, None)
    crops = crop_splits(splits, config, train.tasks, BadRows(), verbose=0)
    network = build_network(config, train.tasks)
    network.box_convention = fit_convention(crops[0].faces, train.tasks)
    with TemporaryDirectory() as folder:
        fit_network(network, *crops, config, Path(folder), verbose=0)
        return KerasRuntime(load_model(folder))


def detected(network: Any, faces: Any) -> tuple[Any, Any]:
    """The faces that the detector finds, with their boxes and with its own."""
    from facemtl.predict.predictor import Predictor

    detector = Predictor(network).detector
    kept, boxes = [], []
    for i, (name, given) in enumerate(
        zip(faces.names, faces.boxes, strict=True)
    ):
        found = detector(faces.images.read(name)).boxes
        apart = np.abs(found[:, :2] + found[:, 2:] - given[:2] - given[2:]) / 2
        near = apart.max(axis=1) < 0.4 * (given[2] - given[0])
        if near.any():
            kept.append(i)
            boxes.append(found[apart.max(axis=1).argmin()])
    some = faces.select(np.array(kept))
    return some, replace(some, boxes=np.array(boxes))


def errors(network: Any, faces: Any, given: Any, twice: bool) -> np.ndarray:
    """(N,) mean error of each face in percent of its given box's side."""
    from facemtl.evaluation import predict_faces

    _, found = predict_faces(network, faces, verbose=0, second_look=twice)
    off = np.linalg.norm(
        found["landmarks"] - given.labels["landmarks"], axis=-1
    )
    side = given.boxes[:, 2] - given.boxes[:, 0]
    return 100 * off.mean(axis=1) / side


def compared(network: Any, faces: Any, factor: float) -> dict[str, float]:
    """Mean NME-box of all ways, on the faces that the detector finds."""
    given, own = detected(network, rescaled(faces, factor))
    misplaced = rescaled(given, 1.0, seed=0)
    ways = {"given": given, "detector": own, "misplaced": misplaced}
    return {
        "found": round(100 * len(given) / len(faces), 1),
        **{
            f"{way}, {passes} pass{'es' if twice else ''}": round(
                float(errors(network, some, given, twice).mean()), 3
            )
            for way, some in ways.items()
            for twice, passes in ((False, "one"), (True, "two"))
        },
    }


def rows(train: Any, validation: Any, name: str) -> list[dict[str, Any]]:
    """A row a factor: means and standard deviations over seeds."""
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
    from facemtl.circumstances import machine, versions
    from facemtl.datasets.faces import BadRows
    from facemtl.datasets.sources import load_split
    from facemtl.datasets.synthetic import synthetic_faces
    from facemtl.files import write_json
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
