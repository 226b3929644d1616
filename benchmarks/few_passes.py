"""Score the networks of `results/few/long` with two passes and mirrored.

    facemtl compare results/few/long/long.toml --data POINTS68/labels.csv \
        --runs runs/few_long
    python benchmarks/few_passes.py --data POINTS68/labels.csv \
        --runs runs/few_long

The study scores one pass. `facemtl predict` runs a second one, and an export
with `--mirrored` predicts the mean of a face and its mirror image. Writes
`results/few/long/passes.json` and `passes.md`.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from facemtl import markdown
from facemtl.files.destinations import check_file
from facemtl.files.writing import write_json, write_whole
from facemtl.process.cli import load_tensorflow, run

FOLDER = Path(__file__).parent.parent / "results/few/long"
COMMAND = (
    "python benchmarks/few_passes.py --data POINTS68/labels.csv "
    "--runs runs/few_long"
)
MEASURE = "mean_error_eye_corners"
# Title of a column: whether it is mirrored, and whether it has two passes.
WAYS = {
    "one pass": (False, False),
    "two passes": (False, True),
    "mirrored, two passes": (True, True),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Score, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", required=True, help="CSV with 68 points")
    parser.add_argument("--runs", required=True, help="runs of the study")
    parser.add_argument("--out", metavar="JSON", default=FOLDER / "passes.json")
    args = parser.parse_args(argv)
    args.out = check_file(args.out, "--out")
    load_tensorflow()
    from facemtl.process.environment import machine, versions

    result = {
        "command": COMMAND,
        "machine": machine(),
        "versions": versions(),
        "variants": measured(args.data, args.runs),
    }
    write_json(result, args.out)
    text = document(result)
    write_whole(text, args.out.with_suffix(".md"))
    print(text)
    return 0


def measured(data: str, folder: str) -> dict[str, dict[str, list[float]]]:
    """Return {variant: {way: error of each seed}} on the validation faces."""
    from facemtl.data.faces import BadRows
    from facemtl.data.sources import load_splits
    from facemtl.settings import settings_of
    from facemtl.studies.run import list_runs
    from facemtl.studies.study import load_study

    found: dict[str, dict[str, list[float]]] = {}
    runs = list_runs(load_study(FOLDER / "long.toml"), data, folder)
    settings = settings_of(runs[0].config).data
    faces = load_splits(settings, BadRows()).validation
    for one in runs:
        own = found.setdefault(one.variant.name, {way: [] for way in WAYS})
        for way, scores in own.items():
            scores.append(error_of(one.folder, faces, *WAYS[way]))
    return found


def error_of(folder: Path, faces: Any, mirrored: bool, twice: bool) -> float:
    """Return the NME by the outer eye corners in percent."""
    from facemtl.evaluation.faces import evaluate_faces
    from facemtl.models import load_model

    network = load_model(folder)
    network = network.with_mirror() if mirrored else network
    scores = evaluate_faces(network, faces, verbose=0, second_look=twice)
    error: float = scores["landmarks"][MEASURE]
    return error


def document(result: dict[str, Any]) -> str:
    """Return the table in Markdown."""
    rows = [
        [name, *(f"{mean(x):.2f} ± {stdev(x):.2f}" for x in own.values())]
        for name, own in result["variants"].items()
    ]
    return (
        f"`{result['command']}`, {result['machine']}: NME of 68 points in "
        "percent of the distance of the outer eye corners, validation faces, "
        "mean ± standard deviation over seeds.\n\n"
        f"{markdown.table(['120 epochs', *WAYS], rows)}\n"
    )


if __name__ == "__main__":
    run(main)
