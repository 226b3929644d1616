"""Format counted nouns, and names and messages for output."""

import re
import unicodedata

# Control characters, surrogates, line and paragraph separators.
_UNSEEN = ("Cc", "Cs", "Zl", "Zp")


def plural(n: int, noun: str) -> str:
    """Return the noun in the form for a number.

    Example:

    >>> f"1 {plural(1, 'face')}, 0 {plural(0, 'photo')}"
    '1 face, 0 photos'
    """
    return noun if n == 1 else f"{noun}s"


def valid_text(name: str) -> str:
    r"""Return a file's name for JSON and CSV; invalid UTF-8 becomes `\xe9`.

    Example:

    >>> valid_text("caf\udce9.jpg")
    'caf\\xe9.jpg'
    """
    return re.sub("[\ud800-\udfff]", lambda found: _escaped(found[0]), name)


def printable(name: str) -> str:
    r"""Return a file's name for a terminal; control characters are escaped.

    Example:

    >>> printable("two\nlines \x1b[2J.jpg")
    'two\\nlines \\x1b[2J.jpg'
    """
    return "".join(
        _escaped(c) if unicodedata.category(c) in _UNSEEN else c for c in name
    )


def one_line(message: str) -> str:
    """Return a message on one line, without control characters.

    Example:

    >>> one_line("Expected this.\\n  Received: that.")
    'Expected this. Received: that.'
    """
    # A pattern with blanks around the line end would take quadratic time in a
    # long run of blanks.
    parts = (part.strip() for part in re.split(r"[\r\n]+", message.strip()))
    return printable(" ".join(part for part in parts if part))


def _escaped(character: str) -> str:
    # Python represents an invalid byte of a name by a surrogate.
    if "\udc80" <= character <= "\udcff":
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character.encode("unicode_escape").decode()
