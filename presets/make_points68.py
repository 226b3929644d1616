"""Train the preset `points68`, put it into the package, and write its card.

    python presets/make_points68.py --data POINTS68/labels.csv \
        --more MORE/labels.csv

POINTS68 has 1,340 training faces, which are few. Three networks, which start
from `large` and `base`, learn its points; the means of their predictions label
33,705 faces of MORE. The preset is trained on both, then on POINTS68 alone.
With the first of the three, it labels the faces of MORE's folder `celeba`
again, and is trained on both. Last, its crops become 54 instead of 56 pixels
wide, which takes 8 % less time, and it is trained on both and on POINTS68 alone
once more. The 335 validation faces are in no training set. Finished steps in
`--runs` are not repeated. The scores go to `presets/points68.json`.
"""

import argparse
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from facemtl import fit
from facemtl.config import PRESETS
from facemtl.errors import InputError
from facemtl.files.destinations import check_folder
from facemtl.process.cli import load_tensorflow, run

HERE = Path(__file__).parent
NAME = "points68"
FILE = "model_float16.tflite"
# The networks that label faces: what they start from, and their settings.
STRONG = ("shift=0.05", "scale=0.1", "rotation=15", "occlusion=0.2")
LABELLERS = {
    "first": ("large", 200, [f"augment.{x}" for x in STRONG]),
    "second": ("large", 60, []),
    "third": ("base", 120, []),
}
# Epochs of the preset's own runs.
EPOCHS = {"all": 10, "own": 150, "again": 8, "both": 3, "last": 10}
RATES = {"own": 0.003, "again": 0.003, "both": 0.002, "last": 0.001}
LARGER, SIZE = 56, 54  # pixels a side of the crops, first and last
DATA = (
    "POINTS68: 1,340 training photos of Helen and LFPW with iBUG's points "
    "(300-W, Sagonas et al., ICCVW 2013); and 33,705 faces of CelebA and "
    "UTKFace, labelled by networks that started from `large` and `base` (MTFL)"
)
LICENCE = "research only; so is a network trained on it"


def main(argv: Sequence[str] | None = None) -> int:
    """Label, train, export, score, and write."""
    args = _parsed(argv)
    load_tensorflow()
    from card68 import write_card
    from packed import file_facts, write_preset

    from facemtl.export.tflite import write_tflite
    from facemtl.files.writing import write_json
    from facemtl.models import load_model

    folder = trained(args.data, args.more, args.runs)
    network = load_model(folder)
    sidecar, file = sidecar_of(network, folder), folder / FILE
    write_tflite(network, sidecar, file, "float16")
    result = described(folder, file, args.data)
    shutil.copy(file, args.out / f"{NAME}.tflite")
    write_preset(network, sidecar, result["seeds"][0], args.out, NAME)
    keras = args.out / f"{NAME}.keras"
    result["keras"] = file_facts(keras, result["command"])
    write_json(result, args.scores / f"{NAME}.json")
    write_card(result, args.out / f"{NAME}.md")
    print((args.out / f"{NAME}.md").read_text(encoding="utf-8"))
    return 0


def _parsed(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, help="CSV with 68 points")
    parser.add_argument("--more", required=True, help="CSV of further faces")
    parser.add_argument("--runs", default=f"runs/{NAME}")
    parser.add_argument("--out", default=PRESETS)
    parser.add_argument("--scores", default=HERE, help="folder of the JSON")
    args = parser.parse_args(argv)
    for name in ("runs", "out", "scores"):
        path = check_folder(getattr(args, name), f"--{name}")
        setattr(args, name, Path(path))
    for name in ("data", "more"):
        # The second one is read an hour after the first.
        if not Path(getattr(args, name)).is_file():
            raise InputError(
                f"Expected --{name} as a CSV. Received: {getattr(args, name)}."
            )
    return args


def trained(data: str, more: str, runs: Path) -> Path:
    """Train all networks; return the run folder of the preset's."""
    real = [
        *("--data", data, "--set", "data.tasks=points68"),
        *("--set", "data.validation_share=0.2", "--set", "start.rate=1"),
        *("--set", "start.heads_first=0"),
    ]
    for name, (start, epochs, settings) in LABELLERS.items():
        words = ["--from", start, *real, "--epochs", str(epochs)]
        words += [x for setting in settings for x in ("--set", setting)]
        _fit(words, runs / name)
    labellers = [runs / name for name in LABELLERS]
    faces = write_labels(data, more, labellers, runs / "faces.csv", 3)
    layout = ["--set", "data.tasks=points68"]
    words = ["--model", NAME, "--data", str(faces), *layout]
    words += ["--set", f"data.size={LARGER}"]
    _fit([*words, "--epochs", str(EPOCHS["all"])], runs / "all")
    _fit(["--from", str(runs / "all"), *real, *_length("own")], runs / "own")
    labellers = [runs / "own", labellers[0]]
    faces = write_labels(
        data, more, labellers, runs / "again.csv", 6, part="celeba"
    )
    words = ["--data", str(faces), *layout, "--set", "start.rate=1"]
    words += ["--set", "augment.occlusion=0.3"]
    begin = ["--from", str(runs / "own")]
    _fit([*begin, *words, *_length("again")], runs / "again")
    begin = ["--from", str(resized(runs / "again", runs / "smaller"))]
    _fit([*begin, *words, *_length("both")], runs / "both")
    _fit(["--from", str(runs / "both"), *real, *_length("last")], runs / "last")
    return runs / "last"


def resized(run: Path, folder: Path) -> Path:
    """Write a run's network for smaller crops; return the folder.

    All its arrays keep their shapes: its last maps have the same size.
    """
    from facemtl.models import FaceNetwork, load_model

    if not (folder / "model.keras").exists():
        network = load_model(run)
        config = network.get_config()
        config["crop"] = {**config["crop"], "size": SIZE}
        smaller = FaceNetwork.from_config(config)
        smaller.set_weights(network.get_weights())
        folder.mkdir(parents=True, exist_ok=True)
        smaller.save(folder / "model.keras")
        shutil.copy(run / "config.toml", folder)
    return folder


def _length(name: str) -> list[str]:
    rate = ["--set", f"train.learning_rate={RATES[name]}"]
    return [*rate, "--epochs", str(EPOCHS[name])]


def _fit(words: Sequence[str], folder: Path) -> None:
    """Run `facemtl fit`; a finished run is kept."""
    fit.main([*words, "--out", str(folder), "--resume"])


def write_labels(
    data: str,
    more: str,
    labellers: Sequence[Path],
    file: Path,
    repeat: int,
    part: str = "",
) -> Path:
    """Write faces to train on, and return their CSV.

    `split.csv` beside it has the faces of POINTS68 alone, with the validation
    faces as `test`, for `facemtl export --check`.

    Args:
        data, more: the CSVs of both sets.
        labellers: run folders of the networks that label `more`.
        file: the CSV to write, unless it exists.
        repeat: how often to take each face of `data`.
        part: see `labelled_faces.labelled`.
    """
    from labelled_faces import labelled, splits, write_faces

    if not file.exists():
        own = splits(data)
        others = labelled(more, labellers, part)
        train, kept = (own.train, "train"), own.validation
        write_faces([train, (kept, "test")], file.with_name("split.csv"))
        parts = [*[train] * repeat, (kept, "val"), (others, "train")]
        write_faces(parts, file)
    return file


def described(folder: Path, file: Path, data: str) -> dict[str, Any]:
    """Return all numbers of the preset."""
    from labelled_faces import data_settings
    from make import TRAINING
    from scoring import scores_of

    from facemtl.process.environment import machine, versions
    from facemtl.training.run_start import read_report

    report = read_report(folder) or {}
    validation = {"validation": "val"}
    return {
        "preset": NAME,
        "command": f"python presets/{Path(__file__).name} --data "
        "POINTS68/labels.csv --more MORE/labels.csv",
        "mirrored": False,
        "machine": machine(),
        "versions": versions("ai-edge-litert"),
        "bytes": file.stat().st_size,
        "seed": 0,
        "data": DATA,
        "training": [{key: report[key] for key in TRAINING}],
        "seeds": [scores_of(file, data, validation, data_settings(data))],
        **_apart(file, data),
    }


def _apart(file: Path, data: str) -> dict[str, Any]:
    """Return the error without faces that are nearly training faces."""
    from labelled_faces import TASK, seen_before, splits

    from facemtl.evaluation.faces import evaluate_faces
    from facemtl.evaluation.normalizers import error_key

    assert TASK.normalizer is not None
    own = splits(data)
    alike = seen_before(own)
    scores = evaluate_faces(file, own.validation.select(~alike), verbose=0)
    error = scores[TASK.name][error_key(TASK.normalizer.name)]
    return {"alike": int(alike.sum()), "without_alike": error}


def sidecar_of(network: Any, folder: Path) -> Any:
    """Return the sidecar of a run's network, with the data and licence."""
    from facemtl.export.description import describe

    sidecar = describe(network, folder, LICENCE)
    return replace(sidecar, training={**sidecar.training, "data": DATA})


if __name__ == "__main__":
    run(main)
