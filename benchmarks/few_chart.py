"""Draw the chart of the study `few` for the README.

    python benchmarks/few_chart.py

reads the results of `few` and of `few/heads_first` and writes `docs/few.svg`:
the error of 68 points by the number of training faces, as mean ± standard
deviation over the seeds.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import matplotlib.figure

from facemtl.files.destinations import check_file
from facemtl.files.writing import whole_file
from facemtl.process.cli import run

ROOT = Path(__file__).parent.parent
MEASURE = "mean_error_eye_corners"
LINES = (
    ("few", "from scratch"),
    ("few", "from base"),
    ("few/heads_first", "from base, heads first"),
    ("few", "from base, trunk frozen"),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Draw the chart."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", metavar="FILE", default=ROOT / "docs/few.svg")
    out = check_file(parser.parse_args(argv).out, "--out")
    with whole_file(out) as part:
        draw(part)
    print(out)
    return 0


def draw(file: Path) -> None:
    """Draw one line per variant over the numbers of faces."""
    # The same file for the same numbers.
    mpl.rcParams["svg.hashsalt"] = "facemtl"
    figure = mpl.figure.Figure(figsize=(6, 3.5), layout="constrained")
    axes = figure.add_subplot()
    for study, variant in LINES:
        scores = scores_of(study, variant)
        axes.errorbar(
            list(scores),
            [score["mean"] for score in scores.values()],
            [score["std"] for score in scores.values()],
            label=variant,
            marker="o",
            capsize=3,
        )
    axes.set_xscale("log")
    axes.set_xticks(list(scores), [f"{n:,}" for n in scores])
    axes.minorticks_off()
    axes.set_xlabel("training faces")
    axes.set_ylabel("NME-eye corners, %")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(file, format="svg", metadata={"Date": None})


def scores_of(study: str, variant: str) -> dict[int, dict[str, float]]:
    """Return a variant's scores by the number of training faces."""
    file = ROOT / "results" / study / "results.json"
    found = {}
    for group in json.loads(file.read_text(encoding="utf-8"))["groups"]:
        faces = int(group["name"].split()[0].replace(",", ""))
        own = next(x for x in group["variants"] if x["name"] == variant)
        found[faces] = own["scores"]["validation"][MEASURE]
    return found


if __name__ == "__main__":
    run(main)
