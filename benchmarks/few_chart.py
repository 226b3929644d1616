"""Draw the chart of the study `few` for the README.

    python benchmarks/few_chart.py

reads `results/few/results.json` and writes `docs/few.svg`: the error of 68
points by the number of training faces, as mean ± standard deviation over the
seeds.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.figure

from facemtl.files.destinations import check_file
from facemtl.files.writing import whole_file
from facemtl.process.cli import run

ROOT = Path(__file__).parent.parent
MEASURE = "mean_error_eye_corners"


def main(argv: Sequence[str] | None = None) -> int:
    """Draw the chart."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", metavar="FILE", default=ROOT / "docs/few.svg")
    out = check_file(parser.parse_args(argv).out, "--out")
    file = ROOT / "results/few/results.json"
    groups = json.loads(file.read_text(encoding="utf-8"))["groups"]
    with whole_file(out) as part:
        draw(groups, part)
    print(out)
    return 0


def draw(groups: list[dict[str, Any]], file: Path) -> None:
    """Draw one line per variant over the numbers of faces."""
    # The same file for the same numbers.
    mpl.rcParams["svg.hashsalt"] = "facemtl"
    figure = mpl.figure.Figure(figsize=(6, 3.5), layout="constrained")
    axes = figure.add_subplot()
    faces = [int(x["name"].split()[0].replace(",", "")) for x in groups]
    for i, variant in enumerate(groups[0]["variants"]):
        scores = [
            x["variants"][i]["scores"]["validation"][MEASURE] for x in groups
        ]
        axes.errorbar(
            faces,
            [score["mean"] for score in scores],
            [score["std"] for score in scores],
            label=variant["name"],
            marker="o",
            capsize=3,
        )
    axes.set_xscale("log")
    axes.set_xticks(faces, [f"{n:,}" for n in faces])
    axes.minorticks_off()
    axes.set_xlabel("training faces")
    axes.set_ylabel("NME-eye corners, %")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(file, format="svg", metadata={"Date": None})


if __name__ == "__main__":
    run(main)
