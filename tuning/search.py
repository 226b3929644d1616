"""`python -m facemtl.tuning.search`: search the settings of a network."""

import argparse
import math
import sys
from collections.abc import Callable, Sequence
from pathlib import Path, PureWindowsPath
from typing import Any

from facemtl.arguments import finite_number, whole_number
from facemtl.data.settings import data_path
from facemtl.errors import InputError
from facemtl.files.destinations import check_apart, check_folder
from facemtl.files.lock import locked
from facemtl.pages import guide
from facemtl.process.cli import add_data_arguments, load_tensorflow, run
from facemtl.process.packages import REPORT, TRAINING, check_packages
from facemtl.studies.worker import end_with_parent
from facemtl.tuning.objective import OBJECTIVES
from facemtl.tuning.place import ChiefError, Place, check_free, read_place
from facemtl.tuning.project import TUNERS

# Options that have no effect on a worker, which may get the chief's command.
OF_THE_CHIEF = ("budget", "max_trials", "finalists", "confirm", "resume")


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command's arguments."""
    parser = argparse.ArgumentParser(
        prog="facemtl tune",
        description="Search the settings of a network with KerasTuner, train "
        "the best ones and the untuned default again, and report.",
        epilog="What is searched: facemtl/tuning/space.toml. "
        + guide("tuning/README.md"),
    )
    add_data_arguments(parser)
    _add_search(parser.add_argument)
    _add_rest(parser.add_argument)
    return parser


def _add_search(add: Callable[..., Any]) -> None:
    """Add options of the search and its duration."""
    add("--space", metavar="FILE", default="", help="TOML file of a space")
    add("--tuner", choices=TUNERS, default="hyperband", help="(%(default)s)")
    words = "what to minimize on the validation faces (%(default)s)"
    names = tuple(OBJECTIVES)
    add("--objective", choices=names, default="mean_error", help=words)
    whole, minutes = {"type": whole_number}, {"type": finite_number}
    add("--max-trials", **whole, default=60, metavar="N", help="(%(default)s)")
    add("--seed", **whole, default=0, metavar="S")
    words = "time after which no trial begins (0: no limit)"
    add("--budget", **minutes, default=0.0, metavar="MINUTES", help=words)
    words = "parallel trials on this machine, which share its cores"
    add("--workers", **whole, default=1, metavar="N", help=words)
    words = (
        "a chief ends after this time without workers, and a worker after this "
        "time without its chief (%(default)s)"
    )
    add("--wait", **minutes, default=10.0, metavar="MINUTES", help=words)


def _add_rest(add: Callable[..., Any]) -> None:
    """Add options of the training after the search, and of the folder."""
    words = (
        "number of best trials to train again with all faces and epochs; the "
        "best of them wins (%(default)s)"
    )
    add("--finalists", type=whole_number, default=5, metavar="N", help=words)
    words = (
        "number of seeds on which to train the best and the default "
        "(%(default)s); 0: neither this nor finals"
    )
    add("--confirm", type=whole_number, default=3, metavar="SEEDS", help=words)
    words = "the search's folder (%(default)s)"
    add("--out", default="runs/search", metavar="DIR", help=words)
    add("--resume", action="store_true", help="continue the folder's search")
    # Local workers only; other workers may have no standard input.
    add("--ends-with-parent", action="store_true", help=argparse.SUPPRESS)


def main(argv: Sequence[str] | None = None) -> int:
    """Search, then train the best settings again and report.

    Returns:
        1 if no trial was completed, or a worker's chief is missing.
    """
    args = parser().parse_args(argv)
    packages = ("keras_tuner", "sklearn", "scipy")
    check_packages("facemtl tune", *TRAINING, *REPORT, *packages)
    _check(args)
    if args.ends_with_parent:
        end_with_parent()
    try:
        return _search(args)
    except ChiefError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def _search(args: argparse.Namespace) -> int:
    place = read_place()
    check_folder(args.out, "--out")
    check_apart({"--out": args.out}, {"--data": data_path(args.data)})
    if place:
        print("".join(_unused(args, place)), end="", flush=True)
    if place and place.is_chief:
        check_free(place)
    load_tensorflow()
    from facemtl.data.one_source import find_source
    from facemtl.tuning.roles import search_as_chief, search_as_worker

    args.data = find_source(args.data)
    if place and not place.is_chief:
        search_as_worker(args)
        return 0
    from facemtl.tuning.conclude import conclude

    with locked(Path(args.out)):  # Workers write to folders of their own.
        search_as_chief(args)
        return conclude(args, command(args))


def _check(args: argparse.Namespace) -> None:
    least = {"max_trials": 1, "workers": 1, "budget": 0, "confirm": 0}
    least |= {"finalists": 1, "wait": 0}
    for name, value in least.items():
        if not value <= getattr(args, name) < math.inf:
            raise InputError(
                f"Expected --{name.replace('_', '-')} >= {value}. "
                f"Received: {getattr(args, name)}."
            )


def _unused(args: argparse.Namespace, place: Place) -> list[str]:
    """Return a line about options without effect on this process."""
    default = parser().parse_args([])
    names = ("workers",) if place.is_chief else OF_THE_CHIEF
    given = [x for x in names if getattr(args, x) != getattr(default, x)]
    # Local workers have the arguments of their chief.
    if not given or args.ends_with_parent:
        return []
    words = ", ".join(f"--{name.replace('_', '-')}" for name in given)
    whose = "each worker's" if place.is_chief else "the chief's"
    return [f"{place.name}: {words}: {whose} alone, of no effect here.\n"]


def command(args: argparse.Namespace) -> str:
    """Return a command that repeats the search, without local paths."""
    default = parser().parse_args([])
    words = [f"facemtl tune --data {PureWindowsPath(args.data).name}"]
    names = ("space", "tuner", "objective", "max_trials", "seed")
    # The number of parallel trials affects which points are drawn.
    for name in (*names, "workers", "finalists", "confirm"):
        value = getattr(args, name)
        if value != getattr(default, name):
            words.append(f"--{name.replace('_', '-')} {value}")
    return " ".join(words)


if __name__ == "__main__":
    run(main)
