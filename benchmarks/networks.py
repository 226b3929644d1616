"""Train the four networks with several seeds and tabulate their scores.

    python benchmarks/networks.py --data data/MTFL

Every run is one `facemtl fit` in a process and on a thread of its own; a
killed benchmark goes on where it was. Results: `benchmarks/networks.json` and
`benchmarks/networks.md`.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import mean, stdev

from facemtl.cli import run
from facemtl.config import preset_names

HERE = Path(__file__).parent
LANDMARKS = (
    "mean_error_box",
    "failure_rate_box_5",
    "mean_error_interocular",
    "failure_rate_interocular_10",
    "mean_error_interocular_shift_free",
)


def fit(name: str, seed: int, args: argparse.Namespace) -> dict:
    """One run in its own process; its report."""
    out = Path(args.runs) / f"{name}-{seed}"
    sets = [word for x in args.settings for word in ("--set", x)]
    command = [
        *(sys.executable, "-m", "facemtl.fit", "--data", args.data),
        *("--model", name, "--seed", str(seed), "--out", str(out)),
        *("--set", "train.threads=1", *sets, "--resume"),
    ]
    out.parent.mkdir(parents=True, exist_ok=True)
    with (out.parent / f"{name}-{seed}.log").open("w") as log:
        subprocess.run(command, check=True, stdout=log, stderr=log)
    print(f"{name}, seed {seed}: done", flush=True)
    return json.loads((out / "report.json").read_text())


def numbers(report: dict, split: str) -> dict[str, float]:
    """The scores of one run that the table shows."""
    scores = report["scores"][split]
    points = {key: scores["landmarks"][key] for key in LANDMARKS}
    attributes = {
        f"{task} {key}": part[key]
        for task, part in scores.get("attributes", {}).items()
        for key in ("accuracy", "balanced_accuracy")
    }
    return points | attributes


def summary(reports: Sequence[dict]) -> dict:
    """Mean and standard deviation over seeds, for each split."""
    result: dict = {
        "parameters": reports[0]["parameters"],
        "seeds": [report["seed"] for report in reports],
        "epochs": reports[0]["epochs"],
        "seconds": [report["seconds"] for report in reports],
    }
    for split in ("validation", "test"):
        rows = [numbers(report, split) for report in reports]
        result[split] = {
            key: {
                "mean": round(mean(row[key] for row in rows), 3),
                "std": round(stdev(row[key] for row in rows), 3),
                "runs": [row[key] for row in rows],
            }
            for key in rows[0]
        }
    return result


def markdown(results: dict[str, dict], split: str) -> str:
    """One split as a table, a line a network."""
    keys = list(dict.fromkeys(k for x in results.values() for k in x[split]))
    titles = [key.replace("_", " ") for key in keys]
    lines = [
        f"| {split} | " + " | ".join(titles) + " |",
        "|---" * (len(keys) + 1) + "|",
    ]
    for name, result in results.items():
        cells = [
            "{mean:.2f} ± {std:.2f}".format(**result[split][key])
            if key in result[split]
            else "–"
            for key in keys
        ]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> int:
    """Train what is not trained yet, and write both files."""
    parser = argparse.ArgumentParser(description="The four networks, seeded.")
    parser.add_argument("--data", required=True, help="a folder of MTFL")
    parser.add_argument("--runs", default="runs/networks")
    parser.add_argument("--seeds", type=int, default=3, metavar="N")
    parser.add_argument("--jobs", type=int, default=2, help="runs at a time")
    parser.add_argument(
        *("--set",), dest="settings", action="append", default=[]
    )
    args = parser.parse_args(argv)
    names = preset_names()
    wanted = [(n, s) for s in range(args.seeds) for n in names]
    with ThreadPoolExecutor(args.jobs) as pool:
        reports = list(pool.map(lambda job: fit(job[0], job[1], args), wanted))
    results = {
        n: summary(
            [r for (k, _), r in zip(wanted, reports, strict=True) if k == n]
        )
        for n in names
    }
    how = {key: reports[0][key] for key in ("machine", "versions")}
    content = {"circumstances": how, "networks": results}
    (HERE / "networks.json").write_text(json.dumps(content, indent=2) + "\n")
    text = "\n\n".join(markdown(results, x) for x in ("validation", "test"))
    (HERE / "networks.md").write_text(text + "\n")
    print(text)
    return 0


if __name__ == "__main__":
    run(main)
