"""How far predictions move where a face is shown a little otherwise.

    PYTHONPATH=. build/peers/bin/python benchmarks/peers/stability.py \
        --data data/MTFL

Boxes moved by one and two pixels and by as much of a crop of 40 pixels, boxes
larger and smaller, photos compressed anew, and mirror images: our presets, with
one pass and with two, beside O-Net, on MTFL's test faces. `README.md` beside
this file has the set-up. Results: `stability.json` and `stability.md`. Nothing
is chosen by them.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from accuracy import both_passes, shown
from changes import changes
from onet import OnnxONet
from placement import Placement
from predictors import Predictor, circumstances, ours

from facemtl.arguments import checked_count
from facemtl.data.faces import Faces
from facemtl.files.writing import write_json, write_whole
from facemtl.markdown import table
from facemtl.presets import find_pretrained
from facemtl.process.cli import run

HERE = Path(__file__).parent
FILE, PEERS = HERE / "stability.json", HERE / "peers.json"
COMMAND = (
    "PYTHONPATH=. build/peers/bin/python benchmarks/peers/stability.py "
    "--data data/MTFL"
)
ONET = "O-Net"
NEAR = 1.0  # percent of the box
PACKAGES = (
    *("numpy", "torch", "facenet-pytorch", "onnxruntime"),
    *("ai-edge-litert", "opencv-python-headless"),
)


def shifts(
    predictor: Predictor,
    placement: Placement,
    faces: Faces,
    photos: Sequence[np.ndarray],
) -> dict[str, dict[str, Any]]:
    """{passes: {change: how far points move}}.

    Args:
        predictor: ours have one pass, and two.
        placement: of the predictor's boxes beside the listed ones.
        faces: N faces, one a photo.
        photos: theirs.
    """
    width = (faces.boxes[:, 2] - faces.boxes[:, 0])[:, None]
    wanted = points_of(predictor, photos, placement.boxes(faces.boxes))
    found: dict[str, dict[str, Any]] = {passes: {} for passes in wanted}
    for name, ways in changes(photos, faces.boxes):
        moves: dict[str, list[np.ndarray]] = {passes: [] for passes in wanted}
        for other, boxes, back in ways:
            points = points_of(predictor, other, placement.boxes(boxes))
            for passes, some in points.items():
                off = np.linalg.norm(back(some) - wanted[passes], axis=-1)
                moves[passes].append(100 * off / width)
        for passes, parts in moves.items():
            found[passes][name] = spread(np.concatenate(parts))
    return found


def points_of(
    predictor: Predictor, photos: Sequence[np.ndarray], boxes: np.ndarray
) -> dict[str, np.ndarray]:
    """{passes: points (N, 5, 2) in photo pixels}."""
    first, second, _ = both_passes(predictor, photos, boxes)
    found = {"one pass": first["landmarks"]}
    if predictor.looks_again:
        found["two passes"] = second["landmarks"]
    return found


def spread(moves: np.ndarray) -> dict[str, float]:
    """Of the points' moves, in percent of the box.

    Example:

    >>> spread(np.array([[0.2, 0.4], [0.6, 1.4]]))
    {'median': 0.5, 'percentile_95': 1.28, 'near': 75.0}
    """
    return {
        "median": round(float(np.median(moves)), 3),
        "percentile_95": round(float(np.percentile(moves, 95)), 3),
        "near": round(float(100 * (moves <= NEAR).mean()), 2),
    }


def measured(data: str, n: int) -> dict[str, Any]:
    """All that `stability.json` holds."""
    faces, photos = shown(data, "test", n)
    box = json.loads(PEERS.read_text("utf-8"))["predictors"][
        "O-Net, onnxruntime"
    ]
    placed = {k: x for k, x in box["box"].items() if k != "error"}
    given: dict[str, Any] = {name: make() for name, make in ours([]).items()}
    rows = {}
    for name, predictor in {**given, ONET: OnnxONet()}.items():
        own = Placement(**placed) if name == ONET else Placement()
        rows[name] = shifts(predictor, own, faces, photos)
        print(name, json.dumps(rows[name]), flush=True)
    return {
        "command": COMMAND,
        **circumstances(*PACKAGES),
        "bytes": {x: find_pretrained(x).stat().st_size for x in given},
        "faces": len(faces),
        "widths": [
            round(float(x))
            for x in np.percentile(
                faces.boxes[:, 2] - faces.boxes[:, 0], (5, 50, 95)
            )
        ],
        "predictors": rows,
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, help="folder of MTFL")
    parser.add_argument(
        "--faces", type=int, default=1000, help="at most (default: 1000)"
    )
    args = parser.parse_args(argv)
    checked_count("--faces", args.faces)
    cv2.setNumThreads(1)
    results = measured(args.data, args.faces)
    write_json(results, FILE)
    write_whole(document(results) + "\n", FILE.with_suffix(".md"))
    print(document(results))
    return 0


def document(results: Mapping[str, Any]) -> str:
    """All of `stability.md`."""
    versions = ", ".join(f"{k} {v}" for k, v in results["versions"].items())
    rows = {
        name if len(part) == 1 else f"`{name}`, {passes}": of_change
        for name, part in results["predictors"].items()
        for passes, of_change in part.items()
    }
    return "\n\n".join(
        [
            "# How far predictions move where a face is shown otherwise",
            f"    {results['command']}",
            f"{results['machine']}. {versions}.",
            words(results),
            change_table(rows),
        ]
    )


def words(results: Mapping[str, Any]) -> str:
    """What is in the table."""
    low, middle, high = results["widths"]
    return (
        f"Of {results['faces']:,} test faces of MTFL (AFLW), whose boxes are "
        f"{middle} pixels wide (the middle 90 %: {low} to {high}): by how "
        "much of the box's width the five points move in the photo, median / "
        "95th percentile, and of the mirror image how many percent of the "
        f"points lie within {NEAR:g} %. Boxes are moved to four sides; 2.5 "
        "and 5 % are one and two pixels of a crop of 40 (`tiny`, `base`). A "
        "cell of the presets' heat maps is two such pixels wide: by two, the "
        "maps move as a whole, so that points move less than by one. `large` "
        "predicts the mean with its mirror image."
    )


def change_table(rows: Mapping[str, Mapping[str, Any]]) -> str:
    """A row a change, a column a predictor."""
    names = list(next(iter(rows.values())))
    cells = [[name, *(cell(x[name]) for x in rows.values())] for name in names]
    near = [f"{x['mirror image']['near']:.1f}" for x in rows.values()]
    last = [f"mirror image: points within {NEAR:g} %, %", *near]
    return table(["", *rows], [*cells, last])


def cell(moves: Mapping[str, float]) -> str:
    """Median / 95th percentile."""
    return f"{moves['median']:.2f} / {moves['percentile_95']:.2f}"


if __name__ == "__main__":
    run(main)
