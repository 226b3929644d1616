"""Check the batch job: runs, kills, a full disk, and the predictions.

    python -m facemtl.export.apps.batch.check.check --photos 2000

`check.sh` calls it with the app's Python. The exit status is 1 if a row is
lost, repeated or wrong.
"""

import argparse
import json
import shutil
import sys
import time
from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any

from facemtl.errors import InputError
from facemtl.files.destinations import check_folder
from facemtl.files.writing import write_whole
from facemtl.inference.predictor import Predictor
from facemtl.process.cli import load_tensorflow, run
from facemtl.process.environment import machine, versions
from facemtl.process.native_words import without_native_words

from .cases import full_disk, one_line_answers
from .comparison import Wanted, compare, faults, markdown, read_rows
from .photos import SIDE, write_photos
from .processes import killed_run, whole_run
from .tables import write_tables

HERE = Path(__file__).resolve().parent.parent
SCRATCH = HERE.parents[2] / "build/batch/check"
SHARDS = 20  # minimum, so that kills happen midway
PACKAGES = ("ray", "pyarrow", "numpy", "opencv-python-headless")


def main(argv: Sequence[str] | None = None) -> int:
    """Check, write the result, and print faults."""
    parser = argparse.ArgumentParser(
        prog="check.sh",
        description="Check that no photo is lost or repeated.",
    )
    parser.add_argument("--photos", type=int, default=2000)
    parser.add_argument("--data", type=Path, help="MTFL's folder; else drawn")
    parser.add_argument("--out", default=HERE, help="of the result")
    args = parser.parse_args(argv)
    args.out = check_folder(args.out, "--out")
    if args.photos < SHARDS:
        raise InputError(f"Expected --photos {SHARDS} or more.")
    shutil.rmtree(SCRATCH, ignore_errors=True)
    SCRATCH.mkdir(parents=True)
    result = measure(args.photos, args.data)
    args.out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(result, indent=2, ensure_ascii=False) + "\n"
    write_whole(text, args.out / "result.json")
    write_whole(markdown(result), args.out / "result.md")
    print(markdown(result))
    wrong = faults(result)
    for fault in wrong:
        print(f"error: {fault}", file=sys.stderr)
    return 1 if wrong else 0


def measure(n: int, data: Path | None) -> dict[str, Any]:
    """Run everything, and compare rows with a plain Predictor."""
    photos, tables = SCRATCH / "photos", SCRATCH / "tables"
    bad = write_photos(photos, n, data)
    rows = write_tables(tables, 40)
    shard = n // SHARDS
    tell("a run without disturbance")
    undisturbed = whole_run(photos, SCRATCH / "undisturbed", shard)
    tell("a plain Predictor")
    wanted, plain = answers_of_files(photos, bad)
    tell("a run whose worker and driver are killed")
    kills = killed_run(photos, SCRATCH / "killed", shard)
    tell("a full disk")
    cases, out = full_disk_of(tables, rows)
    tell("what cannot be done")
    cases += one_line_answers(SCRATCH / "cases", photos)
    compared = {
        name: compare_files(SCRATCH / name, wanted)
        for name in ("undisturbed", "killed")
    }
    return {
        **circumstances(n, data),
        "run": undisturbed,
        "plain": plain,
        "compared": {**compared, "parquet, full disk": out},
        "kills": kills,
        "cases": cases,
    }


def circumstances(n: int, data: Path | None) -> dict[str, Any]:
    """Return the environment metadata of the numbers."""
    load_tensorflow()  # its version and devices are part of the metadata
    more = " --data data/MTFL" if data else ""
    return {
        "command": f"export/apps/batch/check.sh --photos {n}{more}",
        "photos": "of MTFL" if data else f"drawn, {SIDE} pixels a side",
        "machine": machine(),
        "versions": versions(*PACKAGES),
    }


def tell(what: str) -> None:
    """Print the next step."""
    print(
        f"{time.strftime('%H:%M:%S')} {what} ...", file=sys.stderr, flush=True
    )


def answers_of_files(
    photos: Path, bad: dict[str, str]
) -> tuple[dict[Hashable, Wanted], dict[str, float]]:
    """Return the expected row of each photo, and the Predictor's time."""
    import cv2

    cv2.setNumThreads(1)
    predictor = Predictor.load("base")
    names = [
        str(file.relative_to(photos))
        for file in sorted(photos.rglob("*"))
        if not file.is_dir()
    ]
    good = [name for name in names if name not in bad]
    predictor(photos / good[0])  # loads the detector before the measurement
    wanted: dict[Hashable, Wanted] = {k: why for k, why in bad.items()}
    begun = time.perf_counter()
    for name in good:
        wanted[name] = predictor(photos / name)
    seconds = time.perf_counter() - begun
    return wanted, {"ms a photo": round(1000 * seconds / len(good), 2)}


def compare_files(out: Path, wanted: dict[Hashable, Wanted]) -> dict[str, int]:
    """Compare the rows of a folder of photos, by the photos' names."""
    rows = read_rows(out)
    # A name that is not UTF-8 is written with its bytes as text.
    printable: dict[Hashable, Wanted] = {
        str(name)
        .encode("utf-8", "surrogateescape")
        .decode("utf-8", "backslashreplace"): want
        for name, want in wanted.items()
    }
    return compare(rows, [row["file"] for row in rows], printable)


def full_disk_of(
    tables: Path, rows: Sequence[tuple[dict[str, Any], str]]
) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """Return the cases of a full disk, and the comparison of its rows."""
    predictor = Predictor.load("base")
    wanted: dict[Hashable, Wanted] = {}
    for i, (row, error) in enumerate(rows):
        # The eight rows of the damaged file are counted from 0 again.
        broken = error.startswith("c.parquet")
        key = ("c.parquet", i - len(rows) + 8) if broken else ("a.parquet", i)
        if error:
            wanted[key] = error
            continue
        photo = row["bytes"] or tables / row["file"]
        wanted[key] = without_native_words(predictor, photo, row["boxes"])
    cases, out = full_disk(tables, SCRATCH)
    keys = [(row["source"], row["row"]) for row in out]
    return cases, compare(out, keys, wanted)


if __name__ == "__main__":
    run(main)
