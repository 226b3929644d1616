"""CSV cells whose text a spreadsheet would run as a formula.

A spreadsheet runs a photo's name such as `=HYPERLINK(…)`. As OWASP advises,
such cells are written with a leading apostrophe, which spreadsheets hide.
facemtl removes it when it reads the file. Numbers are written unchanged.
"""

import re
from typing import Any

# The first characters of formulas, full-width ones of East Asian keyboards too.
# Apostrophes before them count, so that reading removes exactly the added one.
_FORMULA = re.compile("'*[=+\\-@\t\r\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def written_cell(value: Any) -> Any:
    """Return a cell to write; text that may be a formula gets a leading `'`.

    Example:

    >>> written_cell("=1+1"), written_cell("-1.5"), written_cell(-1.5)
    ("'=1+1", '-1.5', -1.5)
    """
    if not isinstance(value, str) or _NUMBER.fullmatch(value):
        return value
    return f"'{value}" if _FORMULA.match(value) else value


def read_cell(text: str) -> str:
    """Return the text of a written cell: the inverse of `written_cell`.

    Example:

    >>> read_cell("'=1+1"), read_cell("'tis")
    ('=1+1', "'tis")
    """
    if text.startswith("'") and _FORMULA.match(text):
        return text[1:]
    return text
