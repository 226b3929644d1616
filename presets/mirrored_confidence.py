"""Measure the calibration of a network that is exported with `--mirrored`.

    python presets/mirrored_confidence.py --data data/MTFL

Such a network keeps the temperatures and the fit of the deviations of the plain
one, though the mean over the mirror image changes both. Every second validation
face is predicted with two passes by the preset as it is, by its mirrored
network, and by the mirrored network after calibration on the other faces. The
result is `presets/mirrored_confidence.json`.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from facemtl.process.cli import load_tensorflow, run

FILE = Path(__file__).with_suffix(".json")
COMMAND = "python presets/mirrored_confidence.py --data data/MTFL"
PRESETS = ("tiny", "base")  # `large` is mirrored


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, write and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", required=True, help="folder of MTFL")
    parser.add_argument("--out", metavar="FILE", default=FILE)
    args = parser.parse_args(argv)
    load_tensorflow()
    from facemtl.data.faces import BadRows
    from facemtl.data.sources import load_split
    from facemtl.files.destinations import check_file
    from facemtl.files.writing import write_json
    from facemtl.tasks import MTFL_TASKS

    out = check_file(args.out, "--out")
    faces = load_split(args.data, "val", MTFL_TASKS, BadRows())
    rows = [row for name in PRESETS for row in measured(name, faces)]
    for row in rows:
        print(row)
    write_json({"command": COMMAND, "rows": rows}, out)
    return 0


def measured(name: str, faces: Any) -> list[dict[str, Any]]:
    """Return a row for each of the three networks of a preset."""
    from calibrate import calibrated

    from facemtl.models import load_model

    fit, rest = (faces.select(np.arange(i, len(faces), 2)) for i in (0, 1))
    plain = load_model(name)
    mirrored = plain.with_mirror()
    networks = {
        "plain": plain,
        "mirrored": mirrored,
        "mirrored, calibrated": calibrated(mirrored, fit)[0],
    }
    return [
        {"preset": name, "network": kind, **scores(network, rest)}
        for kind, network in networks.items()
    ]


def scores(network: Any, faces: Any) -> dict[str, Any]:
    """Return the scores of probabilities and deviations, without bins."""
    from confidence import confidence_of

    found = confidence_of(network, faces)
    attributes = found["attributes"].items()
    return {
        "n": found["n"],
        "points": found["points"],
        "calibration_error": {
            task: own["calibration_error"] for task, own in attributes
        },
    }


if __name__ == "__main__":
    run(main)
