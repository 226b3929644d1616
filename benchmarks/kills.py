"""Kill commands at random moments, and restart them.

    python benchmarks/kills.py --kills 50 --out results/kills

The commands are fit, compare, tune (two workers), export, and predict (photos,
a video). Each runs once without kills. Then it is killed by SIGKILL and
restarted up to four times, and runs to its end. This repeats until the number
of kills is reached. Half of the kills come at a random moment during work, a
sixth before any output, and a third immediately after a change of a file. Half
of them hit all processes, and half the first one only. After a kill, every file
under its final name must be complete. At the end, no partial files and no
processes remain, and the result equals that of the run without kills. The
command writes `kills.json` and `kills.md`.
"""

import argparse
import json
import random
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kill_cases import CASES, prepare
from kill_rounds import rounds_of, summary, unbroken

from facemtl import markdown
from facemtl.arguments import checked_count
from facemtl.errors import InputError
from facemtl.files.destinations import check_folder
from facemtl.files.writing import write_json, write_whole
from facemtl.process.cli import load_tensorflow, run
from facemtl.process.environment import machine, versions

HEAD = (
    *("command", "kills", "before it writes", "in its work"),
    *("at a file's change", "equal after restarts", "faults"),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Kill and compare; return 1 for an incomplete file or another result."""
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
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder)
        for name in args.only or CASES:
            whole = unbroken(folder, CASES[name])
            rng = random.Random(f"{args.seed} {name}")
            rounds = []
            for one in rounds_of(whole, args.kills, rng):
                rounds.append(one)
                found[name] = summary(rounds, whole.pace)
                print(line(name, found[name]), flush=True)
                write(found, args, out)
    return 1 if any(case["faults"] for case in found.values()) else 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command's arguments."""
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


def line(name: str, case: dict[str, Any]) -> str:
    """Return one command's result."""
    return f"{name}: {case['kills']} kills, {case['survived']} survived" + (
        "".join(f"\n  {fault}" for fault in case["faults"])
    )


def write(found: dict[str, Any], args: argparse.Namespace, out: Path) -> None:
    """Write `kills.json` and `kills.md`; keep other commands' results."""
    file = out / "kills.json"
    kept = json.loads(file.read_text("utf-8")) if file.exists() else {}
    found = kept.get("commands", {}) | found
    command = f"python benchmarks/kills.py --kills {args.kills}"
    about = {
        "command": f"{command} --seed {args.seed}",
        "machine": machine(),
        "versions": versions(),
        "commands": {name: found[name] for name in CASES if name in found},
    }
    write_json(about, file)
    write_whole(table(about), out / "kills.md")


def table(about: dict[str, Any]) -> str:
    """Return the numbers of all commands as Markdown."""
    rows = [
        [
            name,
            *(str(n) for n in (case["kills"], *kinds(case))),
            str(case["survived"]),
            str(len(case["faults"])),
        ]
        for name, case in about["commands"].items()
    ]
    title = f"`{about['command']}`, {about['machine']}:"
    return f"{title}\n\n{markdown.table(HEAD, rows)}\n"


def kinds(case: dict[str, Any]) -> list[int]:
    """Return the number of kills per kind of moment."""
    return [case["moments"].get(kind, 0) for kind in ("start", "work", "file")]


if __name__ == "__main__":
    run(main)
