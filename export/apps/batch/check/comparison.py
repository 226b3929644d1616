"""The output beside a plain `Predictor` in one process."""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from facemtl.inference.face import Face

# Faces as they must be, or what the error must contain.
Wanted = Sequence[Face] | str
WRONG = ("lost", "twice", "other answers", "other errors", "strange")


def compare(
    rows: Sequence[Mapping[str, Any]],
    keys: Sequence[Hashable],
    wanted: Mapping[Hashable, Wanted],
) -> dict[str, int]:
    """Count rows, and what is wrong with them.

    Args:
        rows: of the output.
        keys: which photo each row is of.
        wanted: {photo: what its row must say}.

    Returns:
        `rows`, `faces`, `errors`, and each of `WRONG`: photos without a row,
        with two, with other faces, with another error, and rows of no photo.
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
    points = {k: (p["x"], p["y"]) for k, p in found["points"].items()}
    said = {
        k: (a["class"], a["probability"])
        for k, a in found["attributes"].items()
    }
    wanted = {
        k: (a.name, single(a.probability)) for k, a in face.attributes.items()
    }
    return (
        found["box"] == [single(x) for x in face.box]
        and found["score"] == single(face.score)
        and points
        == {k: (single(x), single(y)) for k, (x, y) in face.points.items()}
        and said == wanted
    )


def single(x: float | None) -> float | None:
    """A number as float32 keeps it.

    Example:

    >>> single(0.1)
    0.10000000149011612
    """
    return None if x is None else float(np.float32(x))


def read_rows(out: Path) -> list[dict[str, Any]]:
    """All rows of an output, by whatever reads Parquet folders."""
    import pyarrow.parquet as pq  # type: ignore[import-not-found]

    return list(pq.read_table(out / "faces").to_pylist())
