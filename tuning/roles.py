"""The roles of a process: a search alone, a chief, or a worker."""

import argparse
import time
from pathlib import Path
from typing import Any

from facemtl.config import Config
from facemtl.data.faces import BadRows
from facemtl.data.kept_convention import detector_convention
from facemtl.data.one_source import Splits
from facemtl.data.sources import load_splits
from facemtl.errors import InputError
from facemtl.process.environment import cores
from facemtl.settings import ModelSettings, Settings, settings_of
from facemtl.tasks import Task
from facemtl.training.preparation import chosen_tasks, crop_splits, fit_to_faces
from facemtl.training.run_rows import keep_rows
from facemtl.tuning.agreement import header, search_words
from facemtl.tuning.chief import LocalWorkers, free_address, serve
from facemtl.tuning.limits import check_limits, limit_check
from facemtl.tuning.oracles import build_oracle
from facemtl.tuning.place import ALONE, VARIABLES, read_place
from facemtl.tuning.progress import SearchProgress
from facemtl.tuning.project import open_folder, read_search
from facemtl.tuning.space import Space, load_space
from facemtl.tuning.tuner import TRIALS, SearchTuner
from facemtl.words import plural


def search_as_chief(args: argparse.Namespace) -> None:
    """Run a search to its end, alone or with workers.

    Args:
        args: arguments of the command.

    Raises:
        InputError: if the space, the folder or the data is unusable.
    """
    space = load_space(args.space)
    bad = BadRows(args.skip_bad)
    config = _trial_config(args, space)
    settings = settings_of(config)
    splits = load_splits(settings.data, bad)
    oracle = _limited_oracle(args, space, _tasks(settings.model, splits))
    open_folder(Path(args.out), read_search(args), args.resume)
    _read_photos(Path(args.out), settings, splits, bad)
    tuner = _tuner(args, space, oracle)
    if args.budget:
        oracle.deadline = time.monotonic() + 60 * args.budget
    n = args.max_trials
    print(f"{args.tuner}, {n} {plural(n, 'trial')} on {args.data}.", flush=True)
    with SearchProgress(oracle, Path(args.out) / TRIALS) as progress:
        oracle.on_end = progress.on_end
        _run(args, tuner, oracle, config)
    if oracle.end_reason():
        print(f"The search ends: {oracle.end_reason()}.")


def _limited_oracle(
    args: argparse.Namespace, space: Space, tasks: tuple[Task, ...]
) -> Any:
    """Build the oracle; check that some points are within the limits."""
    if args.tuner == "grid" and space.limits:
        raise InputError(
            f"{space.where}: expected no [limits] with --tuner grid, which "
            "tries all points. Received: some."
        )
    oracle = build_oracle(args.tuner, space, args.max_trials, args.seed)
    oracle.within_limits = limit_check(space, tasks)
    check_limits(oracle, space)
    return oracle


def _run(
    args: argparse.Namespace, tuner: SearchTuner, oracle: Any, config: Config
) -> None:
    """Run all trials: by remote workers, by local workers, or one by one."""
    if place := read_place():
        words = search_words(args, config)
        print(f"Workers are awaited at {place.address}.", flush=True)
        address = (place.host, place.port)
        serve(oracle, address, 60 * args.wait, search=words)
    elif args.workers > 1:
        _with_local_workers(args, oracle, Path(args.out))
    else:
        tuner.search()


def search_as_worker(args: argparse.Namespace) -> None:
    """Run trials for the chief that the environment variables name.

    Raises:
        ChiefError: if the chief does not reply within `--wait`.
        InputError: if the chief runs another search.
    """
    place = read_place()
    assert place is not None
    print(
        f"{place.name} of the search whose chief is at {place.address}, by "
        f"{' '.join(VARIABLES)}. {ALONE}.",
        flush=True,
    )
    space = load_space(args.space)
    oracle = build_oracle(args.tuner, space, args.max_trials, args.seed)
    search: tuple[tuple[str, str], ...] = ()
    if not args.ends_with_parent:  # Local workers have the chief's arguments.
        search = header(search_words(args, _trial_config(args, space)))
    _tuner(args, space, oracle, search).search()
    print("The chief has no more trials.", flush=True)


def _tuner(
    args: argparse.Namespace,
    space: Space,
    oracle: Any,
    search: tuple[tuple[str, str], ...] = (),
) -> SearchTuner:
    return SearchTuner(
        *(oracle, space, args.objective, _fixed(args), Path(args.out)),
        *(args.skip_bad, 60 * args.wait, search),
    )


def _fixed(args: argparse.Namespace) -> Config:
    """Return the settings that all trials share."""
    threads = max(cores() // args.workers, 1)
    return {
        "data": {"source": args.data},
        "train": {"seed": args.seed, "threads": threads},
    }


def _trial_config(args: argparse.Namespace, space: Space) -> Config:
    """Return the configuration of a trial without changes."""
    config = space.config({}, trial=True)
    for section, settings in _fixed(args).items():
        config[section] |= settings
    return config


def _tasks(model: ModelSettings, splits: Splits) -> tuple[Task, ...]:
    """Return the tasks of the trials."""
    return chosen_tasks(splits.train, model.tasks, model.architecture)


def _read_photos(
    folder: Path, settings: Settings, splits: Splits, bad: BadRows
) -> None:
    """Crop the faces once, so that errors show before the first trial."""
    keep_rows(folder, "labels", splits.parts())
    settings, tasks, _ = fit_to_faces(settings, splits)
    crops, _ = crop_splits(splits, settings, tasks, bad)
    detector_convention(crops.faces, settings.data.cache, verbose=1)
    bad.distinct().write(folder / "skipped.csv")
    if bad.skip:
        print(bad.distinct().summary() or "No invalid rows.", flush=True)


def _with_local_workers(
    args: argparse.Namespace, oracle: Any, folder: Path
) -> None:
    address = free_address()
    given = [
        *("--data", args.data, "--tuner", args.tuner, "--out", args.out),
        *("--objective", args.objective, "--seed", str(args.seed)),
        *("--max-trials", str(args.max_trials)),
        *("--workers", str(args.workers), "--wait", str(args.wait)),
        *(("--space", args.space) if args.space else ()),
        *(("--skip-bad",) if args.skip_bad else ()),
    ]
    workers = LocalWorkers(args.workers, given, address, folder / "workers")
    try:
        serve(oracle, address, 60 * args.wait, workers)
    finally:
        workers.stop()
