"""Score networks on photos of a source that they were not trained on.

    python presets/held_out.py --data data/MTFL

MTFL's training photos come from the news (`lfw_5590`) and from the web
(`net_7876`). The command trains the variants of `presets/held_out.toml` on one
source and scores the other, without test faces. It writes
`presets/held_out.json`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from preset_runs import parsed_runs, runs_parser, write_result

from facemtl.process.cli import run

HERE = Path(__file__).parent
KINDS = ("lfw_5590", "net_7876")


def main(argv: Sequence[str] | None = None) -> int:
    """Train on each source, score the other, and write the result."""
    args = parsed_runs(runs_parser(__doc__, "runs/held_out"), argv)
    from facemtl.studies.run import list_runs
    from facemtl.studies.runner import train_all
    from facemtl.studies.study import load_study

    study = load_study(HERE / "held_out.toml")
    rows = []
    for kind in KINDS:
        source = write_source(args.data, kind, args.runs)
        runs = list_runs(study, str(source), args.runs)
        train_all(runs, args.jobs)
        rows += [{"held_out": kind, **scores(run), **gray(run)} for run in runs]
    write_result(HERE / "held_out.json", {"runs": rows})
    return 0


def write_source(data: str, kind: str, folder: Path) -> Path:
    """Write a CSV of the training photos; those of `kind` are test faces."""
    from facemtl.data.csv.writer import write_csv
    from facemtl.data.faces import BadRows
    from facemtl.data.sources import load_split
    from facemtl.files.writing import write_whole
    from facemtl.tasks import MTFL_TASKS

    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"without_{kind}.csv"
    rows: list[str] = []
    for split in ("train", "val"):
        faces = load_split(data, split, MTFL_TASKS, BadRows())
        others = (Path(name).parts[0] == kind for name in faces.names)
        splits = ["test" if other else split for other in others]
        write_csv(faces, file, Path(data).resolve(), {"split": splits})
        # The second part, without its header.
        rows += file.read_text("utf-8").splitlines()[bool(rows) :]
    write_whole("\n".join([*rows, ""]), file)
    return file


def scores(run: Any) -> dict[str, Any]:
    """Return a run's scores on its own source (validation) and the other."""
    from facemtl.evaluation.scores import headline

    report = run.report()
    return {
        "network": run.variant.group,
        "variant": run.variant.name,
        "own": headline(report["scores"]["validation"]),
        "other": headline(report["scores"]["test"]),
    }


def gray(run: Any) -> dict[str, Any]:
    """Return scores of a color network on the held-out faces in gray."""
    from facemtl.data.faces import BadRows
    from facemtl.data.sources import load_split
    from facemtl.evaluation.faces import predict_faces
    from facemtl.evaluation.scores import headline, score
    from facemtl.inference.runtimes import load_network

    if run.config["data"]["color"] == "gray":
        return {}
    network = load_network(run.folder)
    source = run.config["data"]["source"]
    faces = load_split(source, "test", network.tasks, BadRows())
    answers = predict_faces(Gray(network), faces, verbose=0, second_look=False)
    return {"other_gray": headline(score(*answers))}


class Gray:
    """A color network that gets gray crops."""

    def __init__(self, network: Any) -> None:
        self.network = network
        self.tasks, self.crop = network.tasks, network.crop
        self.box_convention = network.box_convention

    def predict(
        self, x: np.ndarray, batch_size: int = 250, verbose: Any = 0
    ) -> dict[str, np.ndarray]:
        """Predict from the mean of the channels."""
        mean = x.mean(axis=-1, keepdims=True).round().astype(x.dtype)
        gray = np.repeat(mean, 3, axis=-1)
        return self.network.predict(gray, batch_size, verbose)


if __name__ == "__main__":
    run(main)
