"""Commands that are killed at random moments, and started again.

    python benchmarks/kills.py --kills 50 --out results/kills

Each of fit, compare, tune (two workers), export, and predict (photos, a video)
is run once unbroken. Then, so many times, it is run, killed by SIGKILL at a
random moment of that time, and started again to its end. After a kill every
file under its own name must be whole; at the end, all must equal the unbroken
run. Writes `kills.json`, and prints a line a command.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kill_cases import CASES, NETWORK, Case, prepare
from kill_results import check_whole

from facemtl.arguments import checked_count
from facemtl.circumstances import machine, versions
from facemtl.cli import load_tensorflow, run
from facemtl.destinations import check_folder
from facemtl.errors import InputError
from facemtl.files import write_json, write_whole


def main(argv: Sequence[str] | None = None) -> int:
    """Kill and compare; 1 where a file was not whole or a result differs."""
    args = parser().parse_args(argv)
    checked_count("--kills", args.kills)
    unknown = [name for name in args.only if name not in CASES]
    if unknown:
        raise InputError(
            f"Expected --only out of {list(CASES)}. Received: {unknown[0]!r}."
        )
    out = check_folder(args.out, "--out")
    load_tensorflow()
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder))
        finish(Path(folder), NETWORK)
        for name in args.only or CASES:
            moments = random.Random(f"{args.seed} {name}")
            found[name] = kill(Path(folder), CASES[name], args.kills, moments)
            print(f"{name}: {line(found[name])}", flush=True)
            write(found, args, out)
    return 1 if any(case["faults"] for case in found.values()) else 0


def parser() -> argparse.ArgumentParser:
    """The command's arguments."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=50, metavar="N")
    parser.add_argument("--seed", type=int, default=0, metavar="S")
    parser.add_argument(
        "--only",
        metavar="COMMAND",
        action="append",
        default=[],
        help=f"one of {', '.join(CASES)}; may be repeated (default: all)",
    )
    parser.add_argument("--out", required=True, metavar="DIR")
    return parser


def start(folder: Path, words: Sequence[str]) -> subprocess.Popen:
    """A command of facemtl in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "facemtl", *words],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(folder: Path, words: Sequence[str]) -> float:
    """Run a command to its end; the seconds that it took."""
    begun = time.monotonic()
    with start(folder, words) as process:
        said = process.communicate()[1]
    if process.returncode:
        raise InputError(f"facemtl {' '.join(words)}: {said.strip()}")
    return time.monotonic() - begun


def kill(
    folder: Path, case: Case, kills: int, moments: random.Random
) -> dict[str, Any]:
    """Kill a command so many times, and start it again each time."""
    words = [word.replace("OUT", "unbroken") for word in case.words]
    seconds = finish(folder, words)
    wanted = case.result(folder / "unbroken")
    early, faults = 0, []
    for i in range(kills):
        shutil.rmtree(folder / "killed", ignore_errors=True)
        words = [word.replace("OUT", "killed") for word in case.words]
        at = moments.uniform(0, seconds)
        ended = kill_at(folder, words, at)
        early += ended
        fault = "" if ended else fault_of(folder, case, words, wanted)
        faults += [f"kill {i + 1}, at {at:.2f} s: {fault}"] if fault else []
    shutil.rmtree(folder / "unbroken")
    return {
        "kills": kills - early,
        "ended before": early,
        "survived": kills - early - len(faults),
        "seconds unbroken": round(seconds, 1),
        "faults": faults,
    }


def kill_at(folder: Path, words: Sequence[str], at: float) -> bool:
    """Start a command and kill it; whether it had ended by then."""
    with start(folder, words) as process:
        try:
            process.communicate(timeout=at)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        process.communicate()
    return process.returncode != -signal.SIGKILL


def fault_of(
    folder: Path, case: Case, words: Sequence[str], wanted: Any
) -> str:
    """What is wrong after a kill, or after the start that followed it."""
    try:
        check_whole(folder / "killed")
        finish(folder, [*words, *case.again])
        check_whole(folder / "killed")
        found = case.result(folder / "killed")
    except Exception as error:  # Whatever it is, the other kills go on.
        return f"{type(error).__name__}: {error}"
    return "" if found == wanted else "the result differs"


def line(case: dict[str, Any]) -> str:
    """One command's outcome."""
    return (
        f"{case['kills']} kills, {case['survived']} survived, "
        f"{case['ended before']} had ended before"
        + "".join(f"\n  {fault}" for fault in case["faults"])
    )


def write(found: dict[str, Any], args: argparse.Namespace, out: Path) -> None:
    """`kills.json` and `kills.md`."""
    command = f"python benchmarks/kills.py --kills {args.kills}"
    about = {
        "command": f"{command} --seed {args.seed}",
        "machine": f"{machine()}, {os.cpu_count()} cores",
        "versions": versions(),
        "commands": found,
    }
    write_json(about, out / "kills.json")
    rows = [
        f"| {name} | {x['kills']} | {x['survived']} | {x['ended before']} |"
        for name, x in found.items()
    ]
    head = "| command | killed | equal after a restart | had ended before |"
    text = "\n".join([head, "|---|---|---|---|", *rows])
    title = f"`{about['command']}`, {about['machine']}:"
    write_whole(f"{title}\n\n{text}\n", out / "kills.md")


if __name__ == "__main__":
    run(main)
