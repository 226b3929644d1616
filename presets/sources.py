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
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from more_faces import ADULT, write_part
from people import read_people
from preset_runs import parsed_runs, runs_parser

from facemtl.config import Config, load_config
from facemtl.errors import InputError
from facemtl.markdown import table
from facemtl.process.cli import run

HERE = Path(__file__).parent
FILE = HERE / "sources.json"
ALL = "all"
MIRRORED = ("large",)  # presets that average a face and its mirror image
FACES = {ALL: "", "adults": "no children", "agreed": "no doubted labels"}
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
    Way("tiny", 1, 0.25),
    Way("tiny", 1, 0.5),
    Way("tiny", 1, 0.5, normalized=True),
    Way("tiny", 2, 0.5),
    Way("tiny", 1, 0.5, faces="adults"),
    Way("tiny", 1, 0.5, faces="agreed"),
    Way("tiny", 1, 0.5, margin=0.15),
    Way("tiny", 1, 0.5, margin=0.15, size=52),
    Way("base", 1),
    Way("base", 1, 0.5),
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
    rows = [scored(way, args) for way in RUNS]
    content = {
        "command": COMMAND,
        "machine": machine(),
        "versions": versions(),
        "seed": 0,
        "runs": rows,
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


def scored(way: Way, args: argparse.Namespace) -> dict[str, Any]:
    """Return a way's steps and its scores on all parts."""
    from facemtl.data.faces import BadRows
    from facemtl.data.sources import load_split
    from facemtl.evaluation.faces import predict_faces
    from facemtl.evaluation.scores import headline, score
    from facemtl.models import load_model

    network = load_model(way.preset if way.is_preset else args.runs / way.name)
    if way.preset in MIRRORED and not network.get_config()["mirrored"]:
        network = network.with_mirror()
    scores = {}
    for name, (source, split) in {
        "validation": (args.data, "val"),
        "test": (args.data, "test"),
        "MORE": (args.more, "val"),
    }.items():
        faces = load_split(source, split, network.tasks, BadRows())
        faces, found = predict_faces(network, faces, verbose=0)
        parts = more_parts(faces.names, args.people) if name == "MORE" else {}
        scores[name] = headline(score(faces, found))
        for part, mask in parts.items():
            answers = {k: y[mask] for k, y in found.items()}
            scores[part] = headline(score(faces.select(mask), answers))
    return {**asdict(way), "way": way.name, "scores": scores}


def more_parts(names: np.ndarray, people: str) -> dict[str, np.ndarray]:
    """Return masks of MORE's parts: UTKFace, its adults, and CelebA."""
    known = read_people(people)
    photos = [Path(str(name)) for name in names]
    utk = np.array([photo.parent.name == "utk" for photo in photos])
    adult = np.array(
        [
            photo.name in known and known[photo.name].age >= ADULT
            for photo in photos
        ]
    )
    return {"UTKFace": utk, "UTKFace from 15": utk & adult, "CelebA": ~utk}


def in_words(row: dict[str, Any]) -> str:
    """Return the network of a row, and how its settings differ.

    Example:

    >>> in_words(asdict(Way("tiny", 1, margin=0.15, size=52)))
    'tiny, 52 pixels with a margin of 0.15'
    """
    size = row["size"] or load_config(row["preset"])["data"]["size"]
    margin = f"{size} pixels with a margin of {row['margin']:g}"
    words = [
        row["preset"],
        "normalized" * row["normalized"],
        FACES[row["faces"]],
        margin * (row["margin"] > 0),
    ]
    return ", ".join(filter(None, words))


COLUMNS = {
    "NME-box, %": ("validation", "landmarks", "mean_error_box"),
    "gender": ("validation", "gender"),
    "smile": ("validation", "smile"),
    "pose": ("validation", "pose"),
    "UTKFace, gender": ("UTKFace", "gender"),
    "from 15 years": ("UTKFace from 15", "gender"),
    "CelebA, gender": ("CelebA", "gender"),
    "smile ": ("CelebA", "smile"),
    "AFLW, NME-io, %": ("test", "landmarks", "mean_error_interocular"),
    "shift-free": ("test", "landmarks", "mean_error_interocular_shift_free"),
    "gender ": ("test", "gender"),
    "smile  ": ("test", "smile"),
    "pose ": ("test", "pose"),
}


def document(content: dict[str, Any]) -> str:
    """Return the table in Markdown."""
    head = ["network", "steps", "share of MORE", *map(str.strip, COLUMNS)]
    rows = [
        [
            in_words(row),
            f"× {row['steps']:g}",
            f"{row['share']:.0%}" if row["share"] else "–",
            *(number(row["scores"], place) for place in COLUMNS.values()),
        ]
        for row in content["runs"]
    ]
    return (
        "# MTFL alone, and with MORE\n\n"
        f"`{content['command']}`, {content['machine']}; one seed (of a preset, "
        "× 1, the best of three), two passes, `large` with mirror images, "
        "accuracies in percent. The first four scores are those of MTFL's "
        "1,000 validation faces, the next four those of MORE's validation "
        "part; choices are made by these. Points of MORE are predictions of "
        "`base` and `large` (`presets/more_points.py`).\n\n"
        f"{table(head, rows)}\n"
    )


def number(scores: dict[str, Any], place: tuple[str, ...]) -> str:
    """Return an error with two decimals, or an accuracy with one."""
    part, task, *key = place
    if key:
        return f"{scores[part][task][key[0]]:.2f}"
    return f"{scores[part]['attributes'][task]['accuracy']:.1f}"


if __name__ == "__main__":
    run(main)
