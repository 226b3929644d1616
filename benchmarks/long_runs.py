"""Check that memory stays flat during long commands.

    python benchmarks/long_runs.py --out results/long_runs

The commands are `facemtl predict` on 10,000 photos of several sizes and kinds,
some invalid, with --json, --csv and --draw; on two hours of video (180,000
small frames); `facemtl tune` with 100 trials; and 10,000 calls of a
`Predictor`, on those photos, and on pixels and boxes of varying sizes and
numbers with each runtime.

Resident memory of the command and its children is sampled. The minimum of each
twentieth of the time is compared, because photos differ. It is a fault if the
end exceeds the part from 20 to 25 % of the time by 5 % and 20 MB, or if the
second half rises by more. Linux only. The command writes `long_runs.json` and
`long_runs.md`. export/apps/server/check.sh measures the server's memory.
"""

import argparse
import json
import shlex
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from long_cases import CASES, EXPORT, NETWORK, Long
from long_memory import EARLY, PARTS, Watched, watched

from facemtl import markdown
from facemtl.arguments import real_number
from facemtl.errors import InputError
from facemtl.files.destinations import check_folder
from facemtl.files.writing import write_json, write_whole
from facemtl.process.cli import load_tensorflow, run
from facemtl.process.environment import machine, versions

HEAD = (
    "",
    "times",
    "minutes",
    "MB at 20 %",
    "MB at the end",
    "growth",
    "most",
    "fault",
)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure; return 1 if memory grows."""
    args = parser().parse_args(argv)
    unknown = [name for name in args.only if name not in CASES]
    if unknown or not 0 < args.share <= 1:
        raise InputError(
            f"Expected --only out of {list(CASES)}, and --share above 0, at "
            f"most 1. Received: {unknown[:1] or args.share}."
        )
    out = check_folder(args.out, "--out")
    load_tensorflow()
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name:
        for name_of_case in args.only or CASES:
            case, folder = CASES[name_of_case], Path(name)
            found[name_of_case] = measured(case, folder, args.share)
            print(line(name_of_case, found[name_of_case]), flush=True)
            write(found, args, out)
    return 1 if any(case["fault"] for case in found.values()) else 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command's arguments."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--only",
        metavar="NAME",
        action="append",
        default=[],
        help=f"one of {', '.join(CASES)}; may be repeated (default: all)",
    )
    parser.add_argument(
        "--share",
        metavar="S",
        type=real_number,
        default=1.0,
        help="share of the full numbers, such as 0.03 for a short run",
    )
    parser.add_argument("--out", required=True, metavar="DIR")
    return parser


def measured(case: Long, folder: Path, share: float) -> dict[str, Any]:
    """Run a command and check its memory."""
    count = max(1, round(share * case.count))
    if case.network and not (folder / "exported").exists():
        for made in (NETWORK, EXPORT):
            subprocess.run(made, cwd=folder, check=True, capture_output=True)
    case.prepare(folder, count)
    words = [word.replace("COUNT", str(count)) for word in case.words]
    log = folder / "log"
    result = watched(words, folder, log, every=1.0 if share > 0.2 else 0.05)
    said = log.read_text("utf-8", errors="replace")
    fault = result.fault()
    if result.status != case.status:
        fault = f"status {result.status}: {said[-500:]}"
    elif (done := case.done(folder, said)) != count:
        fault = f"{done} of {count} {case.unit}"
    return numbers(case, count, result) | {"fault": fault}


def numbers(case: Long, count: int, result: Watched) -> dict[str, Any]:
    """Return the numbers of a command."""
    words = [Path(case.words[0]).name, *case.words[1:]]
    words = [x.removeprefix(f"{Path(__file__).parent}/") for x in words]
    return {
        "command": shlex.join(words).replace("COUNT", str(count)),
        "count": count,
        "unit": case.unit,
        "seconds": round(result.seconds),
        "mb": result.least(),
        "most": round(max(result.samples)),
        "growth": round(result.growth(), 1),
    }


def line(name: str, case: dict[str, Any]) -> str:
    """Return one command's result."""
    early, end = case["mb"][EARLY], case["mb"][-1]
    words = f"{name}, {case['count']} {case['unit']}: {early} MB, then {end}"
    return f"{words}; {case['fault'] or 'flat'}"


def write(found: dict[str, Any], args: argparse.Namespace, out: Path) -> None:
    """Write the results; keep other commands' results."""
    file = out / "long_runs.json"
    kept = json.loads(file.read_text("utf-8")) if file.exists() else {}
    found = kept.get("commands", {}) | found
    share = f" --share {args.share}" if args.share < 1 else ""
    about = {
        "command": f"python benchmarks/long_runs.py{share}",
        "machine": machine(),
        "versions": versions("numpy", "opencv-python-headless"),
        "commands": {name: found[name] for name in CASES if name in found},
    }
    write_json(about, file)
    write_whole(table(about), out / "long_runs.md")


def table(about: dict[str, Any]) -> str:
    """Return all commands as Markdown."""
    rows = [
        (
            *(name, f"{case['count']:,} {case['unit']}"),
            f"{case['seconds'] / 60:.1f}",
            *(f"{mb:.0f}" for mb in (case["mb"][EARLY], case["mb"][-1])),
            f"{case['growth']:+.1f}",
            str(case["most"]),
            case["fault"] or "none",
        )
        for name, case in about["commands"].items()
    ]
    title = f"`{about['command']}`, {about['machine']}"
    return (
        f"{title}: MB, the least in a {PARTS}th of the time; growth of a line "
        f"through the second half; the most at any time:\n\n"
        f"{markdown.table(HEAD, rows)}\n"
    )


if __name__ == "__main__":
    run(main)
