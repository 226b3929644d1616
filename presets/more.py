"""Divide MORE, which has no split of its own, into training and validation.

    python presets/more.py data/MORE/labels.csv --out build/more.csv

The photo's file name alone decides: about a tenth of the faces is for
validation, the same ones in every CSV that lists them. `facemtl fit --data`
reads the new CSV.
"""

import argparse
import csv
import hashlib
import io
from collections.abc import Sequence
from pathlib import Path

from facemtl.errors import InputError
from facemtl.files.destinations import check_apart, check_file
from facemtl.files.writing import write_whole
from facemtl.process.cli import run

TRAIN, VALIDATION = "train", "val"
ONE_IN = 10  # faces is for validation


def main(argv: Sequence[str] | None = None) -> int:
    """Write the CSV with a split."""
    print(write_training_csv(*labels_and_out(__doc__, argv)))
    return 0


def labels_and_out(doc: str, argv: Sequence[str] | None) -> tuple[Path, Path]:
    """Parse a CSV of MORE to read, and a file to write.

    Args:
        doc: docstring of the command; its first line is shown.
        argv: the command's arguments.
    """
    parser = argparse.ArgumentParser(description=doc.partition("\n")[0])
    parser.add_argument("labels", metavar="CSV", help="a CSV of MORE")
    parser.add_argument("--out", required=True, metavar="FILE")
    args = parser.parse_args(argv)
    out = check_file(args.out, "--out")
    check_apart({"--out": out}, {"CSV": args.labels})
    return Path(args.labels), Path(out)


def is_validation(name: str) -> bool:
    """Whether a photo is for validation, by its name without folders.

    Example:

    >>> is_validation("utk/33.jpg"), is_validation("33.jpg")
    (True, True)
    >>> is_validation("utk/34.jpg")
    False
    """
    digest = hashlib.sha256(Path(name).name.encode()).digest()
    return int.from_bytes(digest[:8], "big") % ONE_IN == 0


def split_of(name: str) -> str:
    """Return the split of a photo, as `facemtl fit` reads it from a CSV."""
    return VALIDATION if is_validation(name) else TRAIN


def write_training_csv(labels: str | Path, file: str | Path) -> Path:
    """Write a CSV again with a column `split`, and return the new file.

    Args:
        labels: a CSV of MORE, such as `labels.csv`.
        file: the CSV to write; it names photos by their full paths.

    Raises:
        InputError: if `labels` has no column `file`, or has a `split`.
    """
    labels, file = Path(labels), Path(file)
    with labels.open(newline="", encoding="utf-8") as lines:
        reader = csv.DictReader(lines)
        names, rows = list(reader.fieldnames or ()), list(reader)
    if "file" not in names or "split" in names:
        raise InputError(
            f"{labels}: expected a column file and no column split. "
            f"Received: {', '.join(names)}."
        )
    root = labels.parent.resolve()
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, [*names, "split"], lineterminator="\n")
    writer.writeheader()
    for row in rows:
        photo, split = (root / row["file"]).as_posix(), split_of(row["file"])
        writer.writerow({**row, "file": photo, "split": split})
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(text.getvalue(), file)
    return file


if __name__ == "__main__":
    run(main)
