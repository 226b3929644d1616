"""Count the active units of the fully connected layer in trained networks.

    python presets/live_units.py --data data/MTFL

A unit that is zero for every validation face is inactive and does not learn.
The command counts units, active units, and the directions of their outputs, for
presets with and without `model.fc_normalization`, on three seeds each. Finished
runs are not repeated. It writes `presets/live_units.json`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from preset_runs import parsed_runs, runs_of, runs_parser, write_result

from facemtl.process.cli import run

FILE = Path(__file__).with_suffix(".json")
LAYER = "act_fc"
SEEDS = 3
NORMALIZED = "model.fc_normalization=true"
NETWORKS = {
    "`split`": ("split",),
    "`split`, normalized": ("split", NORMALIZED),
    "`tiny`": ("tiny",),
    "`tiny`, normalized": ("tiny", NORMALIZED),
    "`base`": ("base",),
    "`large`": ("large",),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Train missing runs, count units, and write the result."""
    args = parsed_runs(runs_parser(__doc__), argv)
    from facemtl.studies.runner import train_all

    of_network = {
        name: runs_of(preset, SEEDS, args.data, args.runs, settings)
        for name, (preset, *settings) in NETWORKS.items()
    }
    train_all([x for runs in of_network.values() for x in runs], args.jobs)
    rows = []
    for name, runs in of_network.items():
        rows += [{"network": name, **measured(x, args.data)} for x in runs]
        print(rows[-1], flush=True)
    write_result(FILE, {"runs": rows})
    return 0


def measured(run: Any, data: str) -> dict[str, Any]:
    """Return the units and the scores of one run."""
    from facemtl.evaluation.scores import headline

    y = units(run.folder, data)
    scores = run.report()["scores"]
    return {
        "seed": run.config["train"]["seed"],
        "units": y.shape[1],
        "live": int((y > 0).any(axis=0).sum()),
        "directions": round(directions(y), 1),
        **{split: headline(scores[split]) for split in ("validation", "test")},
    }


def units(folder: Path, data: str) -> np.ndarray:
    """Return the (N, F) outputs of the layer for the validation faces."""
    import keras

    from facemtl.data.faces import BadRows
    from facemtl.data.sources import load_split
    from facemtl.models import load_model
    from facemtl.pipeline.crop_cache import CachePlan, crop_faces

    network = load_model(folder)
    faces = load_split(data, "val", network.tasks, BadRows())
    crops = crop_faces(faces, CachePlan(network.crop), verbose=0)
    layer = keras.Model(network.inputs[0], network.get_layer(LAYER).output)
    return layer.predict(crops.images, verbose=0)


def directions(y: np.ndarray) -> float:
    """Return the effective number of directions, 1 to F.

    It is the exponential of the entropy of the principal components' variances.
    """
    spread = np.linalg.svd(y - y.mean(axis=0), compute_uv=False) ** 2
    shares = spread[spread > 0] / spread.sum()
    return float(np.exp(-(shares * np.log(shares)).sum()))


if __name__ == "__main__":
    run(main)
