"""The Parquet input of the check: bytes, files and boxes, some invalid."""

from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-not-found]
import pyarrow.parquet as pq  # type: ignore[import-not-found]

from .photos import SIDE, good_photos

INSIDE = [40.0, 40.0, 120.0, 120.0]
OUTSIDE = [SIDE + 1.0, 0.0, SIDE + 50.0, 50.0]
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"boxes": [INSIDE, OUTSIDE]}, "Expected boxes on the photo"),
    ({"boxes": [INSIDE[::-1]]}, "Expected left < right"),
    ({"boxes": [INSIDE[:3]]}, "Expected boxes (N, 4)"),
    ({"boxes": [INSIDE, INSIDE[:3]]}, "[left, top, right, bottom]"),
    ({"boxes": [[float("nan")] * 4]}, "Expected left < right"),
    ({"bytes": None, "file": "gone.jpg"}, "No such file"),
    ({"bytes": None}, "Received: neither"),
    ({"bytes": b"no photo"}, "8 bytes that are none"),
]


def write_tables(folder: Path, n: int) -> list[tuple[dict[str, Any], str]]:
    """Write N valid and some invalid rows; one file is damaged, one empty.

    Returns:
        The rows in order, each with a part of its expected error, or "".
    """
    folder.mkdir(parents=True)
    kinds: list[dict[str, Any]] = [
        {},
        {"boxes": [INSIDE, [-20.0, -20.0, 90.0, 90.0]]},
        {"boxes": []},
        {"bytes": None, "file": "photo.jpg"},
    ]
    rows: list[tuple[dict[str, Any], str]] = []
    for i, photo in enumerate(good_photos(n, None)):
        (folder.parent / "photo.jpg").write_bytes(photo)
        rows.append(({**_row(photo), **kinds[i % 4]}, ""))
    wrong = [({**_row(photo), **change}, why) for change, why in WRONG]
    # Relative to the Parquet file; a folder next to it would be input.
    for row, _ in rows:
        if row["file"] == "photo.jpg":
            row["file"] = "../photo.jpg"
    rows[1:1] = wrong
    _write([row for row, _ in rows], folder / "a.parquet")
    _write([], folder / "b.parquet")
    broken = [_row(photo)] * 8
    _write(broken, folder / "c.parquet")
    _break(folder / "c.parquet")
    return rows + [(row, "c.parquet: ") for row in broken]


def _row(photo: bytes) -> dict[str, Any]:
    return {"bytes": photo, "file": None, "boxes": None}


def _write(rows: list[dict[str, Any]], file: Path) -> None:
    schema = pa.schema(
        {
            "bytes": pa.binary(),
            "file": pa.string(),
            "boxes": pa.list_(pa.list_(pa.float64())),
        }
    )
    table = pa.Table.from_pylist(rows, schema)
    pq.write_table(table, file, row_group_size=20, compression="zstd")


def _break(file: Path) -> None:
    """Overwrite the bytes before the footer."""
    content = bytearray(file.read_bytes())
    content[4:200] = b"\xff" * 196
    file.write_bytes(bytes(content))
