"""Compare the output with a plain `Predictor`, and report the result."""

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from facemtl.inference.face import Face
from facemtl.markdown import table

from ..photo import face_row

# The expected faces, or a part of the expected error.
Wanted = Sequence[Face] | str
WRONG = ("lost", "twice", "other answers", "other errors", "strange")
RUNS = ("undisturbed", "killed", "parquet, full disk")


def compare(
    rows: Sequence[Mapping[str, Any]],
    keys: Sequence[Hashable],
    wanted: Mapping[Hashable, Wanted],
) -> dict[str, int]:
    """Count rows, and invalid ones.

    Args:
        rows: rows of the output.
        keys: the photo of each row.
        wanted: {photo: expected content of its row}.

    Returns:
        `rows`, `faces`, `errors`, and each of `WRONG`: photos without a row,
        with two rows, with other faces, with another error, and rows of
        unknown photos.
    """
    seen = Counter(keys)
    counts = dict.fromkeys(WRONG, 0)
    counts["lost"] = sum(key not in seen for key in wanted)
    counts["twice"] = sum(times > 1 for times in seen.values())
    counts["strange"] = sum(key not in wanted for key in seen)
    for row, key in zip(rows, keys, strict=True):
        want = wanted.get(key, "")
        if isinstance(want, str):
            counts["other errors"] += not want or want not in str(row["error"])
        else:
            counts["other answers"] += not same(row, want)
    return {
        "rows": len(rows),
        "faces": sum(len(row["faces"]) for row in rows),
        "errors": sum(row["error"] is not None for row in rows),
        **counts,
    }


def same(row: Mapping[str, Any], faces: Sequence[Face]) -> bool:
    """Whether a row has exactly these faces, in float32, and no error."""
    found = row["faces"]
    return (
        row["error"] is None
        and len(found) == len(faces)
        and all(map(_same_face, found, faces))
    )


def _same_face(found: Mapping[str, Any], face: Face) -> bool:
    # A Parquet struct needs at least one field.
    wanted = {k: x for k, x in face_row(face).items() if x != {}}
    return dict(found) == single(wanted)


def single(x: Any) -> Any:
    """Round all numbers to float32.

    Example:

    >>> single({"x": [0.1, None]})
    {'x': [0.10000000149011612, None]}
    """
    if isinstance(x, float):
        return float(np.float32(x))
    if isinstance(x, dict):
        return {name: single(part) for name, part in x.items()}
    return [single(part) for part in x] if isinstance(x, list) else x


def read_rows(out: Path) -> list[dict[str, Any]]:
    """Read all rows of an output with a generic reader of Parquet folders."""
    import pyarrow.parquet as pq  # type: ignore[import-not-found]

    return list(pq.read_table(out / "faces").to_pylist())


def faults(result: Mapping[str, Any]) -> list[str]:
    """Return the faults of a result; [] if none.

    Args:
        result: content of the file from `check.py`.
    """
    return [*_rows(result), *_kills(result["kills"]), *_cases(result["cases"])]


def _rows(result: Mapping[str, Any]) -> Iterator[str]:
    for run in RUNS:
        found = result["compared"][run]
        if found["rows"] == 0 or found["faces"] == 0 or found["errors"] == 0:
            yield f"{run}: expected rows, faces and errors. Received: {found}."
        for wrong in WRONG:
            if found[wrong]:
                yield f"{run}: {found[wrong]} photos {wrong}"


def _kills(kills: Mapping[str, Any]) -> Iterator[str]:
    done = kills["shards when the driver was killed"]
    if not kills["shards when a worker was killed"] < done < kills["shards"]:
        yield f"Expected kills midway. Received: {dict(kills)}."
    for name in (
        "finished shards written again",
        "status",
    ):
        if kills[name]:
            yield f"{name}: {kills[name]}"


def _cases(cases: list[dict[str, Any]]) -> Iterator[str]:
    if not cases:
        yield "Expected cases."
    for case in cases:
        if not case["good"]:
            yield f"{case['case']}: status {case['status']}"


def markdown(result: Mapping[str, Any]) -> str:
    """Return the tables of `result.md` and the README."""
    compared = result["compared"]
    rows = [
        [run, *(f"{compared[run][k]:,}" for k in ("rows", "faces", "errors"))]
        + [f"{compared[run][k]:,}" for k in WRONG]
        for run in RUNS
    ]
    counts = table(["run", "rows", "faces", "errors", *WRONG], rows)
    return f"{counts}\n\n{table(['', 'measured'], _speeds(result))}\n"


def _speeds(result: Mapping[str, Any]) -> list[list[str]]:
    run, plain = result["run"], result["plain"]
    photos = run["photos"]
    each = 1000 * run["seconds of workers"] / photos
    return [
        ["photos", f"{photos:,}"],
        ["two workers, with Ray's start, s", f"{run['seconds']:.1f}"],
        ["two workers, photos/s", f"{photos / run['seconds']:.1f}"],
        ["in a worker, ms a photo", f"{each:.1f}"],
        ["plain Predictor, ms a photo", f"{plain['ms a photo']:.1f}"],
        ["a worker's most memory, MB", f"{run['MB of a worker']}"],
    ]
