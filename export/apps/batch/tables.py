"""Read and write Parquet: sources and rows of shards."""

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa  # type: ignore[import-not-found]
import pyarrow.parquet as pq  # type: ignore[import-not-found]

from facemtl.errors import InputError
from facemtl.files.writing import whole_file
from facemtl.inference.face_cells import ANGLES
from facemtl.inference.make_face import make_face
from facemtl.tasks import Task

from .photo import Asked, Row, face_row
from .shards import Shard, Source

COLUMNS = ("bytes", "file", "boxes")
AT_ONCE = 16  # photos of a source in memory


class SourceError(InputError):
    """An unreadable or incomplete Parquet file of the input."""


def read_source(root: Path, name: str) -> Source:
    """Describe a Parquet file of the input from its footer.

    Raises:
        InputError: if the file is invalid or has other columns.
    """
    path = root / name
    try:
        with pq.ParquetFile(path) as file:
            _check_columns(path, file.schema_arrow)
            footer = file.metadata
            groups = [
                footer.row_group(i).num_rows
                for i in range(footer.num_row_groups)
            ]
    except (OSError, pa.ArrowException) as error:
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise InputError(
            f"Expected a whole Parquet file. Received: {path}: {reason}."
        ) from None
    digest = _footer_digest(path)
    return Source(name, str(path), str(path.parent), digest, tuple(groups))


def _check_columns(path: Path, schema: Any) -> None:
    """Raise `InputError` unless there are photo columns of the right types."""
    text = (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary)
    kinds = {
        "bytes": (pa.types.is_binary, pa.types.is_large_binary),
        "file": text,
        "boxes": (pa.types.is_list, pa.types.is_large_list),
    }
    found = {name for name in COLUMNS if name in schema.names}
    for name in found:
        kind = schema.field(name).type
        if not any(fits(kind) for fits in kinds[name]):
            raise InputError(
                f"{path}: expected bytes as binary, file as string, boxes as "
                f"list. Received: {name} as {kind}."
            )
    if not found & {"bytes", "file"}:
        raise InputError(
            f"{path}: expected a column bytes or file. "
            f"Received: {', '.join(schema.names) or 'none'}."
        )


def _footer_digest(path: Path) -> str:
    """Return the digest of the footer: sizes, offsets and statistics."""
    with path.open("rb") as file:
        file.seek(-8, os.SEEK_END)
        length = int.from_bytes(file.read(4), "little")
        file.seek(-8 - length, os.SEEK_END)
        return hashlib.sha256(file.read(length)).hexdigest()[:16]


def rows_of(shard: Shard) -> Iterator[Asked]:
    """Yield the photos of a shard, with a few in memory at a time.

    Raises:
        SourceError: if the file is damaged or was removed.
    """
    try:
        with pq.ParquetFile(shard.path) as file:
            yield from _part(file, shard)
    except (OSError, pa.ArrowException) as error:
        reason = " ".join(str(error).split())
        raise SourceError(f"{shard.source}: {reason}") from None


def _part(file: Any, shard: Shard) -> Iterator[Asked]:
    wanted = [x for x in COLUMNS if x in file.schema_arrow.names]
    before, end = 0, shard.skip + shard.photos
    for batch in file.iter_batches(
        AT_ONCE, row_groups=[shard.group], columns=wanted
    ):
        low = max(shard.skip - before, 0)
        for row in batch.slice(low, max(0, end - before - low)).to_pylist():
            yield _asked(row)
        before += batch.num_rows
        if before >= end:
            return


def _asked(row: dict[str, Any]) -> Asked:
    file = row.get("file")
    if isinstance(file, bytes):  # names in a listing need not be UTF-8
        file = os.fsdecode(file)
    return Asked(row.get("bytes"), file, row.get("boxes"))


def read_listing(file: Path) -> list[str]:
    """Return the names in a listing."""
    return [os.fsdecode(x) for x in pq.read_table(file)["file"].to_pylist()]


def write_listing(names: Sequence[str], file: Path, size: int) -> None:
    """Write names of photos as a source, atomically.

    Args:
        names: relative to the input's folder.
        file: the Parquet file.
        size: rows per group, which is the size of a shard.
    """
    column = pa.array([os.fsencode(name) for name in names], pa.binary())
    write_table(pa.table({"file": column}), file, row_group_size=size)


def write_rows(rows: Sequence[Row], schema: Any, file: Path) -> None:
    """Write the rows of a shard, atomically.

    Raises:
        OSError: if the disk is full; no partial file remains.
    """
    write_table(pa.Table.from_pylist(list(rows), schema), file)


def write_table(table: Any, file: Path, **options: Any) -> None:
    """Write a table, atomically.

    An abandoned worker may still write while its replacement does, so each
    uses a different name for its partial file.
    """
    with whole_file(file) as part:
        pq.write_table(table, part, compression="zstd", **options)


def is_finished(shard: Shard, faces: Path) -> bool:
    """Whether a shard's output exists, with a row per photo."""
    try:
        return pq.read_metadata(faces / shard.name).num_rows == shard.photos
    except (OSError, pa.ArrowException):
        return False


def output_schema(tasks: Sequence[Task]) -> Any:
    """Return the columns of the output; faces have a column per task.

    Args:
        tasks: tasks of the network.
    """
    blank = {
        task.name: np.zeros(task.label_shape or (task.size,)) for task in tasks
    }
    face = face_row(make_face(tasks, blank, np.zeros(4)))
    point = {"x": pa.float32(), "y": pa.float32()}
    # A Parquet struct needs at least one field.
    nested = {
        "points": _struct(dict.fromkeys(face["points"], _struct(point))),
        "points_sigma": _numbers(face["points"]),
        "attributes": _struct(
            {k: _attribute(x) for k, x in face["attributes"].items()}
        ),
        "values": _numbers(face["values"]),
    }
    columns = {
        "box": pa.list_(pa.float32()),
        "score": pa.float32(),
        "confidence": pa.float32(),
        "head_pose": _numbers(ANGLES),
    }
    columns |= {name: kind for name, kind in nested.items() if face[name]}
    return pa.schema(
        {
            "source": pa.string(),
            "row": pa.int64(),
            "file": pa.string(),
            "width": pa.int32(),
            "height": pa.int32(),
            "faces": pa.list_(_struct(columns)),
            "error": pa.string(),
        }
    )


def _attribute(said: dict[str, Any]) -> Any:
    shares = _numbers(said["probabilities"])
    own = {"class": pa.string(), "probability": pa.float32()}
    return _struct({**own, "probabilities": shares})


def _struct(fields: dict[str, Any]) -> Any:
    return pa.struct(list(fields.items()))


def _numbers(names: Iterable[str]) -> Any:
    return _struct(dict.fromkeys(names, pa.float32()))
