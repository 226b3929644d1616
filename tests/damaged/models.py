"""`python -m damaged.models`, in `tests`: load damaged models of all kinds.

With `--write` the table goes to `damaged/models.md`; rows of kinds that are
not tried again stay. Some minutes; `python -m damaged.models .onnx` tries one.
"""

import random
import re
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from .limited import Here, Reader
from .model_damage import damaged
from .model_wholes import KINDS, files_of, write_files
from .trial import Outcome

SEED = 20
ROW = re.compile(r"(?m)^\| (\S+) \| (.+) \|$")
TABLE = Path(__file__).with_name("models.md")


def try_kind(
    name: str,
    every: int = 1,
    seed: int = SEED,
    reader_of: type[Reader] | type[Here] = Reader,
) -> Outcome:
    """Load every Nth damaged model of a kind; the first is the whole one.

    Args:
        name: of `KINDS`.
        every: N.
        seed: of the damage.
        reader_of: `Here` reads them in this process.
    """
    kind, outcome = KINDS[name], Outcome()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "whole"
        place.mkdir()
        kind.make(place)
        files = files_of(place)
        reader = reader_of(name, _copy(files, Path(folder) / "first"))
        if not reader.expected.startswith("read: "):
            raise AssertionError(f"the whole one: {reader.expected}")
        rng = random.Random(f"{seed} {name}")
        try:
            for i, one in enumerate(damaged(name, files, kind.damaged, rng)):
                if i % every == 0:
                    path = _copy(one.files, Path(folder) / "damaged")
                    _add(outcome, one.how, one.expected, reader, path)
        finally:
            reader.close()
    return outcome


def _copy(files: dict[str, bytes], folder: Path) -> Path:
    # A reading may not leave anything for the next one.
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    write_files(files, folder)
    return folder


def _add(
    outcome: Outcome,
    how: str,
    expected: str,
    reader: Reader | Here,
    path: Path,
) -> None:
    """Read one, and say what came of it."""
    said = reader.read(path)
    outcome.slowest = max(outcome.slowest, reader.seconds)
    kind = said.partition(":")[0]
    if kind == "read":
        kind = "same" if said == reader.expected else "other"
    outcome.counts[kind] += 1
    if kind not in ("same", "refused"):
        outcome.faults.append(f"{how}: {said if kind != 'other' else kind}")
    elif expected not in ("any", kind):
        outcome.faults.append(f"{how}: expected {expected}, received {said}")


def table(rows: dict[str, str]) -> str:
    """What came of all kinds, as Markdown.

    Args:
        rows: {kind: cells}.
    """
    lines = [
        "Damaged models, loaded by `python -m damaged.models --write` in",
        "`tests`, in processes of their own: how many were tried, predicted",
        "the very numbers of the whole one, were refused in one line, and",
        "faults: other numbers, exceptions, the process's end, over 30 s of",
        "the processor, over 2 GB. `run` is one that was cut off and goes on.",
        "",
        "| kind | tried | same | refused | faults |",
        "|---|---:|---:|---:|---:|",
        *(f"| {kind} | {rows[kind]} |" for kind in KINDS if kind in rows),
    ]
    return "\n".join(lines) + "\n"


def written() -> dict[str, str]:
    """The rows of the table that is there."""
    if not TABLE.exists():
        return {}
    rows = ROW.findall(TABLE.read_text("utf-8"))
    return {kind: cells for kind, cells in rows if kind in KINDS}


def _cells(outcome: Outcome) -> str:
    n = outcome.counts
    numbers = (n.total(), n["same"], n["refused"], len(outcome.faults))
    return " | ".join(map(str, numbers))


def main(argv: Sequence[str]) -> int:
    """Try all, or the kinds named; 1 where there is a fault."""
    names = [name for name in argv if name in KINDS] or list(KINDS)
    faults, rows = 0, written()
    for name in names:
        outcome = try_kind(name)
        for fault in outcome.faults:
            print(f"{name}: {fault}", flush=True)
        print(f"{name}: slowest {outcome.slowest:.2f} s", file=sys.stderr)
        faults += len(outcome.faults)
        rows[name] = _cells(outcome)
        if "--write" in argv:
            TABLE.write_text(table(rows), "utf-8")
    print(table(rows))
    return int(faults > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
