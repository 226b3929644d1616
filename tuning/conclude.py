"""The end of a search: train the best settings again and report."""

import argparse
import shutil
from pathlib import Path
from typing import Any

from facemtl.files.writing import write_json
from facemtl.process.environment import cores, machine, versions
from facemtl.studies.report.document import Report, write_report
from facemtl.studies.report.finding import warning
from facemtl.tuning.finals import confirm, play_finals
from facemtl.tuning.objective import OBJECTIVES
from facemtl.tuning.project import read_search
from facemtl.tuning.report.search_report import search_report
from facemtl.tuning.results import (
    Trial,
    best_settings,
    best_trial,
    describe_search,
    read_trials,
    write_best,
)
from facemtl.tuning.space import Space, load_space
from facemtl.tuning.tuner import TRIALS


def conclude(args: argparse.Namespace, command: str) -> int:
    """Write `best.toml`, `search.json`, `report.md` and `report.html`.

    Args:
        args: arguments of the command.
        command: a command that repeats the search.

    Returns:
        The exit status: 1 if no trial was completed.
    """
    folder = Path(args.out)
    space = load_space(args.space)
    trials = read_trials(folder / TRIALS, space)
    _write(_described(args, command, space, trials), folder)
    if best_trial(trials) is None:
        failed = [x["error"] for x in trials if x["error"]]
        why = f"All failed. The first: {failed[0]}" if failed else "None ended."
        print(f"No trial of {len(trials)} gave a score. {why}")
        return 1
    best = _choose(args, space, trials)
    result = _described(args, command, space, trials)
    report = _write(result, folder)
    if args.confirm:
        result["confirmation"] = _confirm(args, space, best)
        report = _write(result, folder)
    print(f"\nThe whole report: {folder / 'report.html'}\n")
    print(report.text(shutil.get_terminal_size((100, 24)).columns))
    return 0


def _choose(
    args: argparse.Namespace, space: Space, trials: list[Trial]
) -> Trial:
    """Choose the best trial, after finals if confirmed; write `best.toml`."""
    folder = Path(args.out)
    if args.confirm and args.finalists > 1:
        print(f"Finals of the best {args.finalists}.", flush=True)
        seed = max(args.confirm, args.seed + 1)  # used by no other run
        play_finals(
            *(space, trials, args.objective, args.data, seed),
            *(args.finalists, folder, args.skip_bad),
        )
    best = best_trial(trials)
    assert best is not None
    title = OBJECTIVES[args.objective].title
    write_best(space, best, title, folder / "best.toml")
    print(
        f"Best: trial {best['id']}, {best['score']:.3f} ({title}). "
        f"Settings: {folder / 'best.toml'}",
        flush=True,
    )
    return best


def _confirm(
    args: argparse.Namespace, space: Space, best: Trial
) -> dict[str, Any]:
    print("Training it and the default again.", flush=True)
    if warning(args.confirm):
        print(f"Warning: {warning(args.confirm)}", flush=True)
    return confirm(
        *(space.settings, best_settings(space, best), args.data, args.confirm),
        *(cores(), Path(args.out), args.skip_bad),
    )


def _described(
    args: argparse.Namespace, command: str, space: Space, trials: list[Trial]
) -> dict[str, Any]:
    circumstances = {
        "source": Path(args.data).name,
        "machine": machine(),
        "versions": versions("keras-tuner"),
    }
    return describe_search(
        read_search(args), space, trials, command, circumstances
    )


def _write(result: dict[str, Any], folder: Path) -> Report:
    write_json(result, folder / "search.json")
    report = search_report(result)
    write_report(report, folder / "report.html", folder / "report.md")
    return report
