"""`python -m facemtl.fit`: train a network and score it."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from facemtl.arguments import whole_number
from facemtl.config import Config, load_config, preset_names
from facemtl.data.settings import data_path
from facemtl.errors import InputError
from facemtl.files.cache_place import check_cache
from facemtl.files.destinations import check_apart, check_folder
from facemtl.fine_tuning import start_config
from facemtl.pages import guide
from facemtl.presets import NAMES
from facemtl.process.cli import (
    add_data_arguments,
    load_tensorflow,
    run,
    verbosity,
)
from facemtl.process.cluster import Cluster, named_cluster, run_folder
from facemtl.process.keras_settings import BACKENDS
from facemtl.process.packages import TRAINING, check_packages

# How far the kept tasks of --keep have changed.
KEPT = {
    "same_class": "{:.1f} % of the validation faces have the same class",
    "moved": "the points have moved by {:.2f} % of the box on average",
    "changed": "the mean difference is {:.4g}",
}


def parser() -> argparse.ArgumentParser:
    """Return the command's argument parser."""
    parser = argparse.ArgumentParser(
        prog="facemtl fit",
        description="Train a network on faces, and score it on unseen ones.",
        epilog="All settings and their defaults: facemtl/presets/default.toml. "
        + guide("docs/train.md"),
    )
    add_data_arguments(parser)
    parser.add_argument(
        "--more",
        metavar="SOURCE[=SHARE]",
        action="append",
        default=[],
        help="a further source of training faces, and its share of a batch; "
        "without a share, in proportion to its faces. It may lack tasks and "
        "points. Epochs and scores are those of --data; may be repeated",
    )
    _add_start(parser)
    parser.add_argument(
        "--config", metavar="FILE", default="", help="a TOML file of settings"
    )
    parser.add_argument(
        "--set",
        dest="settings",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="one setting, such as train.batch_size=64; may be repeated",
    )
    parser.add_argument(
        "--epochs",
        type=whole_number,
        metavar="N",
        help="the same as train.epochs",
    )
    parser.add_argument(
        "--seed", type=whole_number, metavar="S", help="the same as train.seed"
    )
    parser.add_argument(
        "--out",
        metavar="DIR",
        help="the run folder (default: runs/MODEL)",
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        help="continue the run in the folder, if any",
    )
    return parser


def _add_start(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of what a run starts from."""
    parser.add_argument(
        "--model",
        metavar="NAME",
        default="",
        help="a configuration, which is trained from random weights: one of "
        f"{', '.join(preset_names())} (default: split)",
    )
    parser.add_argument(
        "--from",
        dest="start",
        metavar="NETWORK",
        default="",
        help="train a network further instead: a preset "
        f"({', '.join(NAMES)}), a run folder or a .keras file. Crop and layers "
        "are its; heads of tasks with the same name and classes are kept",
    )
    parser.add_argument(
        "--keep",
        metavar="TASKS",
        default="",
        help="for --from: its tasks to keep, separated by commas. They are "
        "learned further from its own predictions, with labels or without",
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Train; print the scores in words and the paths of the outputs."""
    args = parser().parse_args(argv)
    check_packages("facemtl fit", *TRAINING)
    settings = list(args.settings)
    if args.data:
        settings.append(f"data.source={args.data}")
    settings += [f"data.more={{{_further(text)}}}" for text in args.more]
    for name in ("epochs", "seed"):
        if getattr(args, name) is not None:
            settings.append(f"train.{name}={getattr(args, name)}")
    config = _config(args, settings)
    check_cache(config["data"]["cache"], args.config, settings)
    out = args.out
    if out is None:
        name = Path(args.start).stem and f"from_{Path(args.start).stem}"
        out = f"runs/{args.model or name or config['model']['architecture']}"
    cluster = named_cluster()
    if cluster is None or cluster.first:
        check_folder(out, "--out")
    source = data_path(config["data"]["source"])
    further = {
        f"--more {one}": data_path(one) for one in config["data"]["more"]
    }
    check_apart({"--out": out}, {"--data": source, **further})
    with run_folder(Path(out), cluster) as folder:
        return _fit(args, config, folder, cluster)


def _further(text: str) -> str:
    """Return SOURCE[=SHARE] as an entry of a TOML table.

    Example:

    >>> _further("faces.csv=0.3"), _further("a=b.csv")
    ('"faces.csv" = 0.3', '"a=b.csv" = 0.0')
    """
    source, _, share = text.rpartition("=")
    try:
        number = float(share)
    except ValueError:
        source, number = text, 0.0
    return f"{json.dumps(source, ensure_ascii=False)} = {number}"


def _config(args: argparse.Namespace, settings: list[str]) -> Config:
    """Return the configuration of a new network, or of a trained one."""
    if not args.start:
        if args.keep:
            raise InputError("Expected --from with --keep. Received: none.")
        return load_config(args.model, args.config, settings)
    if args.model:
        raise InputError(
            f"Expected --from or --model. Received: both. {args.start} has its "
            "own layers."
        )
    if args.keep:
        tasks = [task.strip() for task in args.keep.split(",")]
        settings.append(f"start.keep={json.dumps(tasks)}")
    return start_config(args.start, args.config, settings)


def _fit(
    args: argparse.Namespace,
    config: Config,
    out: Path,
    cluster: Cluster | None,
) -> int:
    # A local import, because commands must answer --help at once.
    # Batches are TensorFlow's under each backend.
    load_tensorflow(backends=BACKENDS)
    from facemtl.data.one_source import find_source
    from facemtl.data.settings import SYNTHETIC

    source = find_source(config["data"]["source"])
    drawn = " (synthetic faces: no data/MTFL)" if source == SYNTHETIC else ""
    further = ", ".join(config["data"]["more"])
    more = f" and {further}" if further else ""
    own = cluster is None or cluster.first
    place = f"Run folder: {out}" if own else "The first worker writes the run."
    print(f"Data: {source}{drawn}{more}. {place}", flush=True)
    if cluster:
        n, name = len(cluster.workers), cluster.name(cluster.number)
        print(f"This is {name} of {n}. Waiting for the others.", flush=True)
    from facemtl.training.runs import train_locked

    report = train_locked(
        config,
        out,
        args.resume,
        args.skip_bad,
        verbosity() if own else 0,
        cluster=cluster,
    )
    if own:
        _print_report(report, out)
    else:
        print("The network is trained. The first worker scores it.")
    return 0


def _print_report(report: dict[str, Any], out: Path) -> None:
    from facemtl.evaluation.report import in_words, table

    for split, scores in report["scores"].items():
        # One pass in the given boxes, as studies compare networks.
        print(f"\n{split}, one pass: {table(scores)}")
    print(f"\n{in_words(list(report['scores'].values())[-1])}")
    for task, measures in report.get("kept", {}).items():
        for measure, value in measures.items():
            print(f"{task} kept: {KEPT[measure].format(value)}")
    # Reports of earlier versions have neither key.
    for line in (*report.get("not_learned", ()), report.get("ended_early", "")):
        if line:
            print(line)
    print(
        f"Best epoch {report['best_epoch']} of {report['epochs']}, "
        f"{report['seconds']:.0f} s. Network: {out}/model.keras, "
        f"picture: {out}/predictions.png, scores: {out}/report.json"
    )


if __name__ == "__main__":
    run(main)
