"""Measure what improves gender and smile: more faces, or more networks.

    python presets/ceiling.py --data data/MTFL

The command trains `base` on a quarter, a half and all of the training faces,
with more epochs for fewer faces, and scores the mean predictions of one to six
trained networks. Finished runs are not repeated. It writes
`presets/ceiling.json`.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from preset_runs import parsed_runs, runs_of, runs_parser, write_result

from facemtl.process.cli import run

FILE = Path(__file__).with_suffix(".json")
EPOCHS = {0.25: 80, 0.5: 56, 1.0: 40}
SEEDS = 2
SPLITS = {"validation": "val", "test": "test"}
MEMBERS = ("base", "large")  # all seeds of each


def main(argv: Sequence[str] | None = None) -> int:
    """Train, score and write the result."""
    args = parsed_runs(runs_parser(__doc__), argv)
    of_shares = shares(args.data, args.runs, args.jobs)
    of_ensembles = list(ensembles(args.data, args.runs))
    write_result(FILE, {"shares": of_shares, "ensembles": of_ensembles})
    return 0


def shares(data: str, folder: Path, jobs: int) -> list[dict[str, Any]]:
    """Return scores of `base` by its share of the training faces."""
    from facemtl.evaluation.scores import headline
    from facemtl.studies.runner import train_all

    of_share = {
        share: runs_of(
            *("base", SEEDS, data, folder),
            (f"data.train_share={share}", f"train.epochs={epochs}"),
        )
        for share, epochs in EPOCHS.items()
    }
    train_all([run for runs in of_share.values() for run in runs], jobs)
    rows = []
    for share, runs in of_share.items():
        scores = [run.report()["scores"] for run in runs]
        of_split = {x: [headline(s[x]) for s in scores] for x in SPLITS}
        rows.append({"share": share, "epochs": EPOCHS[share], **of_split})
    return rows


def ensembles(data: str, folder: Path) -> Iterator[dict[str, Any]]:
    """Yield scores of mean predictions of the first 1, 2, … networks, mirrored
    and with two passes."""
    from facemtl.data.faces import BadRows
    from facemtl.data.sources import load_split
    from facemtl.evaluation.faces import predict_faces
    from facemtl.evaluation.scores import headline, score
    from facemtl.inference.runtimes.keras import KerasRuntime
    from facemtl.models import load_model
    from facemtl.tasks import MTFL_TASKS

    faces = {
        split: load_split(data, part, MTFL_TASKS, BadRows())
        for split, part in SPLITS.items()
    }
    members = [run for x in MEMBERS for run in runs_of(x, 3, data, folder)]
    total: dict[str, Any] = {}
    for n, member in enumerate(members, start=1):
        network = KerasRuntime(load_model(member.folder).with_mirror())
        row: dict[str, Any] = {"networks": n, "last": member.variant.name}
        for split, own in faces.items():
            seen, found = predict_faces(
                network, own, verbose=0, second_look=True
            )
            before = total.get(split, {})
            total[split] = {k: y + before.get(k, 0) for k, y in found.items()}
            mean = {k: y / n for k, y in total[split].items()}
            row[split] = headline(score(seen, mean))
        print(row, flush=True)
        yield row


if __name__ == "__main__":
    run(main)
