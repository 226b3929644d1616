"""Measure the reliability of the presets' probabilities, and draw it.

    python presets/reliability.py --data data/MTFL

predicts MTFL's validation faces with the shipped networks and does not change
them. For each attribute, it measures the expected calibration error and how
much of it is chance, and keeps both in `presets/NAME.json`. The charts
(`facemtl/presets/NAME_reliability.svg`) and the cards show them.
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from card import write_card
from reliability_chart import chart_name, draw

from facemtl.config import PRESETS
from facemtl.data.faces import BadRows, Faces
from facemtl.data.sources import load_split
from facemtl.evaluation.calibration import calibration_error, reliability
from facemtl.evaluation.faces import predict_faces
from facemtl.evaluation.point_scores import percent
from facemtl.files.checksums import checksum
from facemtl.files.json_text import strict_json
from facemtl.files.writing import whole_file, write_json
from facemtl.inference.runtimes import load_network
from facemtl.inference.runtimes.runtime import Network
from facemtl.presets import find_pretrained, presets_with
from facemtl.process.cli import run
from facemtl.tasks import MTFL_TASKS

HERE = Path(__file__).parent
COMMAND = "python presets/reliability.py --data data/MTFL"
DRAWS = 1000
INTERVAL = (2.5, 97.5)  # percentiles
PASSES = {"one_pass": False, "two_passes": True}


def main(argv: Sequence[str] | None = None) -> int:
    """Measure every preset with attributes; write JSON, chart and card."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, help="folder of MTFL")
    args = parser.parse_args(argv)
    faces = load_split(args.data, "val", MTFL_TASKS, BadRows())
    for name in presets_with(MTFL_TASKS):
        file = HERE / f"{name}.json"
        result = strict_json(file.read_bytes())
        result["reliability"] = {
            "command": COMMAND,
            "network": network_checksum(name),
            "draws": DRAWS,
            **measured(load_network(name), faces),
        }
        write_json(result, file)
        with whole_file(PRESETS / chart_name(name)) as part:
            draw(result, part)
        write_card(result, PRESETS / f"{name}.md")
        print(PRESETS / f"{name}.md")
    return 0


def network_checksum(name: str) -> str:
    """Return the SHA-256 of a preset's TFLite file."""
    return checksum([find_pretrained(name).read_bytes()])


def measured(
    network: Network, faces: Faces, draws: int = DRAWS
) -> dict[str, Any]:
    """Return `n` and {attribute: {passes: scores}} of a network.

    Args:
        network: predicts the faces.
        faces: labelled faces.
        draws: number of random draws of the faces.
    """
    scores: dict[str, dict[str, Any]] = {}
    for passes, again in PASSES.items():
        kept, found = predict_faces(
            network, faces, verbose=0, second_look=again
        )
        for task in kept.tasks:
            if task.kind == "classes":
                known = task.is_labelled(kept.labels[task.name])
                labels = kept.labels[task.name][known]
                own = errors(labels, found[task.name][known], draws)
                scores.setdefault(task.name, {})[passes] = own
    return {"n": len(faces), "attributes": scores}


def errors(
    labels: np.ndarray, probabilities: np.ndarray, draws: int
) -> dict[str, Any]:
    """Return the calibration error, what of it is chance, and the bins.

    Args:
        labels: (N,) integers.
        probabilities: (N, K).
        draws: number of random draws.

    Returns:
        `calibration_error` in %; `interval`, its 95 % basic bootstrap interval
        over draws of N faces with replacement, which corrects that chance
        makes errors larger; `by_chance`, its mean and 95th percentile if
        each prediction were right with exactly its probability;
        `as_large_by_chance`, the share in % of such draws whose error is at
        least that found; `bins`, see `reliability`.
    """
    found = calibration_error(labels, probabilities)
    again = np.array(list(resampled(labels, probabilities, draws)))
    ends = 2 * found - np.percentile(again, INTERVAL)[::-1]
    exact = np.array(list(exactly_calibrated(probabilities, draws)))
    return {
        "calibration_error": found,
        "interval": np.clip(ends, 0, None).round(4).tolist(),
        "by_chance": {
            "mean": round(float(exact.mean()), 4),
            "percentile_95": round(float(np.percentile(exact, 95)), 4),
        },
        "as_large_by_chance": percent(exact >= found),
        "bins": reliability(labels, probabilities),
    }


def resampled(
    labels: np.ndarray, probabilities: np.ndarray, draws: int
) -> Iterator[float]:
    """Yield the calibration errors of faces drawn with replacement."""
    rng = np.random.default_rng(0)
    for _ in range(draws):
        i = rng.integers(0, len(labels), len(labels))
        yield calibration_error(labels[i], probabilities[i])


def exactly_calibrated(
    probabilities: np.ndarray, draws: int
) -> Iterator[float]:
    """Yield the calibration errors if all probabilities were exact."""
    rng = np.random.default_rng(0)
    top, best = probabilities.max(1), probabilities.argmax(1)
    for _ in range(draws):
        right = rng.random(len(top)) < top
        yield calibration_error(np.where(right, best, -1), probabilities)


if __name__ == "__main__":
    run(main)
