"""`python -m damaged.texts`, in `tests`: read the damaged texts of all kinds.

With `--write` the table goes to `damaged/texts.md`.
"""

import random
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from .mutations import damaged
from .trial import Outcome
from .wholes import KINDS, Kind

SEED = 20
TABLE = Path(__file__).with_name("texts.md")


def try_kind(kind: Kind, every: int = 1, seed: int = SEED) -> Outcome:
    """Read every Nth damaged text of a kind; the first is the whole one.

    Args:
        kind: what to damage.
        every: N.
        seed: of the damage.
    """
    rng = random.Random(f"{seed} {kind.name}")
    outcome, whole = Outcome(), ""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "inside" / kind.file
        for i, one in enumerate(damaged(kind, rng)):
            if i % every:
                continue
            # A reading may not leave anything for the next one.
            shutil.rmtree(path.parent, ignore_errors=True)
            for photo in kind.photos:
                file = path.parent / photo
                file.parent.mkdir(parents=True, exist_ok=True)
                file.touch()
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(one.data)
            if i == 0:
                whole = kind.read(path)
            outcome.add(one.how, one.expected, lambda: kind.read(path), whole)
    return outcome


def table(outcomes: dict[str, Outcome]) -> str:
    """What came of all kinds, as Markdown."""
    lines = [
        "Damaged texts, read by `python -m damaged.texts --write` in `tests`:",
        "how many were tried, read as the whole text, read to other values (as",
        "of a text that was cut at the end of a row), refused in one line, and",
        "faults: exceptions, silent readings of what is none, over 30 s.",
        "",
        "| kind | tried | same | other | refused | faults |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for name, outcome in outcomes.items():
        n = outcome.counts
        numbers = (n.total(), n["same"], n["other"], n["refused"])
        cells = " | ".join(map(str, (*numbers, len(outcome.faults))))
        lines.append(f"| {name} | {cells} |")
    total = sum((outcome.counts for outcome in outcomes.values()), start=_NONE)
    numbers = (total.total(), total["same"], total["other"], total["refused"])
    faults = sum(len(outcome.faults) for outcome in outcomes.values())
    lines.append(f"| all | {' | '.join(map(str, (*numbers, faults)))} |")
    return "\n".join(lines) + "\n"


_NONE = Outcome().counts


def main(argv: Sequence[str]) -> int:
    """Try all; the exit status is 1 where there is a fault."""
    outcomes = {kind.name: try_kind(kind) for kind in KINDS}
    for name, outcome in outcomes.items():
        for fault in outcome.faults:
            print(f"{name}: {fault}")
        print(f"{name}: slowest {outcome.slowest:.2f} s", file=sys.stderr)
    print(table(outcomes))
    if "--write" in argv:
        TABLE.write_text(table(outcomes), "utf-8")
    return int(any(outcome.faults for outcome in outcomes.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
