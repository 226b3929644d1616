"""Read one of CelebA's lists: the official `.txt`, or the `.csv` of Kaggle.

| list                                        | values of a row            |
|---------------------------------------------|----------------------------|
| `list_attr_celeba`                          | -1 or 1 per attribute      |
| `list_landmarks_align_celeba`, `list_landmarks_celeba` | x, y of five points |
| `list_bbox_celeba`                          | left, top, width, height   |
| `list_eval_partition`                       | 0 train, 1 val or 2 test   |

A `.txt` starts with the number of rows and the columns' names, except
`list_eval_partition.txt`, which has only rows. A `.csv` starts with the names.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from facemtl.data.checks import BAD_CLASS, BAD_SPLIT, check_length, numbers
from facemtl.data.faces import BadRows
from facemtl.errors import InputError, RowError
from facemtl.files.reading import MOST_LABELS, read_limited
from facemtl.tasks.rules import NAME

ATTRIBUTES, PARTITION = "list_attr_celeba", "list_eval_partition"
BOXES = "list_bbox_celeba"
ALIGNED, WILD = "list_landmarks_align_celeba", "list_landmarks_celeba"
POINTS = tuple(
    f"{point}_{axis}"
    for point in ("lefteye", "righteye", "nose", "leftmouth", "rightmouth")
    for axis in "xy"
)
# The required columns; attributes may have any names.
COLUMNS = {
    ALIGNED: POINTS,
    WILD: POINTS,
    BOXES: ("x_1", "y_1", "width", "height"),
    PARTITION: ("partition",),
}
SPLITS = ("train", "val", "test")
TWICE = "photo listed twice"
_CODES = {"-1": 0, "1": 1}


class CelebaList(NamedTuple):
    """The content of one list.

    Attributes:
        path: the list.
        columns: the names of the values.
        values: {photo: one number per column}. Attributes are 0 or 1.
        rows: {photo: its row, counted from 1 as in an editor}.
    """

    path: Path
    columns: tuple[str, ...]
    values: dict[str, Sequence[float]]
    rows: dict[str, int]


def read_list(path: Path, bad: BadRows) -> CelebaList:
    """Read one of CelebA's lists.

    Args:
        path: the list, with its official name.
        bad: how to handle invalid rows.

    Raises:
        InputError: if the header or the number of rows is wrong, or at an
            invalid row.
    """
    try:
        data = read_limited(path, MOST_LABELS)
    except OSError as error:
        raise InputError(
            f"{path}: expected a list of CelebA. Received: {error.strerror}."
        ) from None
    text = data.decode("utf-8-sig", "replace")
    comma = "," if path.suffix == ".csv" else None
    lines = text.rstrip().split("\n")
    columns, start = _head(path, lines, comma)
    parse = _parser(path.stem, columns)
    values: dict[str, Sequence[float]] = {}
    rows: dict[str, int] = {}
    for number, line in enumerate(lines[start:], start + 1):
        name, *cells = line.split(comma) or [""]
        try:
            check_length(cells, len(columns))
            if name in values:
                raise RowError(TWICE, f"row {rows[name]} has it too")
            values[name] = parse(cells)
            rows[name] = number
        except RowError as error:
            where = f"{path}, row {number} ({name})"
            bad.report(where, error.reason, error.detail)
    return CelebaList(path, columns, values, rows)


def _head(
    path: Path, lines: Sequence[str], comma: str | None
) -> tuple[tuple[str, ...], int]:
    """Return the columns' names, and the number of lines before the rows."""
    expected = COLUMNS.get(path.stem)
    if comma is None and path.stem == PARTITION:
        return COLUMNS[PARTITION], 0
    start = 2 if comma is None else 1
    head = lines[start - 1] if len(lines) >= start else ""
    columns = tuple(name.strip() for name in head.split(comma))
    if columns[:1] == ("image_id",):
        columns = columns[1:]
    if not columns or (expected and columns != expected):
        raise InputError(
            f"{path}, row {start}: expected the columns "
            f"{', '.join(expected or ('image_id', 'and attributes'))}. "
            f"Received: {', '.join(columns) or 'none'}."
        )
    _check_names(f"{path}, row {start}", columns)
    if comma is None and lines[0].strip() != str(len(lines) - start):
        raise InputError(
            f"{path}: expected as many rows as its first line gives. Received: "
            f"{len(lines) - start} rows, but the line {lines[0].strip()!r}."
        )
    return columns, start


def _check_names(where: str, names: Sequence[str]) -> None:
    """Raise unless columns are distinct and valid names of tasks."""
    wrong = [n for n in names if names.count(n) > 1 or not NAME.fullmatch(n)]
    if wrong:
        raise InputError(
            f"{where}: expected distinct names of ASCII letters, digits and "
            f"'_'. Received: {', '.join(wrong)}."
        )


def _parser(
    stem: str, columns: tuple[str, ...]
) -> Callable[[list[str]], Sequence[float]]:
    """Return the function that parses a row's cells or raises `RowError`."""

    def attributes(cells: list[str]) -> Sequence[float]:
        try:
            return bytes([_CODES[cell] for cell in cells])
        except KeyError:
            # Blanks around a cell, or an invalid cell.
            return bytes(map(_code, cells, columns))

    def values(cells: list[str]) -> Sequence[float]:
        return numbers(cells, columns).tolist()

    def split(cells: list[str]) -> Sequence[float]:
        if cells[0].strip() not in ("0", "1", "2"):
            detail = f"partition is {cells[0]!r}, expected 0, 1 or 2"
            raise RowError(BAD_SPLIT, detail)
        return (int(cells[0]),)

    return {ATTRIBUTES: attributes, PARTITION: split}.get(stem, values)


def _code(cell: str, name: str) -> int:
    if cell.strip() not in _CODES:
        raise RowError(BAD_CLASS, f"{name} is {cell!r}, expected -1 or 1")
    return _CODES[cell.strip()]
