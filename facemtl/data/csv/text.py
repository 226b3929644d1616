"""Read the text of a CSV from a spreadsheet as rows of cells."""

import codecs
import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from facemtl.arguments import checked_path
from facemtl.data.csv.slow_reading import SlowReading
from facemtl.data.csv.table import DELIMITERS, Rows, Table
from facemtl.errors import InputError
from facemtl.files.csv_cells import read_cell
from facemtl.files.reading import MOST_LABELS, read_limited
from facemtl.files.system_errors import reason

ENDINGS = (".csv", ".tsv", ".txt")
SPREADSHEETS = (".xlsx", ".xlsm", ".xls", ".ods", ".numbers")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
SAVE = (
    "Save it as UTF-8 (Excel: 'CSV UTF-8'; LibreOffice: character set "
    "'Unicode (UTF-8)'; pandas: encoding='utf-8')."
)


def is_csv(source: str) -> bool:
    """Whether a source has the name of a CSV or a spreadsheet.

    Example:

    >>> is_csv("faces.TSV"), is_csv("data/MTFL"), is_csv("mtfl.zip")
    (True, False, False)
    """
    return source.lower().endswith((*ENDINGS, *SPREADSHEETS))


def read_table(path: str | Path) -> Table:
    """Read a CSV.

    The encoding is UTF-8, or UTF-16 with a byte order mark. Columns are
    separated by commas, semicolons, tabs or bars; the separator is recognised
    from the header, or from a first line `sep=;`.

    Args:
        path: the file.

    Raises:
        InputError: if the file is not such a CSV, or is empty.
    """
    path = checked_path("a CSV", path)
    text, delimiter = _without_sep_line(path, _read_text(path))
    delimiter = delimiter or _header_delimiter(path, text)
    try:
        # Strict, since a missing quote would swallow the rest of the file. Skip
        # blanks first, since a quote counts only at the start of a cell.
        reader = csv.reader(
            _lines(text),
            delimiter=delimiter,
            strict=True,
            skipinitialspace=True,
        )
        rows, slow = Rows(), SlowReading(path)
        for number, row in enumerate(reader, 1):
            cells = [read_cell(cell.strip()) for cell in row]
            # Spreadsheets write rows of nothing but commas at the end.
            if any(cells):
                rows.add(number, cells)
            slow.at(number)
    except csv.Error as error:
        raise InputError(
            f"{path}: expected a CSV. Received: {error}."
        ) from None
    if not rows:
        raise InputError(f"{path}: expected a header. Received: nothing.")
    rows = _without_empty_end(rows)
    return Table(path, delimiter, rows[0][1], rows[1:])


def _lines(text: str) -> Iterator[str]:
    """Yield the lines with their ends, in less memory than `io.StringIO`."""
    return (found[0] for found in _LINE.finditer(text))


def _without_empty_end(rows: Rows) -> Rows:
    """Remove columns at the end that have no name and no cells.

    Spreadsheets write such columns, and some programs write a delimiter after
    each row. A delimiter after some rows only is an error.
    """
    names = rows[0][1]
    width = max(i for i, name in enumerate(names, 1) if name)
    ends = (row[width:] for _, row in rows[1:])
    written = names[width:] or all(ends)
    if len(rows) == 1 or not written:
        return rows
    if any(any(row[width:]) for _, row in rows):
        return rows
    cut = Rows()
    for number, row in rows:
        cut.add(number, row[:width])
    return cut


def _read_text(path: Path) -> str:
    if path.suffix.lower() in SPREADSHEETS:
        raise InputError(
            f"{path}: expected a CSV. Received: a spreadsheet's own format. "
            "Save it as 'CSV UTF-8' in the spreadsheet."
        )
    try:
        data = read_limited(path, MOST_LABELS, pipes=True)
    except OSError as error:
        raise InputError(
            f"{path}: expected a CSV. Received: {reason(error)}."
        ) from None
    return _decoded(path, data)


def _decoded(path: Path, data: bytes) -> str:
    try:
        text = data.decode("utf-16" if data.startswith(UTF_16) else "utf-8-sig")
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n") + 1
        raise InputError(
            f"{path}: expected a CSV in UTF-8. Received: another encoding "
            f"(row {row}: {error}). {SAVE}"
        ) from None
    if "\0" in text or data.startswith(b"PK\x03\x04"):
        raise InputError(
            f"{path}: expected a CSV in UTF-8. Received: UTF-16 without a "
            f"byte order mark, a spreadsheet's own format, or no text. {SAVE}"
        )
    return text


def _without_sep_line(path: Path, text: str) -> tuple[str, str]:
    """Return the text after a line `sep=;`, and the delimiter or ""."""
    line, *rest = text.lstrip("\r\n").splitlines(keepends=True) or [""]
    words = line.strip('\r\n "')
    if not words.lower().startswith("sep="):
        return text, ""
    delimiter = words[4:]
    # Spreadsheets may fill the line with delimiters: `sep=;;;;`.
    if delimiter[:1] not in DELIMITERS or delimiter.strip(delimiter[0]):
        raise _unknown_delimiter(path, words)
    return "".join(rest), delimiter[0]


def _header_delimiter(path: Path, text: str) -> str:
    """Return the header's delimiter, if possible with a column `file`."""
    header = next((line for line in text.splitlines() if line.strip()), ",")
    counts: dict[str, tuple[bool, int]] = {}
    for delimiter in DELIMITERS:
        try:
            cells = next(csv.reader([header], delimiter=delimiter))
        except csv.Error:  # a cell of more than 131,072 characters
            raise _unknown_delimiter(path, header.strip()) from None
        names = [cell.strip().lower() for cell in cells]
        counts[delimiter] = "file" in names, len(names)
    best = max(counts, key=lambda delimiter: counts[delimiter])
    if counts[best] == (False, 1):
        raise _unknown_delimiter(path, header.strip())
    return best


def _unknown_delimiter(path: Path, received: str) -> InputError:
    *most, last = DELIMITERS.values()
    shown = received if len(received) <= 60 else f"{received[:60]}…"
    return InputError(
        f"{path}: expected a header of columns separated by "
        f"{', '.join(most)} or {last}. Received: {shown!r}."
    )


def joined(names: Sequence[str], most: int = 8) -> str:
    """Join names, and replace those after the first `most` by their number.

    Example:

    >>> joined(["a", "b", "c"], most=2)
    'a, b and 1 more'
    """
    more = len(names) - most
    rest = f" and {more} more" if more > 0 else ""
    return ", ".join(names[:most]) + rest
