"""Calibrate a preset of the package on the validation faces.

    python presets/calibrate.py base --data data/MTFL
    python presets/calibrate.py points68 --data POINTS68/labels.csv

fits a temperature per attribute and the deviations of the points (see
`facemtl.training.calibration`), writes `facemtl/presets/base.keras`,
`base.tflite`, their sidecars and the card, and keeps in `presets/base.json` how
well confidence and errors agree. Predicted points and classes do not change.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from facemtl.config import PRESETS
from facemtl.data.faces import BadRows, Faces
from facemtl.process.cli import load_tensorflow, run
from facemtl.tasks import Task

HERE = Path(__file__).parent
SOURCES = dict.fromkeys(("tiny", "base", "large"), "data/MTFL")
SOURCES["points68"] = "POINTS68/labels.csv"


def main(argv: Sequence[str] | None = None) -> int:
    """Calibrate one preset, write it and measure it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("preset")
    parser.add_argument(
        "--data", required=True, help="folder of MTFL, or the CSV of points68"
    )
    args = parser.parse_args(argv)
    load_tensorflow()
    from facemtl.files.json_text import strict_json
    from facemtl.files.writing import write_json
    from facemtl.inference.sidecar import read_sidecar
    from facemtl.models import load_model

    name = args.preset
    before = load_model(name)
    faces = faces_of(before.tasks, args.data)
    network, fitted = calibrated(before, faces["validation"])
    sidecar = read_sidecar(PRESETS / f"{name}.json")
    result = strict_json((HERE / f"{name}.json").read_bytes())
    command = f"python presets/calibrate.py {name} --data {SOURCES[name]}"
    result |= packed(network, sidecar, result, PRESETS, name, command)
    result["confidence"] = {
        "command": command,
        "fitted": fitted,
        **measured(before, PRESETS / f"{name}.tflite", faces),
    }
    # Of the network before; `presets/reliability.py` measures it anew.
    result.pop("reliability", None)
    write_json(result, HERE / f"{name}.json")
    cards = import_module("card68" if name == "points68" else "card")
    cards.write_card(result, PRESETS / f"{name}.md")
    print((PRESETS / f"{name}.md").read_text(encoding="utf-8"))
    return 0


def faces_of(tasks: Sequence[Task], data: str) -> dict[str, Faces]:
    """Return the validation and the test faces; a CSV has no test faces."""
    from labelled_faces import splits
    from scoring import SPLITS

    from facemtl.data.csv.text import is_csv
    from facemtl.data.sources import load_split

    if is_csv(data):
        return {"validation": splits(data).validation}
    return {k: load_split(data, x, tasks, BadRows()) for k, x in SPLITS.items()}


def calibrated(network: Any, faces: Faces) -> tuple[Any, dict[str, Any]]:
    """Return a network calibrated on faces, and what was fitted."""
    from facemtl.pipeline.crop_cache import CachePlan, crop_faces
    from facemtl.training.calibration import calibrate

    return calibrate(network, crop_faces(faces, CachePlan(network.crop)))


def packed(
    network: Any,
    sidecar: Any,
    result: Mapping[str, Any],
    out: Path,
    name: str,
    command: str,
) -> dict[str, Any]:
    """Write all files of a preset; return the entries about them.

    Args:
        network: the calibrated network.
        sidecar: its tasks and origin.
        result: content of the preset's JSON.
        out: the output folder.
        name: the preset's name.
        command: the command that writes the files.
    """
    from packed import file_facts, write_preset

    from facemtl.export.tflite import write_tflite
    from facemtl.models.identity import network_digest

    sidecar = replace(sidecar, sigma=network.sigma)
    best = result["seeds"][result["seed"]]
    write_preset(network, sidecar, best, out, name)
    lite = out / f"{name}.tflite"
    digest = network_digest(network)
    write_tflite(
        network, replace(sidecar, network=digest, scores={}), lite, "float16"
    )
    keras = file_facts(out / f"{name}.keras", command)
    return {"bytes": lite.stat().st_size, "keras": keras}


def measured(
    network: Any, file: Path, faces: Mapping[str, Faces]
) -> dict[str, Any]:
    """Return how well confidence tells errors, on faces that it has not seen.

    Args:
        network: the network before calibration. Calibrated on every second
            validation face, it is scored on the others.
        file: the calibrated file, which is scored on test faces.
        faces: the faces by split.
    """
    from confidence import confidence_of
    from other_crops import other_crops

    from facemtl.inference.runtimes import load_network

    whole = faces["validation"]
    fit, rest = (whole.select(np.arange(i, len(whole), 2)) for i in (0, 1))
    half, _ = calibrated(network, fit)
    unseen: dict[str, Any] = {"validation": (half, rest)}
    if "test" in faces:
        unseen["test"] = (load_network(file), faces["test"])
    return {
        **{split: confidence_of(*both) for split, both in unseen.items()},
        "other_crops": {
            split: other_crops(*both) for split, both in unseen.items()
        },
    }


if __name__ == "__main__":
    run(main)
