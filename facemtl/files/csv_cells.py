"""Cells of texts that a spreadsheet would take for formulas.

A photo's name such as `=HYPERLINK(…)` would be run by whoever opens the CSV. As
OWASP advises, an apostrophe is put before it, which spreadsheets do not show;
facemtl's own reader takes it away again. Numbers stay numbers.
"""

import re
from typing import Any

# What begins a formula, also in the wide signs of East Asian keyboards. Cells
# that begin with apostrophes before it get one more, so that none is lost.
_FORMULA = re.compile("'*[=+\\-@\t\r\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def written_cell(value: Any) -> Any:
    """A cell as it is written: a text that may be a formula gets a `'`.

    Example:

    >>> written_cell("=1+1"), written_cell("-1.5"), written_cell(-1.5)
    ("'=1+1", '-1.5', -1.5)
    """
    if not isinstance(value, str) or _NUMBER.fullmatch(value):
        return value
    return f"'{value}" if _FORMULA.match(value) else value


def read_cell(text: str) -> str:
    """The inverse of `written_cell`.

    Example:

    >>> read_cell("'=1+1"), read_cell("'tis")
    ('=1+1', "'tis")
    """
    if text.startswith("'") and _FORMULA.match(text):
        return text[1:]
    return text
