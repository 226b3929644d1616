"""How many units of the fully connected layer are of use in trained networks.

    python benchmarks/live_units.py --data data/MTFL RUN ...

A unit that is zero for every validation face is dead: it answers nothing and
learns nothing. For each run: units, those that live, and over how many
directions their answers spread (the exponential of the entropy of the shares
of variance). Writes `benchmarks/live_units.json`.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from facemtl.cli import load_tensorflow, run

FILE = Path(__file__).with_suffix(".json")
LAYER = "act_fc"


def parser() -> argparse.ArgumentParser:
    """The command's arguments."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, help="folder of MTFL")
    parser.add_argument("runs", nargs="+", type=Path, help="run folders")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Measure all runs, show and write it."""
    args = parser().parse_args(argv)
    load_tensorflow()
    from facemtl.circumstances import machine, versions
    from facemtl.files import write_json

    rows = []
    for folder in args.runs:
        rows.append(measured(folder, args.data))
        print(rows[-1], flush=True)
    result = {
        "command": "python benchmarks/live_units.py --data data/MTFL RUN ...",
        "machine": machine(),
        "versions": versions(),
        "runs": rows,
    }
    write_json(result, FILE)
    return 0


def measured(folder: Path, data: str) -> dict[str, Any]:
    """Of one run: what it was trained with, and its layer's units."""
    from facemtl.config import read_toml
    from facemtl.studies.run import changed_settings

    config = read_toml(folder / "config.toml")
    y = units(folder, data)
    return {
        "settings": changed_settings(config),
        "seed": config["train"]["seed"],
        "units": y.shape[1],
        "live": int((y > 0).any(axis=0).sum()),
        "directions": round(directions(y), 1),
    }


def units(folder: Path, data: str) -> np.ndarray:
    """(N, F) what the layer's units say of the validation faces."""
    import keras

    from facemtl.crop_cache import CachePlan, crop_faces
    from facemtl.datasets.faces import BadRows
    from facemtl.datasets.sources import load_split
    from facemtl.models import load_model

    network = load_model(folder)
    faces = load_split(data, "val", network.tasks, BadRows())
    crops = crop_faces(faces, CachePlan(network.crop), verbose=0)
    layer = keras.Model(network.inputs[0], network.get_layer(LAYER).output)
    return layer.predict(crops.images, verbose=0)


def directions(y: np.ndarray) -> float:
    """1 where all units say the same, F where each says something else."""
    spread = np.linalg.svd(y - y.mean(axis=0), compute_uv=False) ** 2
    shares = spread[spread > 0] / spread.sum()
    return float(np.exp(-(shares * np.log(shares)).sum()))


if __name__ == "__main__":
    run(main)
