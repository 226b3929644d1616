"""Words of what is counted, and names as they can be written."""

import re
import unicodedata

# Control characters, halves of characters, line and paragraph separators.
_UNSEEN = ("Cc", "Cs", "Zl", "Zp")


def plural(n: int, noun: str) -> str:
    """The noun as it stands behind a number.

    Example:

    >>> f"1 {plural(1, 'face')}, 0 {plural(0, 'photo')}"
    '1 face, 0 photos'
    """
    return noun if n == 1 else f"{noun}s"


def valid_text(name: str) -> str:
    r"""A file's name for JSON and CSV; bytes that are no UTF-8 as `\xe9`.

    Example:

    >>> valid_text("caf\udce9.jpg")
    'caf\\xe9.jpg'
    """
    return re.sub("[\ud800-\udfff]", lambda found: _escaped(found[0]), name)


def printable(name: str) -> str:
    r"""A file's name on one line of a screen, control characters escaped.

    Example:

    >>> printable("two\nlines \x1b[2J.jpg")
    'two\\nlines \\x1b[2J.jpg'
    """
    return "".join(
        _escaped(c) if unicodedata.category(c) in _UNSEEN else c for c in name
    )


def one_line(message: str) -> str:
    """A message on one line, without control characters.

    Example:

    >>> one_line("Expected this.\\n  Received: that.")
    'Expected this. Received: that.'
    """
    # No pattern of blanks round a line's end: of many blanks without one, it
    # would look at each rest of them.
    parts = (part.strip() for part in re.split(r"[\r\n]+", message.strip()))
    return printable(" ".join(part for part in parts if part))


def _escaped(character: str) -> str:
    # How Python holds a byte of a name that is no UTF-8.
    if "\udc80" <= character <= "\udcff":
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character.encode("unicode_escape").decode()
