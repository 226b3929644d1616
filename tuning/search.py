"""`python -m facemtl.tuning.search`: find where to stitch and how to train."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path, PureWindowsPath

from facemtl.cli import add_data_arguments, load_tensorflow, run
from facemtl.errors import InputError
from facemtl.folder_lock import locked
from facemtl.packages import import_package
from facemtl.studies.worker import end_with_parent
from facemtl.tuning.objective import OBJECTIVES
from facemtl.tuning.project import TUNERS


def parser() -> argparse.ArgumentParser:
    """The command's arguments."""
    parser = argparse.ArgumentParser(
        prog="facemtl tune",
        description="Search the settings of a network with KerasTuner, train "
        "the best again beside the untuned default, and report.",
        epilog="What is searched: facemtl/tuning/space.toml. Several machines: "
        "see tuning/README.md.",
    )
    add_data_arguments(parser)
    _add_search(parser)
    _add_limits(parser)
    _add_end(parser)
    _add_folder(parser)
    return parser


def _add_search(parser: argparse.ArgumentParser) -> None:
    """What is searched, and how."""
    parser.add_argument(
        "--space", metavar="FILE", default="", help="a TOML of your own ranges"
    )
    parser.add_argument(
        "--tuner", choices=TUNERS, default="hyperband", help="(%(default)s)"
    )
    parser.add_argument(
        "--objective",
        choices=tuple(OBJECTIVES),
        default="mean_error",
        help="what to minimize on the validation faces (%(default)s)",
    )
    parser.add_argument(
        "--max-trials", type=int, default=60, metavar="N", help="(%(default)s)"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="S")


def _add_limits(parser: argparse.ArgumentParser) -> None:
    """How long, and by how many."""
    parser.add_argument(
        "--budget",
        type=float,
        default=0.0,
        metavar="MINUTES",
        help="no trial begins after that time (0: no such limit)",
    )
    parser.add_argument(
        "--workers",
        type=int,
        default=1,
        metavar="N",
        help="trials at a time on this machine; they share its cores",
    )
    parser.add_argument(
        "--wait",
        type=float,
        default=10.0,
        metavar="MINUTES",
        help="a chief ends when no worker was heard of for so long "
        "(%(default)s)",
    )


def _add_end(parser: argparse.ArgumentParser) -> None:
    """What comes after the trials."""
    parser.add_argument(
        "--finalists",
        type=int,
        default=5,
        metavar="N",
        help="of so many best trials, each trained with all faces and epochs, "
        "the best one is the search's (%(default)s)",
    )
    parser.add_argument(
        "--confirm",
        type=int,
        default=3,
        metavar="SEEDS",
        help="train the best and the default on so many seeds (%(default)s); "
        "0: neither this nor finals",
    )


def _add_folder(parser: argparse.ArgumentParser) -> None:
    """Where a search is kept, and who runs it."""
    parser.add_argument(
        "--out",
        default="runs/search",
        metavar="DIR",
        help="the search's folder (%(default)s)",
    )
    parser.add_argument(
        "--resume", action="store_true", help="go on with the folder's search"
    )
    # Of the workers that the command starts; others may have no input at all.
    parser.add_argument(
        "--ends-with-parent", action="store_true", help=argparse.SUPPRESS
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Search, then train the best again and report."""
    args = parser().parse_args(argv)
    _check(args)
    role = os.environ.get("KERASTUNER_TUNER_ID", "")
    if args.ends_with_parent:
        end_with_parent()
    load_tensorflow()
    import_package("keras_tuner", "keras-tuner")
    if args.tuner == "bayesian":
        import_package("sklearn", "scikit-learn")
        import_package("scipy", "scipy")
    from facemtl.datasets.sources import find_source
    from facemtl.tuning.roles import search_as_chief, search_as_worker

    args.data = find_source(args.data)
    if role and "chief" not in role:
        search_as_worker(args)
        return 0
    from facemtl.tuning.conclude import conclude

    with locked(Path(args.out)):  # Its workers write into folders of their own.
        search_as_chief(args)
        return conclude(args, command(args))


def _check(args: argparse.Namespace) -> None:
    least = {"max_trials": 1, "workers": 1, "budget": 0, "confirm": 0}
    least["finalists"] = 1
    for name, value in least.items():
        if getattr(args, name) < value:
            raise InputError(
                f"Expected --{name.replace('_', '-')} >= {value}. "
                f"Received: {getattr(args, name)}."
            )


def command(args: argparse.Namespace) -> str:
    """The command that searches the same, without this machine's paths."""
    default = parser().parse_args([])
    words = [f"facemtl tune --data {PureWindowsPath(args.data).name}"]
    names = ("space", "tuner", "objective", "max_trials", "seed")
    # How many ask at a time decides which points are asked for.
    for name in (*names, "workers", "finalists", "confirm"):
        value = getattr(args, name)
        if value != getattr(default, name):
            words.append(f"--{name.replace('_', '-')} {value}")
    return " ".join(words)


if __name__ == "__main__":
    run(main)
