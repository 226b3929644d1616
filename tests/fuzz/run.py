"""Fuzz all that facemtl reads: a target after the other, each in a process.

    pip install atheris
    python tests/fuzz/run.py --minutes 10 --out tests/fuzz

`targets/__init__.py` says what each target is. The results, `result.json` and
`result.md`, keep those of targets that are not run again. What is found is
kept in `--findings`: the input, and its traceback where there is one.
"""

import argparse
import importlib.util
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from process import MEMORY, SECONDS, Trial, fuzz
from result import write

from facemtl.arguments import checked_count
from facemtl.errors import InputError
from facemtl.process.cli import load_tensorflow, run

TARGETS = Path(__file__).parent / "targets"
NO_ATHERIS = (
    "Expected atheris, which is no part of facemtl's own requirements: pip "
    "install atheris (Linux, Python 3.11 to 3.13). Received: none. "
    "tests/test_fuzz.py runs the targets without it."
)


def main(argv: Sequence[str] | None = None) -> int:
    """Fuzz; 1 where there is a finding."""
    args = parser().parse_args(argv)
    checked_count("--at-once", args.at_once)
    if not 0 < args.minutes < float("inf"):
        raise InputError(
            f"Expected --minutes over 0. Received: {args.minutes}."
        )
    known = sorted(file.stem for file in TARGETS.glob("[a-z]*.py"))
    unknown = [name for name in args.only if name not in known]
    if unknown:
        raise InputError(
            f"Expected --only out of {known}. Received: {unknown[0]!r}."
        )
    if importlib.util.find_spec("atheris") is None:
        raise InputError(NO_ATHERIS)
    load_tensorflow()  # for its version and the machine's devices
    findings = args.findings or Path(tempfile.mkdtemp(prefix="findings-"))
    work = partial(fuzz, 60 * args.minutes, args.seed, findings)
    trials: dict[str, Trial] = {}
    with ThreadPoolExecutor(args.at_once) as pool:
        for trial in pool.map(work, args.only or known):
            trials[trial.target] = trial
            print(trial.line(), flush=True)
            write(args.out, {trial.target: trial})
    found = [text for trial in trials.values() for text in trial.findings]
    if found:
        print(f"Inputs and tracebacks: {findings}", flush=True)
    return 1 if found else 0


def parser() -> argparse.ArgumentParser:
    """The command's arguments."""
    made = argparse.ArgumentParser(
        prog="tests/fuzz/run.py",
        description="Fuzz all that facemtl reads, by atheris: what takes over "
        f"{SECONDS} s or {MEMORY:,} MB is a finding, too.",
    )
    made.add_argument(
        "--minutes", type=float, default=10.0, help="of each target (10)"
    )
    made.add_argument(
        "--out",
        type=Path,
        default=Path(__file__).parent,
        help="folder of result.json and result.md (that of this file)",
    )
    made.add_argument(
        "--only", nargs="+", default=[], metavar="TARGET", help="not all"
    )
    made.add_argument(
        "--at-once", type=int, default=1, help="targets at a time (1)"
    )
    made.add_argument("--seed", type=int, default=20, help="libFuzzer's (20)")
    made.add_argument(
        "--findings", type=Path, help="folder for what is found (a new one)"
    )
    return made


if __name__ == "__main__":
    sys.exit(run(main))
