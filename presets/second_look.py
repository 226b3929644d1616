"""Fit the presets' box convention, and measure the second pass.

    python presets/second_look.py --data data/MTFL

The command fits weights of points to the boxes of training faces, and scores
`base` with several limits on validation faces: as listed, with photos rotated
by 20 degrees, and with boxes moved by up to 15 % and resized by up to 28 %,
like those of another detector. Test faces are not used. The presets contain
these weights. It writes `presets/second_look.json`.
"""

import argparse
import copy
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from turned import turned

from facemtl.process.cli import load_tensorflow, run

FILE = Path(__file__).with_suffix(".json")
COMMAND = "python presets/second_look.py --data data/MTFL"
NETWORK = "base"
# Limits as shares of the box side; those of scale are 1.8 times as large.
OFF = (0.06, 0.08, 0.1, 0.12, 0.15, 1.0)
RESIZED = 1.8
MOVED, SCALED, TURNED = 0.15, 0.25, 20


def main(argv: Sequence[str] | None = None) -> int:
    """Fit, score, write and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, help="folder of MTFL")
    args = parser.parse_args(argv)
    load_tensorflow()
    from facemtl.data.faces import BadRows
    from facemtl.data.sources import load_split
    from facemtl.files.writing import write_json
    from facemtl.inference.runtimes import load_network
    from facemtl.process.environment import machine, versions

    network = load_network(NETWORK)
    train, validation = (
        load_split(args.data, split, network.tasks, BadRows())
        for split in ("train", "val")
    )
    result = {
        "command": COMMAND,
        "network": NETWORK,
        "machine": machine(),
        "versions": versions("ai-edge-litert"),
        "weights": weights(train),
        "thresholds": thresholds(network, validation),
    }
    write_json(result, FILE)
    print(FILE.read_text(encoding="utf-8"))
    return 0


def weights(faces: Any) -> dict[str, dict[str, list[float]]]:
    """Return {sum: {point: [real, imaginary]}}, as in a `PointConvention`."""
    from facemtl.data.convention_fit import fit_weights, in_boxes
    from facemtl.tasks import LANDMARKS

    z = in_boxes(faces.labels["landmarks"], faces.boxes)
    # Without ridge regression: 9,000 faces determine the weights of 5 points.
    middle, side = fit_weights(z, LANDMARKS.mirror, noise=0)
    return {
        name: {
            point: [round(float(w.real), 3), round(float(w.imag), 3)]
            for point, w in zip(LANDMARKS.names, found, strict=True)
        }
        for name, found in (("middle", middle), ("side", side))
    }


def thresholds(network: Any, faces: Any) -> list[dict[str, Any]]:
    """Return scores with one pass, and with two for each threshold."""
    settings = {
        "listed": faces,
        f"turned by {TURNED} degrees": turned(faces, TURNED),
        "boxes off": boxes_off(faces),
    }
    rows = [
        {"faces": name, "off": None, **scored(network, own, twice=False)}
        for name, own in settings.items()
    ]
    for off in OFF:
        some = with_limits(network, off, math.exp(RESIZED * off))
        rows += [
            {"faces": name, "off": off, **scored(some, own, twice=True)}
            for name, own in settings.items()
        ]
    return rows


def with_limits(network: Any, offset: float, scale: float) -> Any:
    """Return the network with other limits of its box convention."""
    boxes = network.box_convention
    points = replace(boxes.points, offset=offset, scale=scale)
    other = copy.copy(network)
    other.box_convention = replace(boxes, points=points)
    return other


def boxes_off(faces: Any) -> Any:
    """Return the faces with inaccurate boxes, as from a worse detector."""
    random = np.random.default_rng(0)
    boxes = faces.boxes
    middle, half = (
        (boxes[:, :2] + boxes[:, 2:]) / 2,
        boxes[:, 2:] - boxes[:, :2],
    )
    middle = middle + half * random.uniform(-MOVED, MOVED, middle.shape)
    grown = np.exp(random.uniform(-SCALED, SCALED, (len(boxes), 1)))
    half = half / 2 * grown
    return replace(
        faces, boxes=np.concatenate([middle - half, middle + half], 1)
    )


def scored(network: Any, faces: Any, twice: bool) -> dict[str, Any]:
    """Return share of second passes, NME-box and accuracies, in percent."""
    from scoring import CountingNetwork

    from facemtl.evaluation.faces import predict_faces
    from facemtl.evaluation.scores import score

    asked = CountingNetwork(network)
    found = predict_faces(asked, faces, verbose=0, second_look=twice)
    scores = score(*found)
    attributes = scores["attributes"].values()
    return {
        "again": round(100 * (asked.crops / len(faces) - 1), 1),
        "error_box": round(scores["landmarks"]["mean_error_box"], 3),
        **{
            key: round(float(np.mean([x[key] for x in attributes])), 2)
            for key in ("accuracy", "balanced_accuracy")
        },
    }


if __name__ == "__main__":
    run(main)
