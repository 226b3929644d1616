"""Train presets on MTFL and MORE in several ways, and compare them.

    python presets/more_points.py data/MORE/labels.csv --out runs/more.csv
    python presets/sources.py --data data/MTFL --more runs/more.csv \
        --people data/MORE/people.csv

trains the runs of `RUNS` (finished ones are not repeated), scores them on the
validation faces of both sources and on AFLW with two passes, and writes
`presets/sources.json` and `presets/sources.md`. Choices are made by the
validation faces; AFLW's are reported.
"""

import argparse
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from more_faces import write_part
from preset_runs import parsed_runs, runs_parser
from sources_scores import mean_of, predictions, scores_of
from sources_table import MEAN, document

from facemtl.config import Config, load_config
from facemtl.errors import InputError
from facemtl.process.cli import run

HERE = Path(__file__).parent
FILE = HERE / "sources.json"
ALL = "all"
MIRRORED = ("large",)  # presets that average a face and its mirror image
COMMAND = (
    "python presets/sources.py --data data/MTFL --more runs/more.csv "
    "--people data/MORE/people.csv"
)


@dataclass(frozen=True)
class Way:
    """One way to train.

    Args:
        preset: the preset whose settings it has.
        steps: factor on the preset's steps.
        share: share of a batch that is MORE's; 0 for MTFL alone.
        normalized: `model.fc_normalization`, which keeps the units of the
            last layer alive.
        faces: `"all"` of MORE's, or a part (`more_faces.write_part`).
        margin: `data.margin`.
        size: `data.size`; 0 is the preset's.
    """

    preset: str
    steps: float
    share: float = 0.0
    normalized: bool = False
    faces: str = ALL
    margin: float = 0.0
    size: int = 0

    @property
    def name(self) -> str:
        """A name for its folder.

        Example:

        >>> Way("tiny", 2, 0.5).name
        'tiny-2x-0.5'
        """
        name = f"{self.preset}-{self.steps:g}x-{self.share:g}"
        name += "-normalized" * self.normalized
        name += f"-{self.faces}" * (self.faces != ALL)
        name += f"-margin-{self.margin:g}" * (self.margin > 0)
        return name + f"-size-{self.size}" * (self.size > 0)

    @property
    def is_preset(self) -> bool:
        """Whether the preset was trained so; the best of its three seeds."""
        return self == Way(self.preset, 1)

    def config(self, data: str, more: str) -> Config:
        """Return its configuration. An epoch takes MTFL's faces once."""
        config = load_config(self.preset)
        epochs = config["train"]["epochs"] * self.steps * (1 - self.share)
        config["train"] |= {"epochs": round(epochs), "threads": 1}
        config["model"]["fc_normalization"] = self.normalized
        config["data"]["source"] = data
        if self.margin:
            config["data"]["margin"] = self.margin
        if self.size:
            config["data"]["size"] = self.size
        if self.share:
            config["data"]["more"] = {more: self.share}
        return config


RUNS = (
    Way("tiny", 1),  # the preset itself
    Way("tiny", 2),
    Way("tiny", 1, margin=0.15, size=52),
    Way("tiny", 1, margin=0.3, size=64),
    Way("tiny", 1, 0.25),
    Way("tiny", 1, 0.5),
    Way("tiny", 1, 0.5, normalized=True),
    Way("tiny", 2, 0.5),
    Way("tiny", 1, 0.5, faces="adults"),
    Way("tiny", 1, 0.5, faces="agreed"),
    Way("tiny", 1, 0.5, margin=0.15),
    Way("tiny", 1, 0.5, margin=0.15, size=52),
    Way("base", 1),
    Way("base", 1, margin=0.15, size=52),
    Way("base", 1, 0.5),
    Way("base", 1, 0.5, margin=0.15, size=52),
    Way("large", 1),
    Way("large", 1, 0.5),
)
# Networks whose mean predictions say what further training of this kind gains.
MEMBERS = (
    Way("tiny", 1, margin=0.3, size=64),
    Way("base", 1, margin=0.15, size=52),
    Way("base", 1, 0.5, margin=0.15, size=52),
    Way("large", 1),
    Way("large", 1, 0.5),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Train, score, write and print."""
    parser = runs_parser(__doc__, "runs/sources")
    parser.add_argument("--more", required=True, help="see more_points.py")
    parser.add_argument("--people", required=True, help="MORE's people.csv")
    args = parsed_runs(parser, argv)
    from facemtl.files.writing import write_json, write_whole
    from facemtl.process.environment import machine, versions

    train_all(args)
    content = {
        "command": COMMAND,
        "machine": machine(),
        "versions": versions(),
        "seed": 0,
        "runs": list(rows_of(args)),
    }
    write_json(content, FILE)
    text = document(content)
    write_whole(text, FILE.with_suffix(".md"))
    print(text)
    return 0


def train_all(args: argparse.Namespace) -> None:
    """Train all runs, `--jobs` at a time; raise if one failed."""
    from facemtl.studies.processes import RunProcesses
    from facemtl.studies.runner import train_in_process

    with RunProcesses() as processes, ThreadPoolExecutor(args.jobs) as pool:

        def one(way: Way) -> str:
            more = args.more
            if way.faces != ALL:
                file = args.runs / f"more_{way.faces}.csv"
                more = write_part(way.faces, Path(more), args.people, file)
            config = way.config(args.data, str(more))
            return train_in_process(config, args.runs / way.name, processes)

        runs = [way for way in RUNS if not way.is_preset]
        failures = [line for line in pool.map(one, runs) if line]
    if failures:
        raise InputError(failures[0])


def rows_of(args: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Yield the scores of each way, and of the mean of `MEMBERS`."""
    members = []
    for way in RUNS:
        found = predictions(network_of(way, args.runs), args.data, args.more)
        if way in MEMBERS:
            members.append(found)
        scores = scores_of(found, args.people)
        yield {**asdict(way), "way": way.name, "scores": scores}
    scores = scores_of(mean_of(members), args.people)
    yield {"way": MEAN, "members": [x.name for x in MEMBERS], "scores": scores}


def network_of(way: Way, runs: Path) -> Any:
    """Return a way's network, mirrored as its preset is."""
    from facemtl.models import load_model

    network = load_model(way.preset if way.is_preset else runs / way.name)
    if way.preset in MIRRORED and not network.get_config()["mirrored"]:
        return network.with_mirror()
    return network


if __name__ == "__main__":
    run(main)
