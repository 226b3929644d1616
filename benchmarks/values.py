"""Values in any unit beside landmarks: ages, birth years, one wrong label.

    python benchmarks/values.py

Drawn faces whose age is how much they smile, 0 to 80. Landmarks are trained
alone, with ages, with birth years (1,975 more), and with ages of which one is
a birth year. Results: `benchmarks/values.json`. Before values were learned in
units of their spread, birth years had a mean absolute error of 30.0 and left
the landmarks at an NME-box of 8.97 % (617b53a, the same command).
"""

import argparse
import json
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import mean
from typing import Any

import cv2
import numpy as np

from facemtl.arguments import checked_count
from facemtl.config import load_config
from facemtl.data.convert.write import tasks_toml
from facemtl.data.csv.writer import write_csv
from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.data.synthetic.sample import people
from facemtl.files.destinations import check_file
from facemtl.files.writing import write_whole
from facemtl.process.cli import run
from facemtl.tasks import LANDMARKS, Task
from facemtl.training.runs import train

FILE = Path(__file__).parent / "values.json"
AGE = Task("age", "value")
KINDS = ("none", "ages", "birth years", "ages, one birth year")


def ages(kind: str, n: int) -> np.ndarray:
    """(N,) labels of drawn faces; NaN for `"none"`."""
    smile = people(0, np.arange(n), 160).head.smile
    young = np.round(80 * np.clip((smile + 0.35) / 1.45, 0, 1), 1)
    if kind == "none":
        return np.full(n, np.nan)
    if kind == "ages, one birth year":
        # Of a training face.
        young[np.arange(n) == n // 2] += 1975
        return young
    return young + 1975 * (kind == "birth years")


def write_faces(folder: Path, kind: str, n: int) -> Path:
    """A CSV of drawn faces whose last fifth is the validation set."""
    folder.mkdir(parents=True, exist_ok=True)
    faces = synthetic_faces(n)
    names = [f"{i}.png" for i in range(n)]
    for name, drawn in zip(names, faces.names, strict=True):
        file = folder.parent / name
        if not file.is_file():
            photo = faces.images.read(drawn)
            cv2.imwrite(str(file), cv2.cvtColor(photo, cv2.COLOR_RGB2BGR))
    labels = {"landmarks": faces.labels["landmarks"], "age": ages(kind, n)}
    table = replace(
        faces, tasks=(LANDMARKS, AGE), labels=labels, names=np.array(names)
    )
    toml = tasks_toml(table.tasks)
    (folder / "tasks.toml").write_text(toml, encoding="utf-8")
    splits = ["val" if i >= 0.8 * n else "train" for i in range(n)]
    write_csv(table, folder / "faces.csv", folder.parent, {"split": splits})
    return folder / "faces.csv"


def measure(
    folder: Path, kind: str, n: int, epochs: int, seed: int
) -> dict[str, Any]:
    """NME-box, %, and the ages' mean absolute error of one run."""
    source = write_faces(folder / kind, kind, n)
    settings = [f"data.source={source}", f"train.epochs={epochs}"]
    config = load_config("split", settings=[*settings, f"train.seed={seed}"])
    report = train(config, folder / kind / f"run{seed}", verbose=0)
    scores = report["scores"]["validation"]
    values = scores.get("values", {}).get("age", {})
    return {
        "NME-box, %": scores["landmarks"]["mean_error_box"],
        "MAE": values.get("mean_absolute_error"),
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Train, print and write."""
    parser = argparse.ArgumentParser(description="Values in any unit.")
    parser.add_argument("--faces", type=int, default=2000)
    parser.add_argument("--epochs", type=int, default=16)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--out", default=FILE)
    args = parser.parse_args(argv)
    args.out = check_file(args.out, "--out")
    for name in ("faces", "epochs", "seeds"):
        checked_count(f"--{name}", getattr(args, name))
    rows = {}
    with tempfile.TemporaryDirectory() as folder:
        for kind in KINDS:
            runs = [
                measure(Path(folder), kind, args.faces, args.epochs, seed)
                for seed in range(args.seeds)
            ]
            rows[kind] = {
                key: {
                    "mean": round(mean(x[key] for x in runs), 3),
                    "runs": [x[key] for x in runs],
                }
                for key in runs[0]
                if runs[0][key] is not None
            }
            print(kind, json.dumps(rows[kind]), flush=True)
    settings = {"faces": args.faces, "epochs": args.epochs}
    text = json.dumps({**settings, "labels": rows}, indent=1)
    write_whole(text + "\n", args.out)
    return 0


if __name__ == "__main__":
    run(main)
